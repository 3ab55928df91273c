"""Areas of an alert when nobody names any: fine where it matters, few enough to send."""

import h3
import pytest

from tests.vote.world import Quake, grid, listening
from vote.decision import Decider
from vote.ground.cells import FINEST, MAX_CELLS, cells_around
from vote.judge import quorum
from vote.nodes.fleet import Fleet
from vote.search import source


@pytest.mark.parametrize("magnitude", [2.0, 4.5, 5.5, 6.0, 6.5, 7.5, 9.0])
def test_the_cells_are_few_and_no_cell_lies_within_another(magnitude: float):
    cells = cells_around(17.03, -99.95, magnitude)
    names = {cell.area_id for cell in cells}

    assert 1 <= len(cells) == len(names) <= MAX_CELLS
    for name in names:
        assert h3.cell_to_parent(name) not in names
    assert len(cells) > MAX_CELLS - 6 or {h3.get_resolution(n) for n in names} == {FINEST}


def test_a_sixth_magnitude_has_the_finest_cells_and_a_seventh_has_them_near_its_source():
    six = {h3.get_resolution(cell.area_id) for cell in cells_around(17.03, -99.95, 6.0)}
    seven = cells_around(17.03, -99.95, 7.0)

    assert six == {FINEST}
    assert h3.get_resolution(seven[0].area_id) == FINEST
    assert h3.get_resolution(seven[-1].area_id) == FINEST - 1
    assert h3.latlng_to_cell(17.03, -99.95, FINEST) in {cell.area_id for cell in seven}


def test_an_alert_stays_below_64_kb_at_any_size():
    world = listening(grid(4, 30))
    world.shake(Quake(17.03, -99.95, 7.5))

    alerts = world.play(Decider("v"))

    assert alerts and max(len(alert.as_json()) for alert in alerts) < 64_000


def test_no_votes_have_no_live_nodes_around_them():
    """Once an earthquake lost its last vote, the maximum of nothing was taken."""
    found = source.Source(
        17.0, -100.0, 8.0, 0.0, 5.0, 0.2, None, 0.0, 5.0, None, None, None, None,  # type: ignore[arg-type]
    )  # fmt: skip

    assert quorum.live_inside(found, [], Fleet(), 0, 0) == 0
