"""In place of the trained judge where the model cannot be used: the node says so, and goes on.

Every rise of STA/LTA is then as probably an earthquake as not, which a quiet place says and a busy
one keeps to itself. So the node is in FAULT: its silence counts for nothing.
"""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from array import array

EVEN_PERMILLE = 500


class Undecided:
    def p_permille(self, window: "array[int]", age_us: int, noise_um_s2: int) -> int:
        return EVEN_PERMILLE
