"""The report: every figure from the lines, in both languages, with the plots of the page."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from failure import Failure
from study import coverage, figures, report, variants
from study.run import RESULTS, read_lines

QUAKE = {
    "kind": "quake", "variant": "plain", "network": "region-20", "quake": "q", "depth_km": 8.0,
    "weight": 1.0, "nodes_live": 44, "nodes_strong": 5, "declared": True, "after_origin_s": 4.0,
    "after_third_p_s": 0.5, "after_fourth_p_s": 0.1, "first_km": 3.0, "final_km": 1.0,
    "first_magnitude_error": -0.4, "final_magnitude_error": 0.2, "final_sigma_km": 2.0,
    "first_magnitude_sigma": 0.5, "final_magnitude_sigma": 0.15,
    "first_in_ellipse": False, "final_in_ellipse": True,
    "duplicates": 0, "wrong": 0, "wrong_above_none": 0,
    "within_one": {
        "groundswell": [9, 10], "groundswell, when S comes": [8, 10], "PLUM-like": [5, 10],
        "PLUM-like, when S comes": [5, 10], "persistence, when S comes": [4, 10],
    },
    "warned": {"groundswell": [3, 4], "PLUM-like": [2, 4], "persistence": [1, 4]},
    "rules": {"four": {"declared": 1, "wrong": 1, "after_origin_s": 6.0}},
}  # fmt: skip
YEAR = {
    "kind": "year", "variant": "plain", "network": "region-20", "nodes": 49, "triggers": 1,
    "played": {"chance": 200, "thunder": 20}, "false": {"chance": 0, "thunder": 1},
    "above_none": {"chance": 0, "thunder": 0}, "by_rules": {"four": 3},
}  # fmt: skip


def lines() -> list[dict]:
    sizes = (3.6, 4.6, 5.6, 6.6)
    quakes = [{**QUAKE, "magnitude": size, "key": str(size)} for size in sizes]
    missed = {**QUAKE, "magnitude": 7.0, "key": "x", "declared": False, "after_origin_s": None}
    missed |= {"first_magnitude_error": None, "final_magnitude_error": None}
    missed |= {"first_magnitude_sigma": None, "final_magnitude_sigma": None, "quake": "r"}
    other = {**quakes[0], "variant": "no silence", "key": "y", "after_origin_s": 4.5}
    others = [other, {**missed, "variant": "no silence", "key": "w"}]
    plain = {**YEAR, "key": "year/region-20/plain/0/25"}
    without = {**YEAR, "variant": "no silence", "key": "year/region-20/no silence/0/25"}
    without |= {"false": {"chance": 4, "thunder": 1}, "by_rules": None}
    unshared = {**YEAR, "key": "year/region-20/plain/1/25", "by_rules": None}
    return [*quakes, missed, *others, plain, without, unshared]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("report")
    text = "".join(json.dumps(line) + "\n" for line in lines())
    (out / RESULTS).write_text(text + '{"key": "cut o')
    bounds = {f"{name}_km": 5.0 for name in ("least_squares", "bound", "bound_depth_unknown")}
    bounds |= {"first_km": 12.0, "stated_sigma_km": 9.0, "bound_crust_unknown_km": 21.3}
    bounds |= {"s_known": 1, "bound_s_known_km": 9.9}
    (out / "first.json").write_text(json.dumps([{"event_id": "mx1", "sites": 3, **bounds}]))
    assert report.main(["--out", str(out), "--first-places", str(out / "first.json")]) == 0
    return out


def test_shares_and_rates_are_those_of_the_lines():
    missed = dict(zip(figures.ROWS, dict(figures.by_network(lines()))["all"]))

    assert missed["missed where MMI ≥ V at 3 nodes"].text == "20.0 %"
    assert missed["MMI within one, final"].text == "90.0 %"
    assert figures.false_rate(lines()).text == f"{2 / 0.98:.2f}"
    assert dict(figures.by_rule(lines()))["four"][2].of.startswith("5 in 5;")


def test_rules_are_counted_on_the_years_that_they_heard():
    assert dict(figures.by_rule(lines()))["four"][3].of.startswith("3 in 0.5;")


def test_a_variant_is_compared_with_the_plain_one_on_its_own_earthquakes_and_years():
    more = [{**line, "key": f"{line['key']}+", "quake": "s"} for line in lines()[:1]]
    more.append({**more[0], "variant": "no silence", "key": "v", "after_origin_s": 4.7})
    cells = dict(zip(variants.COLUMNS, variants.by_variant([*lines(), *more])[1][2]))

    assert cells["earthquakes"].of == "3 of the plain one's"
    assert cells["missed / by the plain one"].text == "33.3 % / 1 of 3"
    assert cells["later than the plain one"].text == "+0.60 s"
    assert cells["later than the plain one"].of.startswith("2;")
    assert cells["false a year, 100 nodes"].of.startswith("5 in 0.5;")
    assert cells["in the plain one's same"].of.startswith("1 in 0.5;")


def test_stated_errors_are_compared_with_true_ones():
    cells = [row[0].text for _, row in coverage.by_network(lines())]

    # errors of -0.4 and 0.2, sigmas of 0.5 and 0.15: one within one, one within two
    assert cells == ["0.0 %", "100.0 %", "100 % / 100 %", "0 % / 100 %", "100 % / 100 %"]


def test_a_study_that_did_not_keep_its_errors_has_no_figure_of_them():
    old = [{**QUAKE, "magnitude": 5.0, "key": "old"}]
    for name in ("first_magnitude_sigma", "final_magnitude_sigma"):
        del old[0][name]

    assert {row[0].text for _, row in coverage.by_network(old)} == {"-"}


def test_a_line_that_was_cut_off_is_left_out(folder: Path):
    assert len(read_lines(folder / RESULTS)) == len(lines())


def test_page_and_markdown_say_the_same_figures(folder: Path):
    page, text = ((folder / f"report.{kind}").read_text() for kind in ("html", "md"))

    rare = "great earthquake far away 0.1"  # once in ten years, and not "0"
    for figure in ("20.0 %", "4.0 / 4.0 s", "thunder", "no silence", rare):
        assert figure in page and figure in text


def test_every_row_and_column_has_a_name_for_a_screen_reader(folder: Path):
    page = (folder / "report.html").read_text()

    for part in page.split("<tbody>")[1:]:
        rows = part.split("</tbody>")[0].split("<tr>")[1:]
        assert rows and all(row.startswith('<th scope="row">') for row in rows)


def test_plots_take_their_colours_from_the_page(folder: Path):
    page = (folder / "report.html").read_text()

    assert page.count("<svg") == 7
    assert "var(--ink)" in page and "#010203" not in page
    assert "http://www.w3.org" in page and 'src="http' not in page
    for part in page.split("<figure>")[1:]:
        ET.fromstring(part.split("</figure>")[0])


def test_what_bounds_the_first_place_has_a_row_for_each_earthquake(folder: Path):
    text = (folder / "report.md").read_text()

    assert "| mx1, 3 sites | 12.0 | 9.0 | 5.0 | 5.0 | 5.0 | 21.3 |" in text


def test_pictures_stand_beside_the_markdown(folder: Path):
    for line in (folder / "report.md").read_text().splitlines():
        if line.startswith("!["):
            name = line.split("](")[1].rstrip(")")
            assert (folder / name).read_bytes().startswith(b"\x89PNG")


def test_no_earthquakes_are_one_clear_line(tmp_path: Path):
    with pytest.raises(Failure, match="no earthquakes yet"):
        report.main(["--out", str(tmp_path)])
