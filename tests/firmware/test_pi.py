"""The node on a Raspberry Pi: its wires, its Linux, its network, and the whole of it."""

import datetime
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from groundswell import topics, wire
from groundswell.model import Model
from sensor_bench import COUNTS_PER_G, KINDS, lively, quiet
from small_model import FILE, INPUT, OUTPUT

from firmware.pi import inference, linux
from firmware.pi.board import PiBoard
from firmware.sensors.bus import SpiBus
from firmware.sensors.i2c_bus import I2cBus
from firmware.state.flash import Flash
from firmware.state.starts import Starts
from system.broker import TlsFiles
from system.certificates import Authority, yesterday
from tests.firmware import fake_pi
from tests.firmware.test_uplink_with_broker import true_us
from tests.firmware.witness import Witness
from tests.link.broker_process import BrokerProcess
from tests.system.waiting import until

NODE_ID = 0x2A
SETTINGS = {"sensor": "adxl355", "bus": "spi", "address_pin": 0}


@pytest.fixture
def modules() -> Iterator[None]:
    before = {name: sys.modules.get(name) for name in ("spidev", "smbus2", "firmware.pi.wires")}
    sys.modules.pop("firmware.pi.wires", None)
    yield
    for name, module in before.items():
        sys.modules.pop(name, None)
        if module is not None:
            sys.modules[name] = module


WIRINGS = [(name, bus) for name, (*_, buses) in KINDS.items() for bus in buses]


@pytest.mark.parametrize(("name", "kind"), WIRINGS)
def test_every_driver_gets_every_sample_through_linux(
    modules: None, tmp_path: Path, name: str, kind: str
) -> None:
    driver, make_model, bits, _ = KINDS[name]
    model = make_model(lively(bits))
    fake_pi.install(model, driver.i2c_addresses[0])
    bus = PiBoard(str(tmp_path)).bus({**SETTINGS, "sensor": name, "bus": kind})
    assert isinstance(bus, SpiBus if kind == "spi" else I2cBus)
    chip = driver(bus, lambda ms: None)
    chip.start()
    first = model.samples
    got: list[tuple[int, ...]] = []
    for _ in range(40):
        model.tick(7)
        n = chip.poll()
        got += [tuple(chip.counts[3 * k : 3 * k + 3]) for k in range(n)]

    # a driver may throw away what was there before it started
    last = model.samples
    expected = [tuple(model.counts_of(n)) for n in range(first, last)]
    assert len(got) > 200 and got == expected[len(expected) - len(got) :]


def test_a_self_test_through_linux_passes(modules: None, tmp_path: Path) -> None:
    driver, make_model, _, _ = KINDS["adxl355"]
    model = make_model(quiet(COUNTS_PER_G["adxl355"]))
    fake_pi.install(model)
    chip = driver(PiBoard(str(tmp_path)).bus(SETTINGS), lambda ms: model.tick(ms // 8 + 1))
    chip.start()

    assert chip.self_test().has_passed


def linux_with(root: Path, files: dict[str, str]) -> str:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return str(root)


WIRELESS = """\
Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan0: 0000   54.  -56.  -256        0      0      0      0     29        0
"""


def test_linux_says_whether_there_is_a_network_and_how_strong(tmp_path: Path) -> None:
    root = linux_with(tmp_path, {"sys/class/net/lo/operstate": "up\n"})
    told: list[list[str]] = []
    network = linux.Network(root, told.append)
    network.step(0)
    assert not network.is_up and network.rssi_dbm() == 0 and network.name_servers() == []

    resolver = "# by hand\nnameserver 192.168.1.1\nnameserver fe80::1\nnameserver\nsearch x\n"
    linux_with(
        tmp_path,
        {
            "sys/class/net/wlan0/operstate": "up\n",
            "proc/net/wireless": WIRELESS,
            "etc/resolv.conf": resolver,
        },
    )
    network.step(0)
    assert network.is_up and network.rssi_dbm() == -56
    network.step(0)
    assert told == [["192.168.1.1"]]

    linux_with(tmp_path, {"sys/class/net/wlan0/operstate": "down", "proc/net/wireless": "x\n" * 5})
    network.step(0)
    assert not network.is_up and network.rssi_dbm() == 0


def test_a_start_soon_after_the_machine_s_is_one_by_power(tmp_path: Path) -> None:
    for uptime, cause in (
        ("35.12 60.1\n", wire.RESET_POWER),
        ("99999.9 1.0\n", wire.RESET_WATCHDOG),
        ("nonsense", wire.RESET_UNKNOWN),
    ):
        root = linux_with(tmp_path, {"proc/uptime": uptime})
        assert PiBoard(str(tmp_path), root).reset_cause == cause


def test_the_light_is_linux_s_and_none_without_it(tmp_path: Path) -> None:
    assert PiBoard(str(tmp_path), str(tmp_path)).light is None
    led = {"sys/class/leds/ACT/brightness": "0", "sys/class/leds/ACT/trigger": "mmc0"}
    root = linux_with(tmp_path, led)
    light = PiBoard(str(tmp_path), root).light
    assert light is not None
    light(True)

    assert (tmp_path / "sys/class/leds/ACT/brightness").read_text() == "1"
    assert (tmp_path / "sys/class/leds/ACT/trigger").read_text() == "none"


def test_systemd_hears_that_the_node_is_ready_and_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        board = PiBoard(str(tmp_path))
        board.feed()  # not guarded yet: says nothing
        board.guard()
        board.feed()

        assert [systemd.recv(99), systemd.recv(99)] == [b"READY=1", b"WATCHDOG=1"]


def test_who_computes_the_network_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Model(FILE)
    litert, name = inference.quickest(FILE)
    assert name == "LiteRT" and bytes(litert.run(INPUT)) == OUTPUT
    inputs = np.random.default_rng(7).integers(-128, 128, (2000, plain.input_count), np.int8)
    wrong = sum(
        bytes(litert.run(row.tobytes())) != bytes(plain.run(row.tobytes())) for row in inputs
    )
    assert wrong == 0
    assert (litert.input_count, litert.output_count) == (plain.input_count, plain.output_count)
    assert (litert.input_zero, litert.output_zero) == (plain.input_zero, plain.output_zero)
    with pytest.raises(ValueError, match="samples instead of"):
        litert.run(b"\0")


def test_without_litert_numpy_computes_it(tmp_path: Path) -> None:
    """In a process of its own: whoever installs the twins has them for good."""
    program = (
        "import sys; sys.modules['ai_edge_litert'] = None\n"
        "from firmware.pi.inference import quickest\n"
        "from small_model import FILE, INPUT, OUTPUT\n"
        "model, name = quickest(FILE)\n"
        "assert name.startswith('NumPy'), name\n"
        "assert bytes(model.run(INPUT)) == OUTPUT\n"
    )
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=surroundings, check=True)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[BrokerProcess]:
    """A broker that wants certificates; the node's are where the node looks for them."""
    now = datetime.datetime.now(datetime.UTC)
    folder = tmp_path / "tls"
    authority = Authority.found("test authority", now)
    authority.save(folder)
    for name, hosts in (("broker", ("127.0.0.1",)), ("node", ()), ("witness", ())):
        authority.issue(folder, name, hosts, yesterday(now))
    files = TlsFiles(folder / "ca.pem", folder / "broker.pem", folder / "broker.key")
    process = BrokerProcess("nats", tmp_path, files)
    process.start()
    yield process
    process.stop()


def test_the_whole_node_says_what_a_node_says_obeys_and_goes_with_a_goodbye(
    secured: BrokerProcess, tmp_path: Path
) -> None:
    settings = {
        "node_id": NODE_ID,
        "lat_udeg": 17000000,
        "lon_udeg": -101000000,
        "brokers": [secured.address],
        "has_tls": True,
        "time_servers": [],
    }
    (tmp_path / "node.json").write_text(json.dumps(settings))
    witness = Witness(secured, tls=str(tmp_path / "tls" / "witness"))
    node = subprocess.Popen(
        [sys.executable, Path(fake_pi.__file__), "--state", tmp_path],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until(lambda: witness.messages(NODE_ID, "status"), 20, "a status")
        test = wire.Command(
            NODE_ID, 1, wire.ACTION_SELF_TEST, true_us(), true_us() + 100_000_000, b""
        )
        witness.link.publish(topics.of_message(test), wire.encode(test), qos=1)
        until(lambda: witness.messages(NODE_ID, "reply"), 10, "a reply")
        node.send_signal(signal.SIGTERM)
        _, journal = node.communicate(timeout=60)
    finally:
        node.kill()
        node.communicate()
        said: list[Any] = witness.messages(NODE_ID, "status")
        witness.link.stop()

    assert said[0].sensor == wire.SENSOR_ADXL355 and said[0].lat_udeg == 17000000
    assert said[-1].state == wire.STATE_OFFLINE and node.returncode == 0
    # without a time server it does not know how old a command is
    (reply,) = witness.messages(NODE_ID, "reply")
    assert reply.result == wire.RESULT_REFUSED and b"clock" in reply.payload
    assert "PASS" in journal
    assert "the network is run by LiteRT" in journal
    again = Starts(Flash(str(tmp_path)))
    again.begin(wire.RESET_WATCHDOG)  # what a Pi says of any start long after its own
    assert (again.crashes, again.reset_cause) == (0, wire.RESET_COMMAND)
