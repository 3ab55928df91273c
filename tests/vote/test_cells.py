"""Areas of an alert when nobody names any: fine where it matters, few enough to send."""

import h3
import pytest

from tests.vote.world import Quake, grid, listening
from vote import quorum, source
from vote.cells import FINEST, MAX_CELLS, cells_around
from vote.decision import Decider
from vote.fleet import Fleet


@pytest.mark.parametrize("magnitude", [2.0, 4.5, 5.5, 6.0, 6.5, 7.5, 9.0])
def test_the_cells_are_the_finest_that_are_few_enough(magnitude: float):
    resolution, cells = cells_around(17.03, -99.95, magnitude)

    assert 1 <= len(cells) <= MAX_CELLS
    assert {h3.get_resolution(cell.area_id) for cell in cells} == {resolution}
    assert resolution == FINEST or len(h3.cell_to_children(cells[0].area_id)) * len(cells) > 300


def test_a_sixth_magnitude_has_the_finest_cells_and_keeps_coarser_ones_once_it_had_them():
    assert cells_around(17.03, -99.95, 6.0)[0] == FINEST
    assert cells_around(17.03, -99.95, 5.0, finest=4)[0] == 4


def test_an_alert_stays_below_64_kb_at_any_size():
    world = listening(grid(4, 30))
    world.shake(Quake(17.03, -99.95, 7.5))

    alerts = world.play(Decider("v"))

    assert alerts and max(len(alert.as_json()) for alert in alerts) < 64_000


def test_no_votes_have_no_live_nodes_around_them():
    """Once an earthquake lost its last vote, the maximum of nothing was taken."""
    found = source.Source(
        17.0, -100.0, 8.0, 0.0, 5.0, 0.2, 0.0, 5.0, None, None, None,  # type: ignore[arg-type]
    )  # fmt: skip

    assert quorum.live_inside(found, [], Fleet(), 0, 0) == 0
