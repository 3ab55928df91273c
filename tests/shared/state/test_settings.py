import json

from firmware.state import settings
from firmware.state.settings import SettingsError
from groundswell.detector import THRESHOLD_8
from groundswell.judge import BUSY_SEND_FROM_PERMILLE, SEND_FROM_PERMILLE


def refusal(changes):
    """Return why changes to the defaults are refused, or None."""
    raw = changes if isinstance(changes, bytes) else json.dumps(changes).encode()
    old = settings.defaults()
    try:
        settings.changed(old, raw)
    except SettingsError as error:
        assert old == settings.defaults()
        return str(error)
    return None


def test_changes_are_taken_and_the_old_settings_stay_as_they_are():
    old = settings.defaults()
    new = settings.changed(old, b'{"node_id": 7, "brokers": ["a.example:8883", "10.0.0.1:1883"]}')

    assert new["node_id"] == 7 and new["brokers"] == ["a.example:8883", "10.0.0.1:1883"]
    assert old == settings.defaults() != new
    assert {name for name in new if new[name] != old[name]} == {"node_id", "brokers"}


def test_each_default_is_possible():
    settings.check(settings.defaults())


def test_a_device_publishes_what_detect_does():
    assert settings.defaults()["send_from_permille"] == SEND_FROM_PERMILLE
    assert settings.defaults()["busy_from_permille"] == BUSY_SEND_FROM_PERMILLE
    assert settings.defaults()["ratio_milli"] == 125 * THRESHOLD_8


def test_all_or_nothing():
    assert "elevation_m" in refusal({"node_id": 8, "elevation_m": 9001})


def test_what_cannot_be_is_refused_with_its_name():
    for changes, word in (
        ({"lat_udeg": 90000001}, "lat_udeg"),
        ({"node_id": -1}, "node_id"),
        ({"node_id": 1.5}, "node_id"),
        ({"node_id": True}, "node_id"),
        ({"node_id": "7"}, "node_id"),
        ({"wifi_ssid": "x" * 33}, "wifi_ssid"),
        ({"wifi_ssid": "ä" * 17}, "wifi_ssid"),
        ({"wifi_key": "short"}, "wifi_key"),
        ({"seal_key": "ab" * 31}, "seal_key"),
        ({"seal_key": "xy" * 32}, "seal_key"),
        ({"brokers": "host:1883"}, "brokers"),
        ({"brokers": ["host"]}, "HOST:PORT"),
        ({"brokers": ["host:0"]}, "HOST:PORT"),
        ({"brokers": ["host:65536"]}, "HOST:PORT"),
        ({"brokers": [":1883"]}, "HOST:PORT"),
        ({"brokers": [7]}, "brokers"),
        ({"brokers": ["h:1"] * 5}, "brokers"),
        ({"sensor": "adxl999"}, "adxl999"),
        ({"sensor": "mpu6050"}, "SPI"),
        ({"bus": "can"}, "bus"),
        ({"rate_mhz": 100000}, "125000"),
        ({"range_g": 16}, "range_g"),
        ({"status_every_s": 4}, "status_every_s"),
        ({"sends_waveforms": 1}, "sends_waveforms"),
        ({"colour": "red"}, "colour"),
    ):
        said = refusal(changes)
        assert said is not None and word in said, (changes, said)


def test_nonsense_is_refused():
    for raw in (
        b"",
        b"7",
        b"[]",
        b"null",
        b'{"node_id": 1',
        b"\xff\xfe",
        b"{" * 2000,
        b"[" * 2000,
    ):
        assert refusal(raw) is not None, raw
    assert "too many" in refusal(b'{"node_id": 1}' + b" " * 3000)


def test_a_change_of_what_is_live_needs_no_start():
    old = settings.defaults()
    live = settings.changed(old, b'{"send_from_permille": 500, "status_every_s": 10}')
    other = settings.changed(old, b'{"send_from_permille": 500, "rate_mhz": 62500}')

    assert not settings.needs_start(old, live)
    assert settings.needs_start(old, other)


def test_secrets_are_not_shown():
    new = settings.changed(settings.defaults(), b'{"wifi_key": "geheimnis"}')

    assert "geheimnis" not in json.dumps(settings.without_secrets(new))
    assert settings.without_secrets(new)["wifi_key"]
    assert not settings.without_secrets(settings.defaults())["wifi_key"]


def test_every_driver_can_be_configured():
    for sensor in settings.DRIVERS:
        new = dict(settings.defaults())
        new.update({"sensor": sensor, "bus": "i2c"})
        settings.check(new)
        assert settings.driver_of(new).i2c_addresses
