"""The whole firmware on a virtual board takes an update, confirms it once armed, or goes back."""

import json

from firmware.update import updater
from firmware.update.selection import Selection
from groundswell import faults, wire

from signer import Signer
from simulated_flash import TORN, SimulatedFlash
from update_bench import NEW, Release, number_of
from virtual_world import SETTINGS, World

SIGNER = Signer()


class LaunchedWorld(World):
    """Its node is started by launch.py's choice; slots: which copy each start ran."""

    def power_on(self, cause):
        self.files.restart()
        self.slots = getattr(self, "slots", []) + [Selection(self.files).begin()]
        World.power_on(self, cause)

    def ask_about(self, release):
        """Announce the release; return the text of the reply."""
        self.command_id += 1
        now_us = self.time.true_us
        command = wire.Command(
            42,
            self.command_id,
            wire.ACTION_UPDATE,
            now_us,
            now_us + 30000000,
            release.announcement,
        )
        self.broker.tell(command)
        self.run(0.2)
        replies = [m for m in self.broker.said(wire.Reply) if m.command_id == self.command_id]
        return replies[0].payload if replies else b""

    def send(self, release):
        """Give the node what it asks for until it starts anew."""
        starts = self.starts
        for _ in range(400):
            words = self.ask_about(release).split()
            if self.starts > starts:
                return
            if words[:1] == [b"send"]:
                index, offset = int(words[1]), int(words[2])
                for at in range(offset, min(offset + 4096, len(release.contents[index])), 1024):
                    piece = release.contents[index][at : at + 1024]
                    self.broker.tell(wire.Chunk(42, number_of(release), index, at, piece))
        raise AssertionError(self.board.log_lines)


def new_world():
    files = SimulatedFlash()
    for folder in ("state", "boot", "boot/firmware"):
        files.make_folder(folder)
    files.write("boot/firmware/launch.py", b"")
    files.write("node.json", json.dumps(SETTINGS).encode())
    files.write(updater.KEYS_FILE, SIGNER.public_key.hex().encode())
    return LaunchedWorld(files=files)


def release_for_it():
    return Release(board="virtual", version=(9, 0, 0), signer=SIGNER)


def test_an_update_arrives_starts_and_is_confirmed_when_the_node_is_armed():
    world = new_world().armed()
    samples = world.samples()
    world.send(release_for_it())

    assert world.slots == ["a", "b"]
    assert Selection(world.files).is_on_trial
    for path, content in NEW.items():
        assert world.files.read("b/" + path) == content
    world.run_until(lambda: not Selection(world.files).is_on_trial)
    status = world.last_status()
    assert status.state == wire.STATE_ARMED
    assert status.reset_cause == wire.RESET_UPDATE
    assert status.faults == 0
    assert samples > 0
    assert world.ask_about(release_for_it()) == b"done"


def test_a_release_that_is_started_twice_and_never_armed_is_left_and_told():
    world = new_world()
    world.run_until(world.statuses)
    world.run(5)  # the clock is set, so that commands are taken
    world.send(release_for_it())
    world.power_on(wire.RESET_POWER)
    world.power_on(wire.RESET_POWER)

    assert world.slots == ["a", "b", "b", "a"]
    world.armed()
    assert world.last_status().faults == faults.UPDATE
    assert world.ask_about(release_for_it()).startswith(b"rolled back: ")


def test_cuts_of_power_while_the_update_is_written_only_make_it_later():
    world = new_world()
    cuts = 0
    while world.slots[-1] == "a":
        world.files.cut_at(2 + 2 * cuts, TORN[cuts % len(TORN)])
        cuts += 1
        world.send(release_for_it())
        assert cuts < 20
    world.files.restart()

    assert cuts > 4
    for path, content in NEW.items():
        assert world.files.read("b/" + path) == content
    assert not world.files.read("a/firmware/main.py")  # nothing else was touched
    world.run_until(lambda: not Selection(world.files).is_on_trial)


def test_a_board_that_was_not_flashed_for_updates_says_so():
    world = World()
    world.run_until(world.statuses)
    world.run(5)

    assert world.ask(wire.ACTION_UPDATE, {}).result == wire.RESULT_UNKNOWN_ACTION


def test_an_update_that_arrives_spoilt_is_not_started_and_the_node_goes_on():
    world = new_world().armed()
    release = release_for_it()
    whole = release.contents[1]
    release.contents[1] = b"?" + whole[1:]
    samples, answers = world.samples(), []
    while not answers or b"did not arrive" not in answers[-1]:
        answers.append(world.ask_about(release))
        assert len(answers) < 200
        words = answers[-1].split()
        if words[:1] == [b"send"]:
            index, offset = int(words[1]), int(words[2])
            piece = release.contents[index][offset : offset + 1024]
            world.broker.tell(wire.Chunk(42, number_of(release), index, offset, piece))
    world.run(31)
    assert answers[-1] == b"b/firmware/main.py did not arrive as it was signed"
    assert world.starts == 1 and world.is_armed() and world.samples() > samples

    release.contents[1] = whole
    world.send(release)
    assert world.slots == ["a", "b"]
