"""The page when something is wrong with what it shows, and on screens and eyes of all kinds."""

import json

import pytest

from tests.aggregator.console import traffic
from tests.aggregator.console.site import UP_US, Site
from tests.aggregator.console.test_page import BANNER, IS_STALE, SECOND_US, number, open_page
from vote.waves.travel import p_time_s, s_time_s


def test_stale_appears_when_the_heartbeat_stops_and_goes_when_it_returns(page, site):
    open_page(page, site)
    assert page.run(f"return {IS_STALE} ?? null") is None
    site.is_beating = False

    page.wait_for(f"{IS_STALE} === 'engine'")  # nothing is sent: time alone does it

    words = page.text("#stale")
    assert "STALE" in words and "The engine is silent since" in words
    page.wait_for("document.title.startsWith('STALE')")
    site.beat()
    page.wait_for(f"{IS_STALE} === undefined")
    assert page.text("#stale") == ""


def test_stale_says_that_the_console_has_lost_its_broker(page, site):
    open_page(page, site)

    site.is_connected = False

    page.wait_for(f"{IS_STALE} === 'link'")
    assert "The broker is out of reach since" in page.text("#stale")
    assert "down" in page.text("#vital-link")


def test_a_console_that_has_just_started_is_connecting_and_not_down(page):
    site = Site(up_us=-UP_US, is_connected=False)  # young for as long as this may take
    link = "document.querySelector('#vital-link')"
    page.go(site.url)

    page.wait_for(f"{link}.innerText.includes('connecting')")
    assert page.run(f"return {link}.dataset.health") == "none"
    page.wait_for("document.querySelector('#system').innerText.includes('connecting since')")
    assert page.run(f"return {IS_STALE} ?? null") is None

    site.is_connected = True
    page.wait_for(f"{link}.dataset.health === 'good'")
    page.go("about:blank")
    site.close()


def test_stale_says_that_the_page_hears_nothing_and_it_recovers_by_itself(page, site):
    open_page(page, site)

    site.is_silent = True

    page.wait_for(f"{IS_STALE} === 'stream'", within_s=12)
    assert "No connection to the console since" in page.text("#stale")
    site.is_silent = False
    site.beat()
    page.wait_for(f"{IS_STALE} === undefined")


def test_an_alert_while_the_stream_was_lost_is_there_when_it_is_back(page, site):
    open_page(page, site)
    site.is_silent = True
    page.wait_for(f"{IS_STALE} === 'stream'", within_s=12)

    site.beat()
    site.alert(traffic.alert(site.now_us() - 10 * SECOND_US))
    site.is_silent = False

    page.wait_for(BANNER)


@pytest.mark.parametrize(
    ("ahead_us", "word"), [(3600 * SECOND_US, "behind"), (-3600 * SECOND_US, "ahead")]
)
def test_a_computer_whose_clock_is_off_counts_by_the_servers(page, ahead_us, word):
    site = Site(ahead_us)
    open_page(page, site)
    origin_us = site.now_us() - 10 * SECOND_US

    site.alert(traffic.alert(origin_us))

    left_s = page.wait_for(number("Mexico City"))
    areas = traffic.alert(origin_us)["areas"]
    arrival_us = next(area["s_arrival_us"] for area in areas if area["id"] == "Mexico City")
    assert (arrival_us - site.now_us()) / 1e6 - 3 < left_s < (arrival_us - origin_us) / 1e6 - 7
    page.wait_for(f"document.querySelector('#system').innerText.includes('60 min {word}')")
    assert page.run(f"return {IS_STALE} ?? null") is None
    page.go("about:blank")
    site.close()


def test_the_choice_of_colours_persists_and_else_the_system_decides(page, site):
    open_page(page, site)
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = page.run(ground)
    page.media(prefers_color_scheme="dark")
    page.wait_for("document.documentElement.dataset.theme === 'dark'")
    assert page.run(ground) != light

    page.run("document.querySelector('#theme').click()")  # auto, then light
    page.wait_for("document.documentElement.dataset.theme === 'light'")
    page.go(site.url)
    page.wait_for("document.querySelector('#theme').innerText.includes('Light')")
    assert page.run(ground) == light

    page.run("localStorage.clear()")


@pytest.mark.parametrize("width", [360, 768, 1024])
def test_nothing_overflows_on_a_small_screen_and_the_countdown_is_near_the_top(page, site, width):
    page.size(width, 800)
    open_page(page, site)
    site.alert(traffic.alert(site.now_us() - 10 * SECOND_US))
    page.wait_for(f"{BANNER} && !document.querySelector('#countdown').hidden")

    assert page.run("return document.scrollingElement.scrollWidth") <= width
    top = page.run("return document.querySelector('#countdown').getBoundingClientRect().top")
    assert top < 450


@pytest.mark.parametrize(("wanted", "name"), [("reduce", "none"), ("no-preference", "arrive")])
def test_a_banner_slides_in_only_where_motion_is_wanted(page, site, wanted, name):
    page.media(prefers_reduced_motion=wanted)
    open_page(page, site)
    site.alert(traffic.alert(site.now_us() - 10 * SECOND_US))
    page.wait_for(BANNER)

    found = "return getComputedStyle(document.querySelector('.plate')).animationName"
    assert page.run(found) == name


def test_every_control_has_a_name_for_a_screen_reader(page, site):
    open_page(page, site)
    site.alert(
        traffic.alert(
            site.now_us() - 100 * SECOND_US,
            type="final",
            expires_us=site.now_us() + 60 * SECOND_US,
        )
    )
    page.wait_for(BANNER)

    nameless = page.run(
        """return [...document.querySelectorAll('button, canvas[tabindex], a, summary, section')]
            .filter((e) => !e.ariaLabel && !e.getAttribute('aria-labelledby') && !e.innerText)
            .map((e) => e.outerHTML)"""
    )
    assert nameless == []


def test_a_front_stands_where_its_wave_arrives_by_the_engine_s_own_times(page, site):
    """The oracle is vote/waves/travel.py."""
    open_page(page, site)
    for depth_km in (5.0, 18.0, 60.0):
        site.alert(
            traffic.alert(site.now_us(), event_id=f"gs{depth_km:.0f}", depth_km=depth_km, areas=[])
        )
    events = {event["depth_km"]: event for event in json.loads(site.live.state())["events"]}

    for km, depth_km in ((12.0, 5.0), (30.0, 18.0), (120.0, 18.0), (400.0, 5.0), (90.0, 60.0)):
        event = events[depth_km]
        for wave, time_s in (("p", p_time_s), ("s", s_time_s)):
            now_ms = event["origin_us"] / 1000 + 1000 * float(time_s(km, depth_km))
            assert abs(fronts_km(page, event, now_ms)[wave] - km) < 0.2, (wave, km, depth_km)
    early_ms = events[18.0]["origin_us"] / 1000 + 500
    assert fronts_km(page, events[18.0], early_ms) == {"p": None, "s": None}


def fronts_km(page, event, now_ms):
    script = "return (await import('/static/waves.js')).frontsKm(given[0], given[1])"
    return page.run(script, event, now_ms)


def test_the_map_puts_a_point_back_where_it_was(page, site):
    page.go(site.url)
    errors = page.run(
        """const { View } = await import('/static/view.js');
        const view = new View();
        view.resize(900, 700);
        const margin = { left: 60, right: 120, top: 60, bottom: 90 };
        const points = [{ lat_deg: 16.8, lon_deg: -101.5 }, { lat_deg: 17.6, lon_deg: -99.4 }];
        view.fit(points, margin);
        const inside = points.map((p) => view.toScreen(p));
        const under = view.toGround({ x: 200, y: 300 });
        view.zoom(3, { x: 200, y: 300 });
        const kept = view.toScreen(under);
        view.pan(50, -20);
        const moved = view.toScreen(under);
        return { inside, kept, moved };"""
    )
    for point in errors["inside"]:
        assert 59 <= point["x"] <= 781 and 59 <= point["y"] <= 611
    assert abs(errors["kept"]["x"] - 200) < 1e-6 and abs(errors["kept"]["y"] - 300) < 1e-6
    assert abs(errors["moved"]["x"] - 250) < 1e-6 and abs(errors["moved"]["y"] - 280) < 1e-6


def test_meridians_beyond_the_date_line_have_their_own_names(page, site):
    page.go(site.url)
    names = page.run(
        """const { meridian } = await import('/static/graticule.js');
        return [-190, -180, -99.5, 0, 150, 180, 195, 360].map((deg) => meridian(deg, 0.5))"""
    )

    assert names == [
        "170.0° E", "180.0°", "99.5° W", "0.0°", "150.0° E", "180.0°", "165.0° W", "0.0°",
    ]  # fmt: skip


def test_places_are_described_by_distance_and_direction(page, site):
    page.go(site.url)
    words = page.run(
        """const { inWords } = await import('/static/geography.js');
        const atoyac = { name: 'Atoyac', lat_deg: 17.2, lon_deg: -100.4 };
        return [[17.2, -100.4], [17.38, -100.4], [17.2, -100.7], [17.07, -100.26], [60, 10]]
            .map(([lat_deg, lon_deg]) => inWords({ lat_deg, lon_deg }, [atoyac]))
            .concat(inWords({ lat_deg: -1.5, lon_deg: 2 }, []))"""
    )

    assert words == [
        "at Atoyac",
        "20 km north of Atoyac",
        "32 km west of Atoyac",
        "21 km south-east of Atoyac",
        "60.00° N, 10.00° E",
        "1.50° S, 2.00° E",
    ]
