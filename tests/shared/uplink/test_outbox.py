from firmware.uplink import outbox
from firmware.uplink.outbox import Frame, Outbox


def frame(name, urgency, is_retained=False, size=1, expires_ticks_us=None, late=None):
    return Frame(name, bytes(size), urgency, 1, is_retained, expires_ticks_us, late)


def names(box, now_us=0):
    taken = []
    while True:
        one = box.take(now_us)
        if one is None:
            return taken
        taken.append(one.topic)


def test_triggers_overtake_everything_that_came_before():
    box = Outbox()
    box.put(frame("waveform", outbox.WAVEFORM))
    box.put(frame("shaking", outbox.SHAKING))
    box.put(frame("status", outbox.STATUS))
    box.put(frame("trigger 0", outbox.TRIGGER))
    box.put(frame("trigger 1", outbox.TRIGGER))

    assert names(box) == ["trigger 0", "trigger 1", "status", "shaking", "waveform"]


def test_a_full_box_drops_the_oldest_of_the_least_urgent_and_counts():
    box = Outbox(max_frames=3)
    for number in range(3):
        box.put(frame(f"waveform {number}", outbox.WAVEFORM))
    box.put(frame("trigger", outbox.TRIGGER))
    box.put(frame("shaking", outbox.SHAKING))

    assert names(box) == ["trigger", "shaking", "waveform 2"]
    assert box.drops == 2


def test_a_newcomer_that_is_least_urgent_is_itself_dropped():
    box = Outbox(max_frames=2)
    box.put(frame("trigger 0", outbox.TRIGGER))
    box.put(frame("trigger 1", outbox.TRIGGER))
    box.put(frame("waveform", outbox.WAVEFORM))

    assert names(box) == ["trigger 0", "trigger 1"]
    assert box.drops == 1


def test_bytes_are_bounded_too():
    box = Outbox(max_frames=100, max_bytes=1000)
    for number in range(10):
        box.put(frame(str(number), outbox.WAVEFORM, size=300))

    assert names(box) == ["7", "8", "9"]
    assert box.drops == 7


def test_bytes_that_left_make_room_again():
    box = Outbox(max_frames=100, max_bytes=1000)
    for number in range(50):
        box.put(frame(str(number), outbox.SHAKING, size=900))
        assert names(box) == [str(number)]
    assert box.drops == 0


def test_a_trigger_past_its_deadline_is_never_sent_as_if_it_were_new():
    box = Outbox()
    late = ("late", b"marked")
    box.put(frame("waveform", outbox.WAVEFORM))
    box.put(frame("old", outbox.TRIGGER, expires_ticks_us=100, late=late))
    box.put(frame("in time", outbox.TRIGGER, expires_ticks_us=101, late=late))
    box.put(frame("shaking", outbox.SHAKING))

    assert names(box, now_us=101) == ["in time", "shaking", "late", "waveform"]
    assert box.drops == 0


def test_what_goes_out_late_is_the_late_version_and_waits_for_its_confirmation():
    box = Outbox()
    box.put(frame("old", outbox.TRIGGER, expires_ticks_us=0, late=("late", b"marked")))

    assert box.take(1) == Frame("late", b"marked", outbox.LATE, 1, False, None, None)


def test_a_frame_past_its_deadline_without_a_late_version_is_dropped_and_counted():
    box = Outbox()
    box.put(frame("old", outbox.TRIGGER, expires_ticks_us=100))

    assert names(box, now_us=101) == []
    assert box.drops == 1


def test_late_frames_are_bounded_and_the_oldest_go_first():
    box = Outbox()
    for number in range(outbox.MAX_LATE + 3):
        box.put_late(frame("old", outbox.TRIGGER, late=(str(number), bytes(700))))

    assert names(box) == [str(number) for number in range(3, outbox.MAX_LATE + 3)]
    assert box.drops == 3
    box.put(frame("large", outbox.WAVEFORM, size=outbox.MAX_BYTES))
    assert names(box) == ["large"]  # their bytes left with them


def test_only_the_newest_state_of_a_topic_waits_and_that_is_no_loss():
    box = Outbox()
    box.put(frame("status", outbox.STATUS, is_retained=True, size=1))
    box.put(frame("reply", outbox.STATUS))
    box.put(frame("status", outbox.STATUS, is_retained=True, size=2))

    assert names(box) == ["reply", "status"]
    assert box.drops == 0
