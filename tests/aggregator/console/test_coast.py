"""The coastline: what the tool leaves out, and what the page makes of its file."""

import math

import numpy as np

from tests.aggregator.console.test_page import open_page
from tools.coastline import AWAY_DEG, STEP_DEG, encoded, on_a_map, rings_of, thinned

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
# by any atlas; a peninsula and a gulf that a straight line would cut off; and as far north as
# Siberia and as far south as Fiji, which both lie on the date line, and Antarctica
LAND = (
    *((19.433, -99.133), (17.551, -99.505), (40.0, 116.4), (-25.0, 135.0), (28.0, -112.8)),
    *((66.5, 25.7), (67.0, -175.0), (67.0, 178.0), (-16.6, -50.0), (-80.0, 20.0), (-80.0, -90.0)),
)
SEA = (
    *((16.0, -101.5), (25.0, -90.0), (0.0, 0.0), (-40.0, 90.0), (26.5, -110.3)),
    *((67.0, 0.0), (66.0, -167.5), (62.0, 179.9), (62.0, -179.9), (-16.6, 0.0), (-60.0, -100.0)),
)


def test_a_point_on_a_straight_line_is_left_out_and_a_corner_is_not():
    between = np.linspace(SQUARE[0], SQUARE[1], 50)
    between[25, 1] += AWAY_DEG / 2

    found = thinned(np.concatenate([between, SQUARE[2:]]))

    assert 5 <= len(found) <= 6  # the corners, and the half of the ring that is always kept
    assert {tuple(point) for point in SQUARE} <= {tuple(point) for point in found}


def test_a_ring_that_is_told_the_other_way_round_is_turned():
    topology = {
        "transform": {"scale": [1.0, 1.0], "translate": [0.0, 0.0]},
        "arcs": [[[0, 0], [1, 0], [0, 1]], [[0, 0], [0, 1], [1, 0]]],
        "objects": {"land": {"geometries": [{"arcs": [[[0, ~1]]]}]}},
    }

    (ring,) = rings_of(topology)

    assert ring.tolist() == [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def test_an_outline_across_the_date_line_is_on_both_sides_of_the_map():
    ring = np.array([[179.0, 0.0], [-179.0, 0.0], [-179.0, 1.0], [179.0, 1.0], [179.0, 0.0]])

    west, east = on_a_map(ring)

    assert east[:, 0].tolist() == [179, 181, 181, 179, 179]
    assert west[:, 0].tolist() == [-181, -179, -179, -181, -181]
    assert [line.tolist() for line in on_a_map(SQUARE)] == [SQUARE.tolist()]


def test_an_outline_around_a_pole_closes_along_the_edge():
    ring = np.array([[lon, -70.0] for lon in (-180, -90, 0, 90, 180)], dtype=float)
    ring[-1, 0] = -180.0

    lines = list(on_a_map(ring))

    (line,) = lines
    assert line[:, 0].tolist() == [-180, -90, 0, 90, 180, 180, -180, -180]
    assert line[:, 1].tolist() == [-70] * 5 + [-90, -90, -70]


def test_the_page_reads_what_the_tool_writes(page, site):
    page.go(site.url)
    rings = [SQUARE * 30 - [170.0, 20.0], SQUARE[:3] * 0.1]

    found = page.run(
        "return (await import('/static/coast.js')).decode(Uint8Array.from(given[0]))"
        ".map((ring) => [...ring.points])",
        list(encoded(rings)),
    )

    assert [len(points) for points in found] == [10, 6]
    for points, ring in zip(found, rings):
        wanted = np.radians(ring)
        wanted[:, 1] = np.arcsinh(np.tan(wanted[:, 1]))
        assert np.abs(np.reshape(points, (-1, 2)) - wanted).max() <= math.radians(STEP_DEG)


def test_a_file_that_was_cut_off_ends_and_keeps_what_came(page, site):
    page.go(site.url)
    whole = list(encoded([SQUARE * 30 - [170.0, 20.0]] * 2))
    cut = [*whole[:-1], 0x80 | whole[-1]]  # within a number

    found = page.run(
        "return (await import('/static/coast.js')).decode(Uint8Array.from(given[0]))"
        ".map((ring) => [...ring.points])",
        cut,
    )

    assert [len(points) for points in found] == [10, 10]
    assert np.abs(np.subtract(found[0], found[1])).max() < 1.0


def test_land_is_land_and_sea_is_sea_from_near_and_from_afar(page, site):
    open_page(page, site)

    wrong = page.run(
        """const { Coast } = await import('/static/coast.js');
        const { View } = await import('/static/view.js');
        const coast = await new Promise((resolve) => {
            const found = new Coast(() => resolve(found));
        });
        const ctx = document.createElement('canvas').getContext('2d');
        const wrong = [];
        for (const km of [30, 300, 3000]) {
            for (const [isLand, points] of [[true, given[0]], [false, given[1]]]) {
                for (const [lat_deg, lon_deg] of points) {
                    const view = new View();
                    view.resize(800, 600);
                    const all = { left: 0, right: 0, top: 0, bottom: 0 };
                    view.fit([{ lat_deg, lon_deg }], all, km);
                    const { x, y } = view.toScreen({ lat_deg, lon_deg });
                    const found = ctx.isPointInPath(coast.pathIn(view), x, y, 'evenodd');
                    if (found !== isLand) wrong.push([km, lat_deg, lon_deg]);
                }
            }
        }
        return wrong;""",
        LAND,
        SEA,
    )

    assert wrong == []
