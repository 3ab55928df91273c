"""ESP32 and Pico W against stand-ins for MicroPython's machine and network."""

import sys

from firmware.sensors.bus import I2C, SPI
from firmware.state import settings as rules
from groundswell import wire

from board_stand_ins import KINDS, MACHINE, FakeTime, board_of


def settings(**changes):
    found = rules.defaults()
    found.update(changes)
    rules.check(found)
    return found


def test_an_esp32_runs_as_fast_as_it_can_before_anything_else():
    for MACHINE.fastest_hz in (160000000, 240000000):
        board_of("esp32")
        started = []
        sys.modules["firmware.boards.esp32"].run = started.append
        sys.modules["firmware.boards.esp32"].main()

        assert MACHINE.made[0] == ("clock", 240000000) and len(started) == 1


def test_a_pico_w_and_a_c3_are_known_to_be_slower_than_the_others():
    steps_ms = [board_of(name)[0].longest_step_ms for name in sorted(KINDS)]
    assert steps_ms == [480, 800, 480, 800]


def test_a_board_starts_with_its_own_light_and_buzzer():
    for name in ("esp32_s3", "esp32_c3"):
        board_of(name)
        started = []
        module = sys.modules["firmware.boards." + name]
        module.run = started.append
        module.main()
        pins = [made[1] for made in MACHINE.made if made[0] == "pin"]
        (board,) = started
        assert tuple(pins) == board.signal_pins and board.name == name.replace("_", "-")


def test_each_board_wires_each_chip():
    for name in sorted(KINDS):
        board, _ = board_of(name)
        spi = board.bus(settings())
        assert spi.kind == SPI
        options = next(made for made in MACHINE.made if made[0] == "spi")[2]
        assert options["baudrate"] == 5000000 and (options["polarity"], options["phase"]) == (0, 0)
        pins = [made[1] for made in MACHINE.made if made[0] == "pin"]
        assert len(set(pins)) == 4
        board.bus(settings(sensor="adxl345"))
        assert MACHINE.made[-2][2]["polarity"] == MACHINE.made[-2][2]["phase"] == 1
        i2c = board.bus(settings(sensor="mpu6050", bus="i2c", address_pin=1))
        assert i2c.kind == I2C and i2c.address == 0x69


def test_why_a_board_started():
    for cause, told in (
        (MACHINE.PWRON_RESET, wire.RESET_POWER),
        (MACHINE.WDT_RESET, wire.RESET_WATCHDOG),
        (MACHINE.HARD_RESET, wire.RESET_UNKNOWN),
    ):
        MACHINE.cause = cause
        assert board_of("esp32")[0].reset_cause == told


def test_light_buzzer_and_watchdog():
    board, _ = board_of("pico_w")
    board.light(True)
    board.buzzer(False)
    board.feed()
    before = MACHINE.fed
    board.guard()
    board.feed()

    assert MACHINE.fed == before + 1
    assert ("watchdog", 8000) in MACHINE.made


def test_the_network_is_joined_and_joined_again_and_gives_the_name_server():
    board, network = board_of("esp32")
    wifi = board.network(settings(wifi_ssid="home", wifi_key="geheimnis"))
    wifi.step(0)
    assert network.wlan.joins == [("home", "geheimnis")] and not wifi.is_up
    assert board.look_up([("127.0.0.1", 123)]) == []
    network.wlan.is_connected = True
    wifi.step(3000000)
    assert wifi.is_up and wifi.rssi_dbm() == -61
    way = board.ways(settings(brokers=["broker.example:1883"]))[0]
    assert way.names.servers == ["10.0.0.53"] and way.security is None
    assert len(board.look_up([("127.0.0.1", 123)])) == 1

    network.wlan.is_connected = False
    wifi.step(4000000)
    assert not wifi.is_up and wifi.losses == 1 and wifi.rssi_dbm() == 0
    assert len(network.wlan.joins) == 2
    for second in range(5, 125):
        wifi.step(second * 1000000)
    assert 4 <= len(network.wlan.joins) <= 7  # ever less often


def test_the_calendar_is_set_in_the_ports_own_epoch():
    board, _ = board_of("esp32")
    read, set_to = board.calendar()
    set_to(1800000000)  # 2027-01-15 08:00:00 UTC, a Friday

    assert MACHINE.calendar == (2027, 1, 15, 4, 8, 0, 0, 0)
    assert read() > 1700000000


def pulse_of(clock, ticks):
    """Return the pulse at pin 34 of a board with this clock."""
    sys.modules.pop("firmware.boards.pulse", None)
    real = sys.modules.get("time")
    sys.modules["machine"], sys.modules["time"] = MACHINE, clock
    try:
        from firmware.boards.pulse import Pulse
    finally:
        del sys.modules["machine"], sys.modules["time"], sys.modules["firmware.boards.pulse"]
        if real is not None:
            sys.modules["time"] = real
    return Pulse(34, ticks)


def read(clock, pause_us):
    """Return a clock's time; then something else runs for so long."""
    now_us = clock.us
    clock.us += pause_us
    return now_us


def test_a_pin_tells_when_its_last_pulse_was_and_tells_it_once():
    clock = FakeTime()
    wraps_us = (1 << 30) - 20000
    pulse = pulse_of(clock, lambda: 7000000 + clock.us - wraps_us)
    assert MACHINE.made[-1] == ("pin", 34) and pulse.last() is None
    for at_us, told_us in ((0, 7000000), (30000, 7030000)):  # the counter wraps in between
        clock.us = wraps_us + at_us
        pulse._pin.rise()
        clock.us += 15000
        assert pulse.last() == told_us and pulse.last() is None


def test_a_pulse_is_never_told_as_earlier_than_it_was():
    for pause_us in (0, 900):  # an interruption: after either of the two readings
        for is_between in (True, False):
            clock = FakeTime()
            pulse = pulse_of(clock, lambda clock=clock, us=pause_us: read(clock, us))
            if is_between:
                clock.ticks_us = lambda clock=clock, us=pause_us: read(clock, us)
            clock.us = 5000
            pulse._pin.rise()
            caught_us = pulse._caught
            clock.us = 20000
            assert caught_us <= pulse.last() <= caught_us + 900


def test_no_pin_that_a_board_uses_itself_catches_pulses():
    for name in sorted(KINDS):
        board, _ = board_of(name)
        for pin in board.spi_pins[1:] + board.i2c_pins[1:] + board.signal_pins:
            if pin == "LED":
                continue
            try:
                board.pulses(pin)
            except ValueError as error:
                assert str(pin) in str(error)
                continue
            raise AssertionError(pin)


def test_the_two_picos_take_updates_of_their_own():
    board, _ = board_of("pico_w")
    board_name = sys.modules["firmware.boards.pico_w"].board_name

    assert board.name == "pico-w" == board_name("Raspberry Pi Pico W with RP2040")
    assert board_name("Raspberry Pi Pico 2 W with RP2350") == "pico-2-w"
