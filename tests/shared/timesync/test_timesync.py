from firmware.timesync import timesync
from groundswell.clock import UNKNOWN_ERROR_US

from random_numbers import RandomNumbers
from time_world import SECOND, START_US, TimeServer, TimeWorld

HOUR = 3600
HOUR_US = HOUR * SECOND


def settled(servers, **circumstances):
    """Return a world in which the first burst has long passed."""
    world = TimeWorld(servers, **circumstances)
    world.run(200)
    assert world.is_synchronised() and abs(world.error_us()) < 2000
    return world


def test_a_node_knows_the_time_soon_and_exactly_after_its_burst():
    world = TimeWorld([TimeServer()])
    assert not world.is_synchronised()
    world.run(4)
    assert world.is_synchronised() and abs(world.error_us()) < 2000
    world.run(20)

    assert len(world.servers[0].asked_at_us) == 8
    assert abs(world.error_us()) < 1000
    assert world.sync.answered == 8 and world.sync.malformed == 0


def test_afterwards_it_asks_ever_less_often_and_never_at_an_even_pace():
    world = settled([TimeServer()])
    world.run(3 * HOUR)

    asked = world.servers[0].asked_at_us[8:]
    pauses = [(b - a) / SECOND for a, b in zip(asked, asked[1:])]
    assert 55 < pauses[0] < 73 and max(pauses) < 256 * 9 / 8 + 1
    assert all(pause > 220 for pause in pauses[20:])
    assert len({round(pause) for pause in pauses[20:]}) > 5


def test_a_link_that_answers_nothing_is_asked_ever_less_and_never_held_open():
    server = TimeServer()
    server.is_up = False
    world = TimeWorld([server])
    world.run(2 * HOUR)

    assert 25 < len(server.asked_at_us) < 50
    assert world.sync.unanswered == len(server.asked_at_us) and world.open_lines == 0
    assert not world.is_synchronised() and world.clock.error_us(5) == UNKNOWN_ERROR_US

    server.is_up = True
    world.run(300)
    assert abs(world.error_us()) < 1000


def test_without_a_network_nothing_is_raised_and_all_is_well_when_it_comes_back():
    world = settled([TimeServer()])
    world.has_network = False
    world.run(HOUR)
    during_us = world.clock.error_us(world.ticks())
    unsendable = world.sync.unsendable
    world.has_network = True
    world.sync.hurry(world.ticks())
    world.run(30)

    assert unsendable > 10 and world.open_lines == 0
    assert abs(world.error_us()) < 1000 and world.clock.steps == 0
    assert world.clock.error_us(world.ticks()) < during_us


def test_after_a_long_silence_a_burst_settles_the_clock():
    server = TimeServer()
    world = settled([server])
    server.is_up = False
    world.run(12 * HOUR)
    assert world.is_synchronised() and abs(world.error_us()) < 2 * world.clock.error_us(
        world.ticks()
    )
    asked = len(server.asked_at_us)
    server.is_up = True
    world.run(330)

    assert len(server.asked_at_us) - asked >= 8
    assert abs(world.error_us()) < 1000


def test_of_three_servers_one_may_be_silent_at_any_time():
    servers = [TimeServer(), TimeServer(), TimeServer()]
    servers[0].is_up = False
    world = settled(servers)
    servers[0].is_up = True
    servers[1].is_up = False
    world.run(HOUR)
    servers[2].is_up = False
    world.run(HOUR)

    assert abs(world.error_us()) < 1000
    assert world.sync.outvoted == world.sync.undecided == 0


def test_a_server_that_lies_by_an_hour_is_outvoted_by_two_from_the_start():
    for liar in range(3):
        servers = [TimeServer(), TimeServer(), TimeServer()]
        servers[liar].lie_us = HOUR_US
        world = settled(servers)
        world.run(HOUR)

        assert abs(world.error_us()) < 1000
        assert world.clock.steps == 0
        assert world.sync.outvoted == len(servers[liar].asked_at_us)


def test_a_server_that_begins_to_lie_is_outvoted_and_may_come_back():
    servers = [TimeServer(), TimeServer(), TimeServer()]
    world = settled(servers)
    servers[1].lie_us = -HOUR_US
    world.run(HOUR)
    lies = world.sync.outvoted
    servers[1].lie_us = 0
    world.run(HOUR)

    assert lies > 10 and world.sync.outvoted == lies
    assert abs(world.error_us()) < 1000 and world.clock.steps == 0


def test_a_liar_that_is_heard_first_is_not_believed_before_the_others_had_their_chance():
    servers = [TimeServer(lie_us=HOUR_US), TimeServer(), TimeServer()]
    servers[1].is_up = servers[2].is_up = False
    world = TimeWorld(servers)
    world.run(5)
    assert not world.is_synchronised()

    servers[1].is_up = servers[2].is_up = True
    world.run(20)
    assert abs(world.error_us()) < 1000


def test_a_liar_that_was_alone_at_the_start_loses_to_the_others_later():
    servers = [TimeServer(lie_us=HOUR_US), TimeServer(), TimeServer()]
    servers[1].is_up = servers[2].is_up = False
    world = TimeWorld(servers)
    world.run(100)
    assert abs(world.error_us() - HOUR_US) < 1000  # nobody else was there to ask

    servers[1].is_up = servers[2].is_up = True
    world.run(900)
    assert abs(world.error_us()) < 1000 and world.clock.steps == 1


def test_two_that_disagree_at_the_start_give_no_time():
    world = TimeWorld([TimeServer(), TimeServer(lie_us=HOUR_US)])
    world.run(HOUR)

    assert not world.is_synchronised()
    assert world.sync.undecided > 10


def test_of_two_that_disagree_later_the_one_that_the_clock_knows_is_believed():
    servers = [TimeServer(), TimeServer()]
    world = settled(servers)
    servers[0].lie_us = HOUR_US
    world.run(2 * HOUR)

    assert abs(world.error_us()) < 1000
    assert world.sync.outvoted > 10 and world.clock.steps == 0


def test_a_lone_server_makes_the_clock_step_only_when_it_insists():
    server = TimeServer()
    world = settled([server])
    server.lie_us = HOUR_US
    world.run(6 * 64)
    assert abs(world.error_us()) < 1000
    assert world.sync.undecided > 3

    world.run(10 * 64)
    assert abs(world.error_us() - HOUR_US) < 1000
    assert world.clock.steps == 1


def test_a_step_of_all_servers_is_followed_within_one_pause():
    servers = [TimeServer(), TimeServer(), TimeServer()]
    world = settled(servers)
    for server in servers:
        server.lie_us = -HOUR_US
    world.run(128)

    assert abs(world.error_us() + HOUR_US) < 1000
    assert world.clock.steps == 1


def test_a_server_that_wants_to_be_asked_less_is():
    server = TimeServer()
    world = settled([server])
    server.kiss = b"RATE"
    world.run(10 * HOUR)
    server.kiss = b""
    asked = len(server.asked_at_us)
    world.run(10 * HOUR)

    pauses = [
        (b - a) / SECOND
        for a, b in zip(server.asked_at_us[asked:], server.asked_at_us[asked + 1 :])
    ]
    assert min(pauses) > 1000
    assert world.sync.kisses >= 4 and abs(world.error_us()) < 1000


def test_a_server_that_sends_us_away_is_not_asked_again():
    for code in (b"DENY", b"RSTR"):
        servers = [TimeServer(), TimeServer()]
        servers[0].kiss = code
        world = settled(servers)
        world.run(HOUR)

        assert len(servers[0].asked_at_us) == 1 and world.sync.kisses == 1
        assert not world.sync.is_lost and abs(world.error_us()) < 1000


def test_when_nobody_is_left_to_ask_it_says_so():
    assert TimeWorld([]).sync.is_lost
    server = TimeServer()
    server.kiss = b"DENY"
    world = TimeWorld([server])
    assert not world.sync.is_lost
    world.run(HOUR)

    assert world.sync.is_lost and len(server.asked_at_us) == 1


def test_answers_that_cannot_be_trusted_are_counted_and_dropped():
    server = TimeServer()
    world = settled([server])
    answered = world.sync.answered
    server.changes = {0: b"\xe4"}  # the server has lost its own clock
    world.run(HOUR)

    assert world.sync.answered == answered
    assert world.sync.malformed == len(server.asked_at_us) - answered
    assert abs(world.error_us()) < 2 * world.clock.error_us(world.ticks())


def test_a_flood_of_nonsense_neither_stops_the_node_nor_moves_its_clock():
    random = RandomNumbers(5)
    world = settled([TimeServer()])
    for _ in range(10):
        for _ in range(30):
            world.strange.append(random.some_bytes(random.below(90)))
        world.run(290)

    assert world.sync.malformed == 300
    assert abs(world.error_us()) < 1000 and world.clock.steps == 0


def test_an_answer_that_comes_twice_counts_once():
    world = TimeWorld([TimeServer()])
    honest = world.servers[0].answer
    copies = []

    def answer(question, true_us):
        copies.append(honest(question, true_us))
        world._coming.append((true_us, copies[-1]))
        return copies[-1]

    world.servers[0].answer = answer
    world.run(200)

    assert world.sync.answered == len(copies)


def test_a_step_reads_few_packets_however_many_there_are():
    world = settled([TimeServer()])
    for _ in range(500):
        if world.sync.state != timesync.ASKING:
            world.true_us += SECOND
            world.sync.step(world.ticks())
    assert world.sync.state == timesync.ASKING
    world.strange = [b"x"] * 100
    world.sync.step(world.ticks())

    assert len(world.strange) >= 96


def test_the_time_is_unix_time_whatever_the_epoch_of_the_device():
    world = settled([TimeServer()])

    assert abs(world.clock.utc_us(world.ticks()) - START_US - 200 * SECOND) < 2 * SECOND
