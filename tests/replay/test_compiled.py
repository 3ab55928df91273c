"""Compiled kernels say what plain ones say, byte for byte; the device's say so in tests/shared."""

import pytest
from groundswell import kernel
from test_reporter import CHECKSUMS, checksum_at

from replay.compiled import warm_up


@pytest.mark.parametrize("rate_hz", CHECKSUMS)
def test_every_byte_is_that_of_the_plain_kernels(rate_hz: int, compiled: None) -> None:
    assert all(one.run is not one.plain for one in kernel.KERNELS)
    assert checksum_at(rate_hz) == CHECKSUMS[rate_hz]


def test_after_warming_up_an_earthquake_compiles_nothing(compiled: None) -> None:
    warm_up()
    before = [len(one.run.signatures) for one in kernel.KERNELS]

    warm_up()

    assert [len(one.run.signatures) for one in kernel.KERNELS] == before
    judged = {one.plain.__name__ for one in kernel.KERNELS if one.run.signatures}
    assert {"convolve", "change_point", "follow"} <= judged
