"""One simulated earthquake from its seed to its line, by the real vote."""

import numpy as np
import pytest

from replay.intensity import mmi_of_pga
from study.networks import NETWORKS
from study.outcome import outcome_of
from study.plan import PLAIN, Piece, pieces
from study.shocks import drawn_quake
from study.work import done


@pytest.fixture(scope="module")
def line():
    return done(Piece("quake", "region-20", "plain", 4, 6))


def test_a_moderate_earthquake_within_the_network_is_declared_once_and_near(line):
    assert line["declared"] and line["duplicates"] == line["wrong"] == 0
    assert 2 < line["after_origin_s"] < 8
    assert line["final_km"] < 15
    assert abs(line["final_magnitude_error"]) < 1
    assert 0.1 < line["final_magnitude_sigma"] < line["first_magnitude_sigma"] < 2
    assert line["final_in_ellipse"] in (True, False)


def test_the_rules_hear_the_same_and_places_are_counted_alike(line):
    assert any(rule["declared"] for rule in line["rules"].values())
    warned = line["warned"]
    assert warned["groundswell"][1] == warned["PLUM-like"][1] == warned["persistence"][1] > 0
    within = line["within_one"]
    assert within["groundswell"][1] == within["PLUM-like"][1] > 0


def test_what_is_never_declared_is_missed_with_no_figure_invented():
    network = NETWORKS["region-20"]
    quake = drawn_quake(network, 4, 6)

    found = outcome_of(network, quake, [], None)

    assert not found.declared and found.after_origin_s is None and found.rules == {}
    hits, trials = found.within_one["groundswell"]
    mmi = np.array([mmi_of_pga(float(pga)) for pga in quake.pga_mps2])
    assert trials == (mmi >= 3).sum()
    assert hits == 0
    assert found.nodes_strong == ((mmi >= 5) & ~quake.is_dead).sum()


def test_magnitudes_cover_the_range_evenly_and_each_piece_comes_once():
    network = NETWORKS["coast-20"]
    sizes = [drawn_quake(network, number, 40).magnitude for number in range(40)]
    keys = [piece.key for piece in pieces(80, 8)]
    early = [piece for piece in pieces(800, 40)[:100] if piece.variant == "plain"]

    assert np.allclose(sorted(sizes), sizes)
    assert sizes[0] < 3.7 and sizes[-1] > 7.6
    assert len(keys) == len(set(keys))
    assert sum(key.startswith("quake") and "/plain/" in key for key in keys) == 80
    # what an early end leaves is a sample of the whole
    assert {piece.kind for piece in early} == {"quake", "year"}
    shares = [piece.number / piece.of for piece in early if piece.kind == "quake"]
    assert 0.35 < np.mean(shares) < 0.65


def test_what_is_left_out_is_tried_on_the_plain_ones_earthquakes():
    shared = {(p.kind, p.network, p.number, p.of) for p in pieces(80, 40) if p.variant == "plain"}
    others = [p for p in pieces(80, 40) if p.variant == "no silence"]

    assert {p.kind for p in others} == {"quake", "year"}
    assert all((p.kind, p.network, p.number, p.of) in shared for p in others)
    sizes = [p.number / p.of for p in others if p.kind == "quake"]
    assert min(sizes) < 0.1 and max(sizes) >= 0.5


@pytest.mark.parametrize(
    ("network", "number"), [("region-20", 448), ("coast-20", 156), ("town-10", 385)]
)
def test_an_earthquake_that_a_plane_happens_to_fit_better_is_not_taken_back(
    network: str, number: int
):
    """With four to nine nodes and onsets off by a second; each was told twice once."""
    line = done(Piece("quake", network, PLAIN, number, 500))

    assert (line["declared"], line["duplicates"]) == (True, 0)
