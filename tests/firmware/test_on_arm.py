"""The kernels as a Pico 2 compiles them: a MicroPython for 32-bit ARM (Thumb-2) under qemu-user.

viper is compiled anew for each processor, and has been wrong on one and right on another: see
test_viper_registers.py.
"""

import subprocess
from pathlib import Path

import pytest

from system.micropython import ROOT, environment, runs_with_32_bits

PROGRAM = ROOT / "build" / "micropython-armhf" / "micropython"
HOW_TO_GET_IT = "needs MicroPython for ARM: `make everything` gets it"
LIMIT_S = 300


@pytest.fixture(scope="module")
def arm() -> Path:
    if not runs_with_32_bits(PROGRAM):
        pytest.skip(HOW_TO_GET_IT)
    return PROGRAM


@pytest.mark.parametrize(
    ("module", "function"),
    [
        ("test_filters", "test_a_low_pass_lets_a_constant_through"),
        ("test_filters", "test_an_integrator_forgets_a_constant_and_follows_a_slope"),
        ("test_sta_lta", "test_while_it_warms_up_the_long_average_is_the_plain_mean"),
        ("test_inference", "test_requantisation_of_sums_is_the_big_integers_in_20000_cases"),
        ("test_inference", "test_a_model_answers_as_litert_did_and_again"),
    ],
)
def test_what_holds_elsewhere_holds_on_arm(module: str, function: str, arm: Path) -> None:
    surroundings = environment()
    surroundings["MICROPYPATH"] = f"{ROOT / 'tests' / 'shared'}:{surroundings['MICROPYPATH']}"
    command = [arm, "-c", f"import {module}; {module}.{function}(); print('passed')"]

    run = subprocess.run(
        command, env=surroundings, capture_output=True, text=True, timeout=LIMIT_S
    )

    assert run.stdout == "passed\n", run.stdout + run.stderr
