from firmware.health import Health
from firmware.timesync.timekeeper import TimeKeeper
from groundswell import faults

from random_numbers import RandomNumbers
from time_world import SECOND, TimeServer, TimeWorld

HOUR = 3600
HOUR_US = HOUR * SECOND


class Names:
    """What a name server says: the numbers of those servers of the world that are known."""

    def __init__(self, known):
        self.known = known
        self.look_ups = 0

    def __call__(self, servers):
        self.look_ups += 1
        return list(self.known)


class Kept:
    """A clock that is kept by the servers of a world, named by `names`."""

    def __init__(self, servers, names, configured=4):
        self.world = TimeWorld(servers)
        self.health = Health()
        self.keeper = TimeKeeper(
            self.world.clock,
            self.world.ticks,
            [("pool", 123)] * configured,
            names,
            self.world._open,
            RandomNumbers(7).some_bytes,
            self.health,
        )

    def run(self, seconds, idle_us=SECOND // 2):
        world = self.world
        end_us = world.true_us + round(seconds * SECOND)
        while world.true_us < end_us:
            self.keeper.step(world.ticks())
            world.true_us += 1000 if self.keeper.is_asking else idle_us

    def is_told(self):
        return bool(self.health.bits(self.world.ticks()) & faults.TIME_SERVERS)

    def is_right(self):
        return self.world.is_synchronised() and abs(self.world.error_us()) < 2000


def silent():
    server = TimeServer()
    server.is_up = False
    return server


def test_servers_that_were_named_wrongly_at_the_start_are_looked_up_again():
    names = Names([0])
    kept = Kept([silent(), TimeServer()], names, configured=1)
    kept.run(60)
    assert not kept.world.is_synchronised() and kept.is_told()

    names.known = [1]
    kept.run(650)
    assert kept.is_right() and not kept.is_told()


def test_a_lone_server_that_moved_is_found_again():
    names = Names([0])
    kept = Kept([TimeServer(), TimeServer()], names, configured=1)
    kept.run(200)
    assert kept.is_right()
    kept.world.servers[0].is_up = False
    names.known = [1]
    kept.run(2 * HOUR)

    assert kept.is_right() and not kept.is_told()
    assert len(kept.world.servers[1].asked_at_us) > 10


def test_servers_that_stay_silent_are_looked_up_ever_less():
    names = Names([0])
    kept = Kept([silent()], names, configured=1)
    kept.run(3 * HOUR, 20 * SECOND)

    assert 18 <= names.look_ups <= 18 + 9


def test_one_that_fell_silent_is_replaced_within_a_day():
    names = Names([0, 1, 2, 3])
    kept = Kept([TimeServer() for _ in range(5)], names)
    kept.run(22 * HOUR, 10 * SECOND)
    kept.world.servers[3].is_up = False
    kept.run(HOUR, 10 * SECOND)
    assert names.look_ups == 1 and not kept.is_told()

    names.known = [0, 1, 2, 4]
    kept.run(2 * HOUR, 10 * SECOND)
    assert names.look_ups == 2
    assert len(kept.world.servers[4].asked_at_us) > 3
    assert kept.is_right() and kept.world.clock.steps == 0


def test_a_lone_voice_where_several_were_to_be_asked_is_told_until_there_are_others():
    names = Names([0])
    kept = Kept([TimeServer(), TimeServer(), TimeServer()], names)
    kept.run(100)
    assert kept.is_right() and kept.is_told()

    names.known = [0, 1, 2]
    kept.run(700)
    assert kept.is_right() and not kept.is_told()
    assert all(server.asked_at_us for server in kept.world.servers)


def test_it_is_told_when_only_a_minority_answers():
    kept = Kept([TimeServer(), TimeServer(), TimeServer(), TimeServer()], Names([0, 1, 2, 3]))
    kept.run(100)
    assert not kept.is_told()
    for server in kept.world.servers[2:]:
        server.is_up = False
    kept.run(600)

    assert kept.is_told() and kept.is_right()


def test_what_is_looked_up_later_does_not_make_a_settled_clock_jump():
    names = Names([0])
    kept = Kept([TimeServer(), TimeServer(lie_us=HOUR_US)], names, configured=1)
    kept.run(200)
    kept.world.servers[0].is_up = False
    names.known = [1]
    kept.run(500)

    assert len(kept.world.servers[1].asked_at_us) >= 3
    assert kept.is_told() and abs(kept.world.error_us()) < 20000


def test_a_lone_server_that_was_right_and_sent_us_away_is_asked_again_when_it_is_named_again():
    server = TimeServer()
    kept = Kept([server], Names([0]), configured=1)
    kept.run(100)
    server.kiss = b"DENY"
    kept.run(300)
    asked = len(server.asked_at_us)
    server.kiss = b""
    kept.run(HOUR)

    assert len(server.asked_at_us) > asked + 5 and kept.is_right()
