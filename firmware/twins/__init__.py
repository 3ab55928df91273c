"""Every kernel once more, in NumPy, and written from what it is to compute, not from its text.

They are the back end of inference on a Raspberry Pi with 32 bits, for which LiteRT has no wheel
(`install`), and the oracle against which the tests hold what each processor makes of the kernels.
What has feedback (filters, averages) is a loop here too, and slower than the kernel itself under
CPython: only the layers of networks are worth installing.
"""

from firmware.twins import layers, samples, signals, windows
from groundswell import kernel

TWINS = {
    f"{place}.{twin.__name__}": twin
    for place, twins in (
        ("groundswell.filters", (signals.biquad,)),
        ("groundswell.sta_lta", (signals.follow,)),
        ("groundswell.detector", (signals.change_point,)),
        ("groundswell.onset", (signals.pieces, signals.beginnings)),
        ("groundswell.motion", (signals.load, signals.peaks, signals.largest)),
        ("groundswell.window", (windows.envelope, windows.levels, windows.scale)),
        ("groundswell.recorder", (samples.store, samples.read)),
        ("groundswell.inference", (layers.convolve, layers.convolve_depthwise)),
        (
            "groundswell.elementwise",
            (
                layers.add,
                layers.add_alike,
                layers.pool,
                layers.look_up,
                layers.pad,
                layers.move_in,
                layers.move_out,
            ),
        ),
        ("firmware.sensors.unpack", (samples.unpack_16, samples.same_run)),
        ("firmware.sampler", (samples.turn,)),
        ("firmware.sensors.adxl355", (samples.first_x, samples.unpack_20)),
        ("firmware.sensors.lsm6dso", (samples.unpack_tagged,)),
    )
    for twin in twins
}
_WORTH_IT = ("groundswell.inference.", "groundswell.elementwise.")


def name_of(one: "kernel.Kernel") -> str:
    return f"{one.plain.__module__}.{one.plain.__name__}"


def install() -> None:
    """Let the layers of networks run in NumPy from now on."""
    for one in kernel.KERNELS:
        if name_of(one).startswith(_WORTH_IT):
            one.run = TWINS[name_of(one)]
