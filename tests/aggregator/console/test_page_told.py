"""What is told to whom: to who has a second, to who hears the page, and in whose time."""

import json
import math
import re

import h3
import pytest

from aggregator.console import border
from tests.aggregator.console import traffic
from tests.aggregator.console.test_page import BANNER, SECOND_US, open_page, row

LEVEL = "document.querySelector('.level')"
ANNOUNCED = "document.querySelector('#announcer').textContent"
SLACK_S = 1.5  # the page rounds seconds up, knows the server's time as told, and S by its cell


def say(site, *, ago_s=10, **changes):
    """An alert of an earthquake so long ago, from the engine that is heard here."""
    site.alert(traffic.alert(site.now_us() - ago_s * SECOND_US, **changes))


@pytest.mark.parametrize("width", [1440, 390])
def test_what_to_do_and_how_soon_are_the_largest_words(page, site, width):
    page.size(width, 844)
    open_page(page, site)
    say(site)
    page.wait_for(f"{BANNER} && document.querySelector('.target.hero')")

    sizes = page.run(
        """const px = (element) => parseFloat(getComputedStyle(element).fontSize);
        const all = [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility());
        const level = document.querySelector('.level strong');
        const hero = document.querySelector('.hero .number');
        const others = all.filter((e) => e !== hero && e !== level);
        return [px(hero), px(level), Math.max(...others.map(px))]"""
    )

    assert sizes[0] > sizes[1] > sizes[2]
    assert page.text(".level") == "Take action"


def test_once_the_waves_have_passed_nobody_is_told_to_act(page, site):
    open_page(page, site)
    say(site)
    page.wait_for(f"{LEVEL}?.innerText === 'Take action'")

    say(site, ago_s=55, version=2, type="final", expires_us=site.now_us() + 600 * SECOND_US)
    page.wait_for(f"{BANNER}.dataset.status === 'final'")
    assert page.text(".level") == "Take action"  # the furthest areas still wait for S

    ended = {"version": 2, "type": "final", "expires_us": site.now_us() + 600 * SECOND_US}
    say(site, ago_s=600, event_id="gs2", issued_us=site.now_us(), **ended)
    page.wait_for("document.querySelector('[data-event=gs2] .level')")
    assert page.text("[data-event=gs2] .level") == "Passed\nwas: take action"


def test_what_a_stranger_says_is_told_small(page, site):
    open_page(page, site)
    say(site, sender="somebody")

    page.wait_for(BANNER)
    assert page.text(".level") == "Not verified\nsays: take action"
    assert page.text("#countdown-title").lower() == "time until s waves · exercise, not verified"


def test_a_place_that_feels_little_is_not_told_that_it_shakes(page, site):
    open_page(page, site)
    say(site, magnitude=4.4, ago_s=14)

    page.wait_for(f"{row('Coyuca')}?.innerText.includes('S waves are here')")
    assert "shaking has begun" not in page.run(f"return {row('Coyuca')}.innerText")


def test_a_place_in_a_large_cell_is_told_of_that_cell(page, site):
    """Its middle is further away than an area may be that only lies near."""
    open_page(page, site)
    cell = h3.latlng_to_cell(19.433, -99.133, 3)
    lat_deg, lon_deg = h3.cell_to_latlng(cell)
    origin_us = site.now_us() - 10 * SECOND_US
    area = traffic.alert(origin_us)["areas"][0]
    area |= {"id": cell, "lat_deg": lat_deg, "lon_deg": lon_deg, "mmi": 4.2}
    site.alert(traffic.alert(origin_us, areas=[area]))

    page.wait_for(f"{row('Mexico City')}?.innerText.includes('MMI 4.2')")
    assert "MMI –" in page.run(f"return {row('Acapulco')}.innerText")


def test_a_registered_target_is_called_by_its_name(page, site):
    open_page(page, site)
    origin_us = site.now_us() - 10 * SECOND_US
    areas = traffic.alert(origin_us)["areas"]
    target = next(area for area in areas if area["id"] == "Acapulco")
    target |= {"id": "t-17", "name": "Pumping station"}
    site.alert(traffic.alert(origin_us, areas=areas))

    page.wait_for(row("Pumping station"))


def test_times_are_the_reader_s_with_utc_beside(page, site):
    page.timezone("America/Mexico_City")  # six hours behind, all year
    open_page(page, site)
    say(site, issued_us=1_795_000_000_000_000, expires_us=site.now_us() + 60 * SECOND_US)

    page.wait_for("document.querySelector('#log time')")
    assert page.text("#log time") == "2026-11-18\n05:06:40\n11:06:40 UTC"
    here, utc = page.run(
        """return ['#clock-here', '#clock-utc'].map(
            (id) => parseInt(document.querySelector(id).innerText))"""
    )
    assert (utc - here) % 24 == 6
    say(site, event_id="gs2")
    page.wait_for(BANNER)
    assert " UTC)" in page.text(".facts")

    page.timezone("UTC")
    page.go(site.url)
    page.wait_for(f"{BANNER}")
    assert page.text("#clock-here") == "" and "UTC)" not in page.text(".facts")


def test_the_newest_version_of_an_event_can_be_taken_away(page, site):
    open_page(page, site)
    say(site)
    say(site, version=2, type="update")

    page.wait_for("document.querySelectorAll('#log li').length === 2")
    links = page.run("return [...document.querySelectorAll('#log a')].map((a) => a.pathname)")
    assert links == [f"/api/events/gs20261123a3f9/{kind}" for kind in ("quakeml", "cap")]
    assert page.run("return document.querySelector('#log li a') !== null")


def test_only_what_the_record_has_can_be_taken_away(page, site):
    open_page(page, site)
    say(site, event_id="gs-quiet", level="none")  # called for nothing: no CAP
    say(site, event_id="gs-strange", sender="somebody")  # the engine did not say it

    page.wait_for("document.querySelectorAll('#log li').length === 2")
    links = page.run("return [...document.querySelectorAll('#log a')].map((a) => a.pathname)")
    assert links == ["/api/events/gs-quiet/quakeml"]


def test_a_screen_reader_hears_what_to_do_where_and_how_soon_and_is_not_cut_off(page, site):
    open_page(page, site)
    said_s = 10.0
    origin_us = site.now_us() - round(said_s * SECOND_US)
    site.alert(traffic.alert(origin_us))
    first = page.wait_for(ANNOUNCED)
    assert first.startswith("EXERCISE, Not a real earthquake. Take action. Magnitude 6.1, 31 km")
    told = re.search(r" S waves reach (.+) in (\d+) seconds?\.", first)
    assert told is not None
    heard_s = (site.now_us() - origin_us) / SECOND_US
    arrivals_s = traffic.s_arrivals_s()
    place_s = arrivals_s[told[1]]
    assert place_s - heard_s - SLACK_S <= int(told[2]) <= place_s - said_s + SLACK_S
    sooner_s = [each_s for each_s in arrivals_s.values() if each_s < place_s - SLACK_S]
    assert all(each_s < heard_s + SLACK_S for each_s in sooner_s)

    site.alert(traffic.alert(origin_us, version=2, type="update", magnitude=6.12))
    page.wait_for("document.querySelectorAll('#log li').length === 2")
    assert page.run(f"return {ANNOUNCED}") == first

    site.alert(traffic.alert(origin_us, version=3, type="update", level="be_aware"))
    page.wait_for(f"{ANNOUNCED}.includes('Be aware')")
    site.alert(traffic.cancel(origin_us, version=4))
    page.wait_for(f"{ANNOUNCED} === 'EXERCISE. Cancelled: Live nodes nearby stayed silent.'")


def test_an_alert_that_came_too_late_is_not_called_out(page, site):
    open_page(page, site)
    say(site, ago_s=300)

    page.wait_for("document.querySelectorAll('#log li').length === 1")
    assert page.run(f"return {ANNOUNCED}") == ""


def test_an_earthquake_under_way_is_called_out_to_who_comes_later(page, site):
    say(site)

    open_page(page, site)

    assert "Take action" in page.wait_for(ANNOUNCED)


def test_a_chosen_node_is_read_out_once_and_the_map_can_be_asked(page, site):
    open_page(page, site)
    words = "document.querySelector('#node-words').textContent"
    page.run(
        """window.changes = 0;
        const what = { childList: true, characterData: true, subtree: true };
        const count = new MutationObserver(() => { window.changes += 1; });
        count.observe(document.querySelector('#node-words'), what);
        document.querySelector('#canvas').focus()"""
    )
    page.press("n")
    page.wait_for(f"{words} === 'Node 0000002a, alive, faults: none'")
    heard = page.text("#node-card dd")
    page.wait_for(f"document.querySelector('#node-card dd').innerText !== {json.dumps(heard)}")

    assert page.run("return window.changes") == 1
    alive = "document.querySelector('#node-card').closest('[aria-live], [role=status]')"
    assert page.run(f"return {alive}") is None
    described = "document.querySelector('#canvas').getAttribute('aria-describedby')"
    page.wait_for(
        f"document.getElementById({described}).textContent.startsWith('12 nodes: 9 alive')"
    )


# The middle of what the map draws in the colour of ink: the ring around the chosen node, and no
# more while no earthquake is on it. Whether the card lies on that, or null before both are there.
IS_HIDDEN = """(() => {
    const canvas = document.querySelector('#canvas');
    const { width, height } = canvas;
    const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
    const at = [];
    for (let n = 0; n < width * height; n++) {
        const isInk = data[4*n] === 0x14 && data[4*n+1] === 0x20 && data[4*n+2] === 0x1e;
        if (isInk) at.push([n % width, Math.floor(n / width)]);
    }
    const card = document.querySelector('#node-card').getBoundingClientRect();
    if (at.length === 0 || card.width === 0) return null;
    const mean = (k) => at.reduce((sum, each) => sum + each[k], 0) / at.length;
    const map = canvas.getBoundingClientRect();
    const [x, y] = [map.left + mean(0), map.top + mean(1)];
    return [x > card.left && x < card.right && y > card.top && y < card.bottom];
})()"""


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_the_card_of_a_node_does_not_hide_it(page, site, size):
    page.size(*size)
    open_page(page, site)
    page.run("document.querySelector('#canvas').focus()")
    sides = set()
    for number in range(12):
        page.press("n")
        card = "document.querySelector('#node-card')"
        page.wait_for(f"{card}.dataset.node === '{traffic.node(number, 0)['node_id']}'")
        page.wait_for(f"({IS_HIDDEN})?.[0] === false")
        sides.add(page.run(f"return {card}.dataset.side ?? 'first'"))
    assert sides == {"first", "other"}


# What the button lies on: the boxes with a colour of their own, and each line of words.
UNDER_CLOSE = """
    const meet = (a, b) =>
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return [...document.querySelectorAll('.banner')].flatMap((banner) => {
        const close = banner.querySelector('.close').getBoundingClientRect();
        const told = '.plate, .level, .magnitude, h2, .parts, .cancelled, dd';
        return [...banner.querySelectorAll(told)]
            .filter((element) => {
                const words = document.createRange();
                words.selectNodeContents(element);
                const boxes = [...words.getClientRects()];
                if (element.matches('.plate, .level')) boxes.push(element.getBoundingClientRect());
                return boxes.some((box) => meet(box, close));
            })
            .map((element) => element.className || element.tagName);
    })"""


@pytest.mark.parametrize("width", [1440, 1100, 800, 390])
def test_what_puts_an_event_away_lies_on_nothing(page, site, width):
    page.size(width, 844)
    open_page(page, site)
    expires_us = site.now_us() + 600 * SECOND_US
    say(site, version=2, type="final", expires_us=expires_us)
    say(site, event_id="gs2")
    site.alert(traffic.cancel(site.now_us() - 10 * SECOND_US, event_id="gs2"))

    page.wait_for("document.querySelectorAll('.banner .close').length === 2")
    page.run("document.getAnimations().forEach((each) => each.finish())")
    assert page.run(UNDER_CLOSE) == []


# What is drawn around an epicentre at ten pixels a km: half axes, and the angle from east.
ERROR_OF = """
    const { drawEpicentre } = await import('/static/earthquake.js');
    let drawn = null;
    const call = (name) => (...all) => { if (name === 'ellipse') drawn = all.slice(2, 5); };
    const ctx = new Proxy({}, { get: (_, name) => call(name), set: () => true });
    const view = { toScreen: () => ({ x: 0, y: 0 }), pixelsPerKm: () => 10 };
    drawEpicentre(ctx, view, given[0], {});
    return drawn"""


def test_the_error_of_a_place_is_drawn_as_the_ellipse_that_was_told(page, site):
    open_page(page, site)
    told = traffic.alert(site.now_us(), ellipse_major_km=9.0, ellipse_minor_km=2.0)
    told["ellipse_azimuth_deg"] = 180.0  # along a meridian: a quarter turn from east

    event = border.alert(traffic.to_json(told), "exercise")
    assert page.run(ERROR_OF, event) == [90, 20, pytest.approx(math.pi / 2)]
    without = border.alert(traffic.to_json(traffic.alert(site.now_us())), "exercise")
    assert page.run(ERROR_OF, without) == [90, 90, 0]
