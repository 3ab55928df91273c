"""The page in a real browser: what an admin sees when things happen, and when they stop."""

from groundswell import topics

from tests.aggregator.console import traffic

SECOND_US = 1_000_000
IS_STALE = "document.documentElement.dataset.stale"
BANNER = "document.querySelector('.banner')"


def open_page(page, site, *, is_quiet=False):
    """A healthy console with its twelve nodes."""
    site.is_beating = True
    if not is_quiet:
        site.say_nodes()
    page.go(site.url)
    page.wait_for("document.querySelector('#vital-engine').dataset.health === 'good'")


def row(name: str) -> str:
    return f"[...document.querySelectorAll('.target')].find(e => e.innerText.startsWith('{name}'))"


def number(name: str) -> str:
    return f"parseInt({row(name)}?.querySelector('.number').innerText)"


def test_an_empty_console_says_what_will_be_where(page, site):
    open_page(page, site, is_quiet=True)

    assert "No alerts yet" in page.text("#log-empty")
    assert "No node has been heard yet" in page.text("#map-empty")
    assert page.text("#countdown") == ""


def test_the_nodes_are_counted_listed_and_drawn(page, site):
    open_page(page, site)

    page.wait_for("document.querySelector('#vital-nodes').innerText.includes('9 of 12')")
    page.run("document.querySelector('#nodes-details').open = true")
    page.wait_for("document.querySelectorAll('#nodes-table tbody tr').length === 12")
    assert "offline" in page.text("#nodes-table")
    page.wait_for(f"{FIND_ALIVE} !== null")


# The place of a pixel that has exactly the colour of a node that is alive, outside the legend.
FIND_ALIVE = """(() => {
    const canvas = document.querySelector('#canvas');
    const {width, height} = canvas;
    const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
    for (let n = 0; n < width * height; n++) {
        if (data[4*n] === 0 && data[4*n+1] === 0x72 && data[4*n+2] === 0xb2) {
            const box = canvas.getBoundingClientRect();
            return [box.left + n % width, box.top + Math.floor(n / width) + 3];
        }
    }
    return null;
})()"""


# The same, once the page has stopped moving: what appears beside the map changes its size.
FIND_RESTING = f"""(async () => {{
    const before = {FIND_ALIVE};
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = {FIND_ALIVE};
    return before !== null && String(before) === String(after) ? after : null;
}})()"""


def test_a_click_on_a_node_shows_its_clock_error_and_noise(page, site):
    open_page(page, site)
    x, y = page.wait_for(f"await {FIND_RESTING}")

    page.click_at(x, y)

    page.wait_for("!document.querySelector('#node-card').hidden")
    card = page.text("#node-card")
    assert "Clock error\n± " in card and "Noise" in card and "Last heard" in card


def test_the_keyboard_goes_from_node_to_node_and_moves_the_map(page, site):
    open_page(page, site)
    page.run("document.querySelector('#canvas').focus()")

    page.press("n")
    page.wait_for("document.querySelector('#node-card').innerText.includes('0000002a')")
    page.press("n")
    page.wait_for("document.querySelector('#node-card').innerText.includes('0000002b')")
    page.press("\ue00c")  # Escape
    page.wait_for("document.querySelector('#node-card').hidden")

    before = page.wait_for(f"await {FIND_RESTING}")
    page.press("\ue014")  # right arrow: the map goes left
    page.wait_for(f"{FIND_ALIVE}[0] < {before[0]} - 30")
    page.press("0")
    page.wait_for(f"{FIND_ALIVE}[0] === {before[0]}")


def test_an_exercise_says_so_with_size_place_level_and_votes(page, site):
    open_page(page, site)

    site.alert(traffic.alert(site.now_us() - 10 * SECOND_US))

    page.wait_for(BANNER)
    banner = page.text(".banner")
    for words in ("EXERCISE", "Not a real earthquake", "6.1", "31 km south of Tecpan"):
        assert words in banner
    assert "Take action" in banner and "5 of 7 nodes triggered" in banner
    page.wait_for("document.title.startsWith('EXERCISE · M 6.1')")
    assert "EXERCISE" in page.run("return document.querySelector('#announcer').textContent")


def test_live_exercise_and_test_differ_in_word_colour_and_border(page, site):
    open_page(page, site)
    for category in ("test", "exercise", "live"):
        origin_us = site.now_us() - 10 * SECOND_US
        site.alert(traffic.alert(origin_us, category=category, event_id=f"gs-{category}"))
    page.wait_for("document.querySelectorAll('.banner').length === 3")

    looks = page.run(
        """return [...document.querySelectorAll('.banner')].map((banner) => [
            banner.querySelector('.plate strong').innerText,
            getComputedStyle(banner.querySelector('.plate')).backgroundColor,
            getComputedStyle(banner).borderImageSource])"""
    )

    assert [look[0] for look in looks] == ["LIVE", "EXERCISE", "TEST"]  # the real one first
    assert len({look[1] for look in looks}) == 3 and len({look[2] for look in looks}) == 3


def test_an_alert_of_a_stranger_is_not_called_real(page, site):
    open_page(page, site)
    origin_us = site.now_us() - 10 * SECOND_US

    site.alert(traffic.alert(origin_us, category="live", sender="somebody"))

    page.wait_for(BANNER)
    banner = page.text(".banner")
    assert "From no engine that is heard here" in banner and "somebody" in banner
    assert "Real alert" not in banner
    assert "no engine" in page.run("return document.querySelector('#announcer').textContent")


def test_the_countdown_counts_down_and_then_shaking_has_begun(page, site):
    open_page(page, site)
    origin_us = site.now_us()
    s_us = round(traffic.s_arrivals_s()["Acapulco"] * SECOND_US)
    site.alert(traffic.alert(origin_us, issued_us=origin_us + 6 * SECOND_US))

    first = page.wait_for(number("Acapulco"))
    left_us = origin_us + s_us - site.now_us()
    # never early; a busy machine's first message may be late
    assert left_us / SECOND_US - 1 <= first <= s_us / SECOND_US + 1
    further = page.run(f"return {number('Mexico City')}")
    page.wait_for(
        f"{number('Acapulco')} < {first} || {row('Acapulco')}.dataset.state !== 'coming'"
    )
    site.pass_time(max(0, left_us - 2 * SECOND_US))
    page.wait_for(f"{row('Acapulco')}.innerText.includes('shaking has begun')")
    assert page.run(f"return {number('Mexico City')}") < further


def test_a_place_that_was_shaken_before_the_first_alert_is_in_the_blind_zone(page, site):
    open_page(page, site)
    origin_us = site.now_us() - 30 * SECOND_US

    site.alert(traffic.alert(origin_us, issued_us=origin_us + 15 * SECOND_US))

    page.wait_for(f"{row('Atoyac')}?.innerText.includes('blind zone')")
    page.wait_for(f"{row('Acapulco')}.innerText.includes('shaking has begun')")


def test_the_waves_on_the_map_move(page, site):
    open_page(page, site)
    site.alert(traffic.alert(site.now_us() - 10 * SECOND_US))
    page.wait_for(BANNER)

    first = page.run("return document.querySelector('#canvas').toDataURL()")

    page.run("window.first = given[0]", first)
    page.wait_for("document.querySelector('#canvas').toDataURL() !== window.first")


def test_a_cancel_is_unmistakable_and_gives_its_reason(page, site):
    open_page(page, site)
    origin_us = site.now_us() - 10 * SECOND_US
    site.alert(traffic.alert(origin_us))
    page.wait_for(f"{BANNER} && !document.querySelector('#countdown').hidden")

    site.alert(traffic.cancel(origin_us))

    page.wait_for(f"{BANNER}?.dataset.status === 'cancelled'")
    assert "Cancelled. Live nodes nearby stayed silent" in page.text(".banner")
    assert page.text("#countdown") == ""
    page.wait_for("document.title.includes('cancelled')")


def test_a_final_report_stays_until_it_is_put_away(page, site):
    open_page(page, site)
    origin_us = site.now_us() - 100 * SECOND_US
    expires_us = site.now_us() + 60 * SECOND_US
    site.alert(traffic.alert(origin_us, type="final", version=7, expires_us=expires_us))
    page.wait_for(f"{BANNER}?.dataset.status === 'final'")

    site.pass_time(120 * SECOND_US)
    page.wait_for("document.querySelector('.age').innerText === 'began 4 min ago'")
    assert "Final report" in page.text(".banner")
    page.run("document.querySelector('.close').click()")
    page.wait_for(f"{BANNER} === null")
    assert "Final M 6.1" in page.text("#log")


def test_an_event_without_a_last_word_does_not_stay_under_way(page, site):
    open_page(page, site)
    expires_us = site.now_us() + 60 * SECOND_US
    site.alert(traffic.alert(site.now_us() - 10 * SECOND_US, expires_us=expires_us))
    page.wait_for(f"{BANNER}?.dataset.status === 'active'")

    site.pass_time(60 * SECOND_US)
    page.wait_for(f"{BANNER}?.dataset.status === 'lapsed'")
    assert "No final report came" in page.text(".banner")


def test_the_log_has_every_version_newest_first(page, site):
    open_page(page, site)
    origin_us = site.now_us() - 20 * SECOND_US
    site.alert(traffic.alert(origin_us, magnitude=5.6))
    site.alert(traffic.alert(origin_us, version=2, type="update", magnitude=6.1))
    site.alert(traffic.cancel(origin_us, version=3))

    page.wait_for("document.querySelectorAll('#log li').length === 3")
    kinds = page.run("return [...document.querySelectorAll('#log b')].map((e) => e.innerText)")
    assert kinds == ["Cancel M 6.1", "Update M 6.1", "New M 5.6"]


def test_the_delays_of_the_last_alert_are_shown_by_stage(page, site):
    open_page(page, site)
    site.say(topics.of_view("delays"), traffic.delays(site.now_us()))

    page.wait_for("document.querySelectorAll('.stages li').length === 5")
    text = page.text("#delays")
    assert "Sample to alert in 74 ms" in text and "Node to gateway\n18 ms" in text

    early = traffic.delays(site.now_us(), node_sent_us=60_000)  # reckoned after the gateway had it
    site.say(topics.of_view("delays"), early)
    page.wait_for("document.querySelectorAll('.stages li').length === 4")
    assert "Sample to gateway\n59 ms" in page.text("#delays")


def test_hostile_strings_are_shown_as_text_and_run_nothing(page, site):
    open_page(page, site)
    hostile = '<img src=x onerror="window.ran=1">'
    origin_us = site.now_us() - 10 * SECOND_US
    areas = traffic.alert(origin_us)["areas"]
    areas[0]["id"] = hostile
    site.alert(
        traffic.alert(origin_us, event_id=hostile, sender=hostile, reason=hostile, areas=areas)
    )
    nodes = {"sent_us": 0, "nodes": [traffic.node(0, site.now_us(), node_id=hostile)]}
    site.say(topics.of_view("nodes"), traffic.to_json(nodes))

    page.wait_for("document.querySelectorAll('#log li').length === 1")
    page.wait_for(row("<img"))
    page.run("document.querySelector('#canvas').focus()")
    page.press("n")
    page.wait_for("document.querySelector('#node-card').innerText.includes('<img src=x')")
    page.run("document.querySelector('#nodes-details').open = true")
    page.wait_for("document.querySelector('#nodes-table').innerText.includes('<img src=x')")
    assert hostile in page.text("#log")
    assert page.run("return [typeof window.ran, document.images.length]") == ["undefined", 1]


def test_markup_that_did_get_in_would_still_run_nothing(page, site):
    open_page(page, site)

    page.run("document.body.insertAdjacentHTML('beforeend', given[0])", '<b onclick="ran=1">')
    page.run("document.body.lastElementChild.click()")

    assert page.run("return typeof window.ran") == "undefined"
    assert any("Content Security Policy" in line for line in page.complaints())


def test_malformed_messages_are_counted_and_the_page_goes_on(page, site):
    open_page(page, site)
    for payload in (b"{", b'{"magnitude": NaN}', b"[]"):
        site.say(topics.of_alert("exercise"), payload)
    site.alert(traffic.alert(site.now_us() - 10 * SECOND_US))

    page.wait_for(BANNER)
    page.wait_for("document.querySelector('#system').innerText.includes('3 malformed messages')")
