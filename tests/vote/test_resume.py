"""What runs when the engine dies goes on under its name, and what was told gets its last word."""

import pytest
from groundswell import wire

from tests.vote.world import Quake, World, declared, grid, listening, second, status
from vote import resume as resume_module
from vote.alert import Alert
from vote.decision import Decider
from vote.resume import Said, resume
from vote.waves.travel import distance_km

QUAKE = Quake(17.03, -99.95, 5.8)
STEP_US = 250_000


def play(decider: Decider, world: World, begin_us: int, end_us: int) -> list[Alert]:
    """Let a decider hear what comes in [begin_us, end_us), and return what it says."""
    alerts: list[Alert] = []
    at_us = max(begin_us, second(0))
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if begin_us <= received_us < end_us:
            while at_us + STEP_US < received_us:
                at_us += STEP_US
                alerts += decider.tick(at_us)
            decider.hear(message, received_us)
            alerts += decider.tick(received_us)
    return alerts


def restarted(world: World, told: list[Alert], died_us: int, now_us: int) -> Decider:
    """Return a decider that knows what a record holds."""
    decider = Decider("v", "live")
    heard = [(at_us, m) for at_us, m in world.mail if at_us < died_us]
    statuses = {m.node_id: (at_us, m) for at_us, m in heard if isinstance(m, wire.Status)}
    for at_us, message in statuses.values():
        decider.hear(message, at_us)
    said = [Said(at_us, m, False) for at_us, m in heard if isinstance(m, wire.Trigger)]
    said.sort(key=lambda one: one.received_us)
    names = dict.fromkeys(alert.event_id for alert in told)
    decider.known.note_told(names)
    series = [[alert for alert in told if alert.event_id == name] for name in names]
    resume(decider, series, said, now_us)
    return decider


def shaken() -> World:
    world = listening(grid(6, 20))
    world.shake(QUAKE, noise_s=0.2)
    return world


@pytest.fixture(scope="module")
def whole() -> list[Alert]:
    """What an engine says that does not die."""
    return play(Decider("v", "live"), shaken(), 0, second(300))


@pytest.mark.parametrize(("after_s", "away_s"), [(62, 1), (66, 0.5), (66, 5), (95, 1)])
def test_an_earthquake_goes_on_under_its_name_whenever_the_engine_dies(after_s, away_s, whole):
    world = shaken()
    died_us, back_us = second(after_s), second(after_s + away_s)
    told = play(Decider("v", "live"), world, 0, died_us)

    decider = restarted(world, told, died_us, back_us)
    after = play(decider, world, back_us, second(300))

    alerts = told + after
    assert {alert.event_id for alert in alerts} == {whole[0].event_id}
    assert [alert.version for alert in alerts] == list(range(1, len(alerts) + 1))
    assert [alert.type for alert in alerts].count("new") == 1
    assert alerts[-1].type == "final"
    end, other = alerts[-1], whole[-1]
    assert distance_km(end.lat_deg, end.lon_deg, other.lat_deg, other.lon_deg) < 5
    assert abs(end.magnitude - other.magnitude) < 0.2


@pytest.mark.parametrize("away_s", [1, 5])
def test_a_foreshock_and_its_mainshock_stay_two_when_the_engine_dies(away_s: float):
    world = listening(grid(6, 20))
    world.shake(Quake(17.03, -99.95, 4.5))
    world.shake(Quake(17.03, -99.95, 6.8, 68.0))
    died_us, back_us = second(74.0), second(74.0 + away_s)
    told = play(Decider("v", "live"), world, 0, died_us)

    after = play(restarted(world, told, died_us, back_us), world, back_us, second(300))

    last = {alert.event_id: alert for alert in told + after}
    assert [alert.type for alert in last.values()] == ["final", "final"]
    assert max(alert.magnitude for alert in last.values()) > 6.0


@pytest.mark.parametrize("away_s", [1, 6, 58, 70])
@pytest.mark.parametrize("told_s", [0.1, 2])
def test_nothing_is_taken_back_because_the_engine_was_away(told_s, away_s, whole):
    world = shaken()
    died_us = whole[0].issued_us + round(told_s * 1e6)
    back_us = died_us + away_s * 1_000_000
    told = [alert for alert in whole if alert.issued_us < died_us]
    assert told

    after = play(restarted(world, told, died_us, back_us), world, back_us, second(300))

    assert [alert.type for alert in after][-1] == "final"
    assert {alert.event_id for alert in after} == {told[0].event_id}
    assert "cancel" not in [alert.type for alert in after]


def test_without_the_record_it_would_be_told_anew():
    world = shaken()
    told = play(Decider("v", "live"), world, 0, second(64))
    assert told

    decider = restarted(world, [], second(64), second(65))
    after = play(decider, world, second(65), second(68))

    assert declared(after)


def test_what_died_before_it_could_be_told_is_told(whole):
    world, first_us = shaken(), whole[0].issued_us

    decider = restarted(world, [], first_us + 1, first_us + 1_000_000)
    after = play(decider, world, first_us + 1_000_000, second(66))

    assert after[0].type == "new" and after[0].issued_us < first_us + 1_300_000


def test_what_has_ended_stays_ended(whole):
    world = shaken()
    assert whole[-1].type == "final" and whole[-1].issued_us < second(130)

    decider = restarted(world, whole, second(130), second(131))

    assert play(decider, world, second(131), second(300)) == []
    assert [event.is_over for event in decider.known.events] == [True]


def test_what_cannot_be_followed_gets_its_last_word_and_keeps_its_levels_while_they_are_valid():
    world = shaken()
    told = play(Decider("v", "live"), world, 0, second(66))
    lost = World(world.places, [(at, m) for at, m in world.mail if isinstance(m, wire.Status)])

    soon = play(restarted(lost, told, second(66), second(67)), lost, second(67), second(200))
    later = play(restarted(lost, told, second(66), second(175)), lost, second(175), second(300))

    for alerts in (soon, later):
        (final,) = alerts
        assert (final.event_id, final.type) == (told[-1].event_id, "final")
        assert final.version == told[-1].version + 1
        assert final.expires_us > final.issued_us
    assert soon[0].level == told[-1].level != "none"
    assert later[0].level == "none" and {area.level for area in later[0].areas} == {"none"}


def test_what_nodes_are_known_to_do_wrongly_is_not_counted_twice():
    world = shaken()
    decider = Decider("v", "live")
    play(decider, world, 0, second(300))
    learnt = decider.fleet.learnt(second(300))

    again = restarted(world, [], second(300), second(300))
    again.fleet.restore(learnt)
    said = [Said(at, m, False) for at, m in world.mail if isinstance(m, wire.Trigger)]
    resume(again, [], sorted(said, key=lambda one: one.received_us), second(301))

    assert again.fleet.learnt(second(301)) == learnt


def test_of_many_triggers_the_newest_wait_to_be_judged():
    world = listening(grid(18, 20))
    for place in world.places:
        world.trigger(place, second(65) + place.node_id * 1000)

    decider = restarted(world, [], second(66), second(67))

    (newest,) = [pick for pick in decider.picks.recent() if pick.node.node_id == 18 * 18]
    assert newest in decider.waiting.take(1000)


def test_nodes_whose_line_broke_keep_their_votes():
    world = listening(grid(2, 20))
    world.shake(Quake(17.02, -99.98, 5.8))
    for place in world.places[:2]:
        world.say(status(place, second(-100), state=wire.STATE_OFFLINE), second(67))
    whole = play(Decider("v", "live"), world, 0, second(300))
    told = [alert for alert in whole if alert.issued_us < second(68)]
    assert told and whole[-1].nodes_triggered == 4

    after = play(restarted(world, told, second(68), second(70)), world, second(70), second(300))

    assert (after[-1].type, after[-1].nodes_triggered) == ("final", 4)


def test_what_an_engine_did_not_write_down_is_said_again_before_it_is_judged(
    monkeypatch: pytest.MonkeyPatch,
):
    """It died before two of the four nodes that it had told of were on record; they go on."""
    world = listening(grid(2, 20))
    world.shake(Quake(17.02, -99.98, 5.8))
    whole = play(Decider("v", "live"), world, 0, second(300))
    died_us = whole[0].issued_us + 1_000_000
    back_us = died_us + 1_000_000
    told = [alert for alert in whole if alert.issued_us <= died_us]
    kept = [(at, m) for at, m in world.mail if isinstance(m, wire.Status) or m.node_id <= 2]  # type: ignore[attr-defined]

    def types() -> list[str]:
        decider = restarted(World(world.places, kept), told, died_us, back_us)
        after = play(decider, world, back_us, second(300))
        return [alert.type for alert in after if alert.type != "update"]

    assert types() == ["final"]
    monkeypatch.setattr(resume_module, "SETTLES_US", 0)
    assert types() == ["cancel", "new", "final"]
