"""The size of an earthquake, where its place is not known well."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from groundswell import wire

from tests.vote.world import WINDOWS_S, Place, Quake, World, arrivals, grid, listening, second
from vote.decision import Decider
from vote.ground.shaking import Observed, reach_km
from vote.nodes.picks import Pick
from vote.running import sizing
from vote.search.ellipse import SIGMAS, Ellipse
from vote.waves import magnitude, travel
from vote.waves.magnitude import Size
from vote.waves.motion_model import PGV
from vote.waves.plane import Plane

MIDDLE = sizing.Place(17.0, -100.0, 8.0, second(60))
AROUND = [Place(1, 17.1, -100.1), Place(2, 16.9, -100.12), Place(3, 17.15, -99.9)]
ONE_SIDED = [Place(1, 16.9, -100.0), Place(2, 17.75, -100.0), Place(3, 17.4, -100.7)]
FAR = [Place(1, 17.6, -100.1), Place(2, 16.4, -100.1), Place(3, 17.1, -99.35)]
LONG_AFTER_US = second(200)
MPU6050_UM_S2, ADXL355_UM_S2 = 13_000, 730  # of noise, RMS in 1-12 Hz
SIGMAS_KM = 20.0, 10.0  # to the north, to the east
WIDE = Ellipse(SIGMAS * SIGMAS_KM[0], SIGMAS * SIGMAS_KM[1], 0.0)
POINT = Ellipse(0.1, 0.1, 0.0)


def votes_of(places: Sequence[Place]) -> list[Pick]:
    """Return one vote a node, without displacement: S waves alone tell the size."""
    world = listening(places)
    for place in places:
        world.trigger(place, second(64), pd_m=(0.0,) * 14)
    decider = Decider("test")
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if received_us < second(66):
            decider.hear(message, received_us)
    return decider.picks.recent()


def size_by_p(
    pd_m: float,
    quiet_um_s2: int,
    noisy: Sequence[Place] = (),
    coda_um_s2: int = 0,
    most_s: float = 40.0,
) -> Size:
    """Return the size of which nodes around, some 70 km away, see so much displacement; noisy:
    where MPU6050s see what may be their noise. coda: what the others find before the onset. most:
    of the windows that they have told."""
    world = World([])
    for places, seen_m, quiet, before in (
        (FAR, pd_m, quiet_um_s2, coda_um_s2 or quiet_um_s2),
        (noisy, 5e-4, MPU6050_UM_S2, MPU6050_UM_S2),
    ):
        world.places = list(places)
        world.alive(noise_um_s2=quiet)
        for place in places:
            p_s = arrivals(Quake(MIDDLE.lat_deg, MIDDLE.lon_deg, 6.0), place)[0]
            each_m = (seen_m,) * len(WINDOWS_S)
            world.trigger(place, second(60 + p_s), pd_m=each_m, noise_um_s2=before)
    decider = Decider("test")
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if received_us < second(76) and _window_s(message) <= most_s:
            decider.hear(message, received_us)
    nothing = Observed(*(np.zeros(0),) * 4, np.zeros(0, dtype=bool))
    return sizing.size_of(MIDDLE, POINT, decider.picks.recent(), nothing, second(76))


def _window_s(message: object) -> float:
    return WINDOWS_S[message.update] if isinstance(message, wire.Trigger) else 0.0


def shaken(
    places: Sequence[Place], size: float, lat_deg: float, lon_deg: float, errors: np.ndarray
) -> Observed:
    """Return what the nodes have measured in the end of an earthquake there."""
    lat, lon = (np.array(x) for x in zip(*((p.lat_deg, p.lon_deg) for p in places)))
    reach = reach_km(travel.distance_km(lat, lon, lat_deg, lon_deg), MIDDLE.depth_km)
    pgv = np.exp(PGV.ln_median(size + errors, reach)) / 100
    return Observed(lat, lon, 10 * pgv, pgv, np.ones(len(places), dtype=bool))


def drawn(votes: Sequence[Pick], ellipse: Ellipse, seed: int) -> tuple[float, Size]:
    """Return a magnitude and its estimate: its place drawn around the middle, amplitudes with the
    errors that magnitude.py gives them."""
    rng = np.random.default_rng(seed)
    size = float(rng.uniform(4.5, 6.5))
    north, east = np.array(SIGMAS_KM) * rng.normal(size=2)
    lat, lon = Plane(MIDDLE.lat_deg, MIDDLE.lon_deg).lift(float(east), float(north))
    errors = magnitude.PGV_SHARED_SIGMA * rng.normal()
    errors = errors + magnitude.PGV_NODE_SIGMA * rng.normal(size=len(AROUND))
    observed = shaken(AROUND, size, float(lat), float(lon), errors)
    return size, sizing.size_of(MIDDLE, ellipse, votes, observed, LONG_AFTER_US)


def share_within(votes: Sequence[Pick], ellipse: Ellipse, sigmas: float) -> float:
    rows = [drawn(votes, ellipse, seed) for seed in range(300)]
    return float(np.mean([abs(found.magnitude - m) <= sigmas * found.sigma for m, found in rows]))


def test_the_error_of_the_place_is_in_the_error_of_the_size():
    """72 and 98 %, as against 58 and 89 % when the middle is taken for the place."""
    votes = votes_of(AROUND)

    assert 0.65 <= share_within(votes, WIDE, 1) <= 0.78
    assert share_within(votes, WIDE, 2) >= 0.95
    assert share_within(votes, POINT, 2) < 0.92


def test_a_place_that_is_known_well_is_the_only_one_asked():
    votes = votes_of(AROUND)
    observed = shaken(AROUND, 5.5, MIDDLE.lat_deg, MIDDLE.lon_deg, np.zeros(3))
    nearly = Ellipse(1.2, 1.0, 30.0)

    exact = sizing.size_of(MIDDLE, POINT, votes, observed, LONG_AFTER_US)

    assert sizing.size_of(MIDDLE, nearly, votes, observed, LONG_AFTER_US) == exact
    assert sizing.size_of(MIDDLE, WIDE, votes, observed, LONG_AFTER_US).sigma > exact.sigma


def test_an_s_wave_that_may_be_still_to_come_does_not_rule():
    """From the middle it is over at the nearest node; from far beyond it has not begun there."""
    votes = votes_of(ONE_SIDED)
    observed = shaken(ONE_SIDED, 4.5, MIDDLE.lat_deg, MIDDLE.lon_deg, np.zeros(3))
    now_us = MIDDLE.origin_us + 12_000_000

    alone = sizing.size_of(MIDDLE, POINT, votes, observed, now_us)
    open_ended = sizing.size_of(MIDDLE, WIDE, votes, observed, now_us)

    assert open_ended.magnitude > alone.magnitude + 0.1  # what is small so far may grow
    assert open_ended.sigma > 1.5 * alone.sigma


def test_displacement_that_may_be_a_sensors_noise_makes_no_earthquake_large():
    """An MPU6050's noise alone looks like M 7: aftershocks were told as such, with a level."""
    assert size_by_p(5e-4, ADXL355_UM_S2).magnitude > 6.5
    assert size_by_p(7.6e-4, MPU6050_UM_S2) == magnitude.combine()
    assert size_by_p(8e-4, MPU6050_UM_S2) == size_by_p(8e-4, ADXL355_UM_S2)


def test_the_coda_of_a_foreshock_is_no_noise_of_the_sensor():
    """An M7 in it was told as M5.4 for seconds."""
    assert size_by_p(5e-4, ADXL355_UM_S2, coda_um_s2=20_000) == size_by_p(5e-4, ADXL355_UM_S2)


def test_what_moves_the_ground_at_an_onset_in_a_coda_makes_no_earthquake_large():
    """An M5 in the coda of Ridgecrest's M7.1 was told as M7.2, by 0.2 s at one node."""
    in_calm, in_coda = (
        [size_by_p(3e-4, ADXL355_UM_S2, coda_um_s2=coda, most_s=s) for s in (0.15, 0.5)]
        for coda in (0, 8_000)
    )

    assert in_calm[0].magnitude > 6.5
    assert in_coda == [Size(magnitude.PRIOR_MEAN, magnitude.PRIOR_SIGMA), in_calm[1]]


def test_displacement_within_the_noise_tells_how_small_an_earthquake_is():
    small = size_by_p(1e-5, ADXL355_UM_S2)

    assert small.magnitude < magnitude.PRIOR_MEAN - 0.5
    assert small == size_by_p(1e-5, 0)


def test_many_noisy_nodes_do_not_silence_those_that_hear_the_p_wave():
    turns = np.linspace(0, 2 * np.pi, magnitude.MOST_NODES + 8, endpoint=False)
    noisy = [
        Place(10 + k, 17 + 0.5 * np.cos(a), -100 + 0.5 * np.sin(a)) for k, a in enumerate(turns)
    ]

    assert size_by_p(5e-4, ADXL355_UM_S2, noisy) == size_by_p(5e-4, ADXL355_UM_S2)


def test_velocity_that_may_be_a_sensors_noise_makes_no_earthquake_large():
    votes = votes_of(AROUND)

    def sized(size: float, share_of_noise: float) -> Size:
        observed = shaken(AROUND, size, MIDDLE.lat_deg, MIDDLE.lon_deg, np.zeros(3))
        noise_mps2 = observed.pgv_mps / (0.43 * share_of_noise)
        noisy = replace(observed, noise_mps2=noise_mps2)
        return sizing.size_of(MIDDLE, POINT, votes, noisy, LONG_AFTER_US)

    assert sized(6.5, 0.99) == magnitude.combine()
    assert abs(sized(6.5, 1.01).magnitude - 6.5) < 0.1
    assert sized(4.0, 0.99) == sized(4.0, 1.01)  # it is no larger than that


def test_one_node_that_is_hit_is_not_the_size_where_the_others_stay_within_their_noise():
    places = grid(3, 20)
    votes = votes_of(AROUND)
    observed = shaken(places, 4.0, MIDDLE.lat_deg, MIDDLE.lon_deg, np.zeros(9))
    still = replace(observed, pgv_mps=np.full(9, 5e-3), noise_mps2=np.full(9, 0.013))
    hit = replace(still, pgv_mps=np.array([0.3, *still.pgv_mps[1:]]))

    sizes = [sizing.size_of(MIDDLE, POINT, votes, o, LONG_AFTER_US) for o in (still, hit)]

    assert abs(sizes[1].magnitude - sizes[0].magnitude) < 0.3


def test_a_nodes_noise_in_calm_stands_beside_what_it_measured():
    places = grid(3, 20)
    world = World(places)
    world.alive(noise_um_s2=ADXL355_UM_S2)
    world.shake(Quake(MIDDLE.lat_deg, MIDDLE.lon_deg, 6.0))
    decider = Decider("test")
    world.play(decider)

    observed = decider.known.events[0].observed(decider.fleet, second(120))

    assert len(observed.pgv_mps) == len(places)
    assert np.allclose(observed.noise_mps2, ADXL355_UM_S2 / 1e6)


def test_of_many_votes_the_longest_windows_before_the_s_wave_tell_the_size():
    """Whoever need not be asked would not have counted."""
    places, rng = grid(12, 12), np.random.default_rng(2)
    world = listening(places)
    for place in places:
        p_s = arrivals(Quake(MIDDLE.lat_deg, MIDDLE.lon_deg, 6.0), place)[0]
        pd_m = (10 ** rng.normal(-4.5, 0.3, len(WINDOWS_S))).tolist()
        world.trigger(place, second(60 + p_s), pd_m=pd_m)
    for until_s in (72, 76, 90):
        decider = Decider("test")
        for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
            if received_us < second(until_s):
                decider.hear(message, received_us)
        votes = decider.picks.recent()
        nothing = Observed(*(np.zeros(0),) * 4, np.zeros(0, dtype=bool))

        found = sizing.size_of(MIDDLE, POINT, votes, nothing, second(until_s))

        rows = [row for pick in votes if (row := before_s(pick)) is not None]
        pd_m, apart, window_s = np.array([rows]).T.swapaxes(1, 2)
        by_p = magnitude.from_displacements(pd_m, np.hypot(apart, MIDDLE.depth_km), window_s)
        assert found == magnitude.combine(*by_p) and len(rows) > magnitude.MOST_NODES


def before_s(pick: Pick) -> tuple[float, float, float] | None:
    """Return displacement, distance and window of the last report before the S wave."""
    node = pick.node
    apart = travel.one_km(MIDDLE.lat_deg, MIDDLE.lon_deg, node.lat_deg, node.lon_deg)
    p_s = travel.one_p_s(apart, MIDDLE.depth_km)
    after_s = (pick.onset_us - MIDDLE.origin_us) / 1e6
    until_s = max(travel.VP_OVER_VS * p_s - after_s, 1.0)
    known = [r for r in pick.reports if r.window_s <= until_s]
    return (known[-1].pd_m, apart, known[-1].window_s) if known else None
