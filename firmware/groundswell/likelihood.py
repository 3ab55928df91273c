"""How probable it is that a detection is an earthquake, from what its Trigger says.

    p = 1 / (1 + 2 ** -(score / 4096)),  score = BIAS + sum of weight * feature,  in integers

at even odds: p / (1 - p) is how many times more often such a trigger comes from an earthquake than
from anything else; how often either happens is the vote's business. Features are logarithms, so
the unit of each only shifts the bias. The trained network of a later version takes this place.
"""

# python -m training.fit_p_quake ../shared/data
# On events that it was not fitted to, at the first message: p >= 0.2 for all of 302 earthquake
# triggers and for 7.6 % of 410 of noise records; p >= 0.5 for 97.7 % and 5.1 %. After 3 s:
# p >= 0.8 for 98.3 % and 8.3 %. The ratio's weight came out below zero and is kept at zero.
BIAS = 220552
WEIGHTS = (0, -1001, -160, -200, 208)

LOUD_UM_S2 = 20000  # an MPU6050 gives 13,000 in 1-12 Hz by itself; worn sensors some 150,000

_ONE = 4096  # score of one bit
_STEPS = 8  # table places a bit
_MOST = 9  # bits: nobody is ever surer than 998 of 1000

# round(1000 / (1 + 2 ** (-i / 8))) for i = 0 .. 72
# fmt: off
_TABLE = (
    500, 522, 543, 565, 586, 607, 627, 647, 667, 686, 704, 722, 739, 755, 771, 786, 800,
    814, 826, 838, 850, 861, 871, 880, 889, 897, 905, 912, 919, 925, 931, 936, 941, 946,
    950, 954, 958, 961, 964, 967, 970, 972, 974, 976, 978, 980, 982, 983, 985, 986, 987,
    988, 989, 990, 991, 992, 992, 993, 993, 994, 995, 995, 995, 996, 996, 996, 997, 997,
    997, 997, 998, 998, 998,
)
# fmt: on


def features(
    ratio_milli: int, noise_um_s2: int, pga_um_s2: int, pgv_nm_s: int, pd_nm: int, age_us: int
) -> "tuple[int, ...]":
    """Return 16 * log2 of: ratio, noise, period of the acceleration, of the velocity, age.

    age_us: from the onset to the last sample. The periods are pgv / pga and pd / pgv: what people
    do is slower than a local P wave. The size of the motion itself is left out on purpose: most of
    what is not an earthquake in the recordings is strong, and a strong earthquake must not be
    doubted for that. For the same reason noise counts only where no wall is so loud: the worst
    sensor's own is below.
    """
    pgv = log2_16(pgv_nm_s)
    return (
        log2_16(ratio_milli),
        log2_16(max(noise_um_s2, LOUD_UM_S2)),
        pgv - log2_16(pga_um_s2),
        log2_16(pd_nm) - pgv,
        log2_16(16 + age_us // 62500),
    )


def p_quake_permille(found: "tuple[int, ...]") -> int:
    """Return the probability for these features, 2 to 998."""
    score = BIAS
    for weight, feature in zip(WEIGHTS, found):
        score += weight * feature
    index = min(_MOST * _STEPS, abs(score) * _STEPS // _ONE)
    p = _TABLE[index]
    return p if score >= 0 else 1000 - p


def log2_16(x: int) -> int:
    """Return 16 * log2(x), rounded down, for x >= 1 (0 below); linear between powers of two."""
    if x < 1:
        return 0
    bits = -1
    rest = x
    while rest:
        rest >>= 1
        bits += 1
    return 16 * bits + ((x << 4) >> bits) - 16
