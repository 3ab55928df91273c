import json

from firmware.state import settings, storage
from firmware.state.configuration import FACTORY_FILE, NAME, TRIAL_STARTS, Configuration

from simulated_flash import TORN, PowerCut, SimulatedFlash


def flash(factory=b'{"node_id": 5}'):
    files = SimulatedFlash()
    files.make_folder("state")
    if factory is not None:
        files.write(FACTORY_FILE, factory)
    return files


def started(files):
    """Return the configuration as a start finds it."""
    configuration = Configuration(files)
    configuration.begin()
    return configuration


def changed(configuration, raw=b'{"node_id": 6}'):
    return settings.changed(configuration.settings, raw)


def test_a_new_node_has_what_the_technician_left():
    found = started(flash())

    assert found.settings["node_id"] == 5 and not found.is_broken and not found.is_on_trial


def test_without_a_file_the_defaults_are_in_force():
    found = started(flash(factory=None))

    assert found.settings == settings.defaults() and not found.is_broken


def test_a_broken_file_of_the_technician_is_told():
    for raw in (b"{", b'{"node_id": -1}', b"\xff"):
        found = started(flash(raw))
        assert found.settings == settings.defaults() and found.is_broken


def test_new_settings_stay_once_the_node_has_connected():
    files = flash()
    first = started(files)
    first.propose(changed(first))
    trial = started(files)
    assert trial.settings["node_id"] == 6 and trial.is_on_trial
    trial.confirm()

    for _ in range(TRIAL_STARTS + 2):
        later = started(files)
        assert later.settings["node_id"] == 6 and not later.is_on_trial


def test_new_settings_that_do_not_connect_are_given_up_and_it_is_told_once():
    files = flash()
    first = started(files)
    first.propose(changed(first))
    started(files).give_up()

    after = started(files)
    assert after.settings["node_id"] == 5 and after.was_rolled_back and not after.is_on_trial
    assert not started(files).was_rolled_back


def test_new_settings_with_which_the_node_only_crashes_are_given_up():
    files = flash()
    first = started(files)
    first.propose(changed(first))
    ids = [started(files).settings["node_id"] for _ in range(TRIAL_STARTS + 1)]

    assert ids == [6] * TRIAL_STARTS + [5]


def test_what_needs_no_trial_is_kept_at_once_also_during_one():
    files = flash()
    first = started(files)
    first.keep(changed(first, b'{"send_from_permille": 300}'))
    assert started(files).settings["send_from_permille"] == 300

    first.propose(changed(first))
    trial = started(files)
    trial.keep(changed(trial, b'{"send_from_permille": 400}'))
    again = started(files)
    assert again.settings["send_from_permille"] == 400 and again.is_on_trial
    again.give_up()
    assert started(files).settings["send_from_permille"] == 300


def test_a_spoilt_file_leads_back_to_the_technicians_and_is_told():
    files = flash()
    first = started(files)
    first.keep(changed(first))
    for slot in (0, 1):
        if files.read(f"{NAME}.{slot}") is not None:
            files.write(f"{NAME}.{slot}", b"\xff" * 100)

    found = started(files)
    assert found.settings["node_id"] == 5 and found.is_broken


def test_saved_settings_of_another_firmware_are_no_crash():
    for raw in (b"{}", b"[]", b"7", b'{"now": {"node_id": 5}, "trial": null}', b"\xff"):
        files = flash()
        storage.save(files, NAME, raw)
        found = started(files)
        assert found.settings["node_id"] == 5 and found.is_broken, raw


def test_an_update_that_adds_or_drops_a_setting_keeps_the_others():
    files = flash()
    first = started(files)
    first.keep(changed(first, b'{"brokers": ["moved:1883"], "node_id": 6}'))
    first.propose(changed(first, b'{"wifi_ssid": "new"}'))
    document = json.loads(str(storage.load(files, NAME), "utf-8"))
    for one in (document["now"], document["trial"]):
        one["of_the_next"] = 1
        del one["pps_pin"], one["seal_key"]
    storage.save(files, NAME, json.dumps(document).encode())

    found = started(files)
    assert not found.is_broken and set(found.settings) == set(settings.SETTINGS)
    assert found.settings["wifi_ssid"] == "new" and found.settings["pps_pin"] == -1
    found.give_up()
    old = started(files).settings
    assert old["brokers"] == ["moved:1883"] and old["node_id"] == 6 and old["wifi_ssid"] == ""


def test_a_cut_of_power_at_any_write_leaves_the_old_or_the_new_settings():
    for how in TORN:
        for cut in range(6):
            files = flash()
            files.cut_at(cut, how)
            try:
                first = started(files)
                first.propose(changed(first))
                trial = started(files)
                trial.confirm()
                files.restart()
            except PowerCut:
                files.restart()
            found = started(files)
            assert found.settings["node_id"] in (5, 6), (how, cut)
            found = started(files)
            assert found.settings["node_id"] in (5, 6) and not found.is_broken, (how, cut)
            found.confirm()
            assert started(files).settings["node_id"] == found.settings["node_id"]
