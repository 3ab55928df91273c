"""What the node's work costs on an ESP32, by the model of tools/xtensa.

    .venv/bin/python -m tools.device_cycles

Kernels: their machine code, instruction by instruction. With MicroPython for ARM there
(`make everything`) also what is around them: the interpreter and its runtime, in instructions
executed for ARM, which an ESP32 is taken to need CYCLES_PER_INSTRUCTION cycles each for, because
it reads them from flash through a cache: an assumption, not a measurement.
"""

import sys
import tempfile
from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np
from groundswell import detector, model, motion, onset, wire

from tools import arm_instructions, build_firmware
from tools.xtensa.kernels import HERTZ, Cost, Device

RATE_HZ = 125
LSB_NM_S2 = 38246  # ADXL355
BLOCK = 4  # samples; reporter.BLOCK_US
SECONDS = 12
CYCLES_PER_INSTRUCTION = 2
FILTERS = ("groundswell.filters.", "groundswell.sta_lta.", "groundswell.motion.load")
MODELS = sorted((build_firmware.FIRMWARE / "models").glob("*.tflite"))

# One round each; sys.argv[1] rounds. Quiet ground asks no judge, and nine tenths of a start would
# be the reading of its model.
QUIET_BLOCK = f"""
import gc, sys
from array import array
from groundswell import clock, reporter
who = reporter.Identity(1, 2, 3, 4, 5, 1)
node = reporter.Reporter(who, {1000 * RATE_HZ}, {LSB_NM_S2}, clock.Clock(), judge=object())
counts = array("i", [(i * 7919 % 97) - 48 for i in range({3 * BLOCK})])
ticks = 1000000
gc.collect()  # what the start left behind is not a block's
for _ in range(int(sys.argv[1])):
    ticks += {BLOCK * 1000000 // RATE_HZ}
    node.add_block(counts, {BLOCK}, ticks)
"""
TRIGGER_FRAME = f"""
import sys
from groundswell import seal, wire
trigger = wire.Trigger(*([1] * {len(wire.Trigger._fields)}))
key = seal.Seal(bytes(seal.KEY_BYTES))
for _ in range(int(sys.argv[1])):
    key.seal(wire.encode(trigger))
"""


def sample_costs() -> dict[str, Cost]:
    """Return what one sample of three axes costs, by kernel: quiet ground, blocks as in a node."""
    rng = np.random.default_rng(1)
    range_counts = motion.range_counts(wire.SENSOR_ADXL355)
    one = detector.Detector(1000 * RATE_HZ, LSB_NM_S2, range_counts)
    device = Device()
    device.install()
    samples = SECONDS * RATE_HZ // BLOCK * BLOCK
    counts = rng.normal(0, 60, 3 * samples) + np.tile((0, 0, 256000), samples)
    for at in range(0, samples, BLOCK):
        block = array("i", counts[3 * at : 3 * (at + BLOCK)].astype(np.int32).tobytes())
        one.take(block, 0, BLOCK)
    device.remove()
    return {
        name: Cost(cost.instructions // samples, cost.cycles // samples)
        for name, cost in device.costs.items()
    }


def inference_cost(file: bytes) -> Cost:
    network = model.Model(file)
    device = Device()
    device.install()
    samples = np.random.default_rng(2).integers(-128, 128, network.input_count)
    cost = device.cost_of(network.run, samples.astype(np.int8).tobytes())
    device.remove()
    return cost


def onset_cost() -> Cost:
    """Return what the onset of a message costs, a second after the pick: the most."""
    one, ring = onset.Beginning(1000 * RATE_HZ), motion.new_ring(1000 * RATE_HZ)
    places = len(ring) - 1
    ring[1:] = array("i", [32 + 4 * max(0, i - places + 200) for i in range(places)])
    device = Device()
    device.install()
    one.of(ring, places - RATE_HZ, 0, places)
    device.remove()
    of_each = device.costs.values()
    return Cost(sum(cost.instructions for cost in of_each), sum(cost.cycles for cost in of_each))


def around(script: str, folder: Path, seconds: float) -> str:
    instructions = arm_instructions.a_round(script, folder / "armv7emsp")
    cycles = instructions * CYCLES_PER_INSTRUCTION
    return (
        f"{instructions:.0f} instructions on ARM, {cycles / HERTZ * 1000:.2f} ms,"
        f" {100 * cycles / HERTZ / seconds:.1f} % of the core"
    )


def share(cycles: float) -> str:
    return f"{100 * cycles * RATE_HZ / HERTZ:.2f} % of the core"


def main(say: Callable[[str], object] = print) -> None:
    costs = sample_costs()
    say(f"ESP32 at {HERTZ // 1000000} MHz, modelled; {RATE_HZ} Hz, three axes, a sample:")
    for name, cost in sorted(costs.items(), key=lambda item: -item[1].cycles):
        say(f"  {name:32} {cost.instructions:6} instructions {cost.cycles:6} cycles")
    of_filters = sum(cost.cycles for name, cost in costs.items() if name.startswith(FILTERS))
    every = sum(cost.cycles for cost in costs.values())
    say(f"  filters and STA/LTA {of_filters} cycles, {share(of_filters)}")
    say(f"  with peaks, rings and the model's window {every} cycles, {share(every)}")
    for path in MODELS:
        say(f"one inference of {path.name}: {inference_cost(path.read_bytes())}")
    say(f"the onset of a message, kernels: {onset_cost()}")
    if not arm_instructions.HOME.exists():
        say("interpreter: needs MicroPython for ARM, `make everything` gets it")
        return
    with tempfile.TemporaryDirectory() as folder:
        build_firmware.build(Path(folder), "armv7emsp")
        block_s = BLOCK / RATE_HZ
        say(f"a quiet block of {BLOCK} samples, interpreter and kernels:")
        say("  " + around(QUIET_BLOCK, Path(folder), block_s))
        say("a trigger frame with its HMAC-SHA256:")
        say("  " + around(TRIGGER_FRAME, Path(folder), 1.0) + " at one a second")


if __name__ == "__main__":
    sys.exit(main())
