"""The node core: blocks of counts in, wire messages out. Everything a node says starts here.

The detector is easily roused; the judge (judge.py) says whether it was an earthquake. A detection
that is probable enough gives a Trigger at once (update 0), refinements 0.5, 1, 2, 3, ... s after
its pick, and one with FLAG_RETRACTED if it was nothing; waveform frames follow, one a block at
most, never in a block that has a trigger. Another detection stays silent and is looked at again
and again. While the ground shakes there is one Shaking a second.

What the numbers of a Trigger mean (motion.py has the filters, detector.py the pick):
- onset_us: the likeliest beginning (onset.py), found anew until a second after the pick; the
  pick, from which on peaks are taken, is at most 1.5 s later.
- pga_um_s2, pgv_nm_s: largest |component| of the acceleration above 0.1 Hz, and of the velocity
  (integrated once, above 0.2 Hz), from the pick to sample_us.
- pd_nm: largest |displacement| of the vertical, integrated twice, corners at 0.1, 0.2, 0.5 Hz, no
  low-pass; P and whatever else arrived until sample_us. An ADXL355's noise alone: some 10 um.
- ratio_milli: largest STA/LTA since the pick, of vertical or horizontal energy.
- noise_um_s2: RMS of the vertical in 1-12 Hz, long-term average just before the trigger.
- sample_us: the last sample used; sent_us: that, plus one block, plus PROCESSING_US.
"""

from groundswell import detector, motion, timeline, wire
from groundswell.identity import Identity as Identity  # for whoever makes a node
from groundswell.judge import BUSY_SEND_FROM_PERMILLE, SEND_FROM_PERMILLE, Opinion
from groundswell.moment import Moment, moment
from groundswell.recorder import KEPT_S
from groundswell.waveforms import Waveforms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from groundswell.clock import Clock
    from groundswell.judge import Judge

FIRMWARE = (0, 1, 0)
# ESP32 at 240 MHz, modelled (tools/device_cycles.py): a block 1.6 ms, a look of the model 2.1,
# an onset 2.0, the frame with its seal 0.8; the rest is for the uplink. No board has been timed.
PROCESSING_US = 10000
BLOCK_US = 32000  # how long a node collects before it computes: 4 samples at 125 Hz
SECOND_US = 1000000
HOUR_US = 3600 * SECOND_US
REFINE_FIRST_US = SECOND_US // 2
ONSET_UNTIL_US = SECOND_US + SECOND_US // 8  # what comes later does not make it better
REFINE_UNTIL_US = 40 * SECOND_US  # Pd of a large rupture grows for so long
NOTHING_SAID = ()  # a quiet block makes no list: it is garbage 30 times a second
MAX_TRIGGERS_KEPT = 64  # times of detections of the last hour

_U32 = (1 << 32) - 1


class Reporter:
    """One node. Bounded: rings of a few seconds, and the times of at most 64 detections."""

    def __init__(
        self,
        identity: Identity,
        rate_mhz: int,
        lsb_nm_s2: int,
        clock: "Clock",
        sends_waveforms: bool = True,
        judge: "Judge | None" = None,
        kept_s: int = KEPT_S,
    ) -> None:
        """rate_mhz: nominal; lsb_nm_s2: a count; judge: the trained one; kept_s: see Recorder."""
        if judge is None:
            from groundswell import trained

            judge = trained.judge()
        self.opinion = Opinion(judge)
        self._identity = identity
        self._rate_mhz = rate_mhz
        self._lsb_nm_s2 = lsb_nm_s2
        self._clock = clock
        clip = motion.range_counts(identity.sensor)
        self.detector = detector.Detector(rate_mhz, lsb_nm_s2, clip)
        self.block_samples = max(1, BLOCK_US * rate_mhz // 1000000000)
        self._seq = 0
        self._detection_id = -1
        self._update = -1  # of the latest detection; -1: nothing said of it
        self._is_open = False  # the latest detection is still being refined
        self._next_refinement_us = 0
        self._pick_ticks_us = 0
        self._onset_ticks_us = 0  # told: the pick, or earlier
        self._time = timeline.Timeline(rate_mhz)
        self._part_end = Moment()
        self._messages: "list[wire.NodeMessage]" = []  # of the block at hand
        self.waveforms: "Waveforms | None" = None  # with a ring of the last seconds
        if sends_waveforms:
            self.waveforms = Waveforms(
                identity, rate_mhz, lsb_nm_s2, clock, self._time, self.next_seq, kept_s
            )
        self.send_from_permille = SEND_FROM_PERMILLE  # where the place is quiet
        self.busy_from_permille = BUSY_SEND_FROM_PERMILLE
        self.is_masked = False  # our own buzzer shakes the ground
        self._triggers_ticks_us: list[int] = []  # published
        self._second_samples = 0  # of the current second of shaking

    def add_block(
        self, counts: "array[int]", sample_count: int, end_ticks_us: int
    ) -> "Sequence[wire.NodeMessage]":
        """Take samples x, y, z (vertical last), the last one of these ticks; return messages."""
        return self.take(counts, sample_count, moment(end_ticks_us))

    def take(
        self, counts: "array[int]", sample_count: int, end: Moment
    ) -> "Sequence[wire.NodeMessage]":
        """Do the same; allocates nothing where there is nothing to say."""
        messages = self._messages
        at = 0
        while at < sample_count:
            n = min(detector.LONGEST_BLOCK, sample_count - at)
            self._part_end.put(end, -self._time.duration_us(sample_count - at - n))
            self._note(n)
            if self.waveforms is not None:
                self.waveforms.recorder.keep(counts, at, n)
            self._report(self.detector.take(counts, at, n), n, messages)
            at += n
        if self.waveforms is not None and self.waveforms.recorder.is_wanted and not messages:
            waveform = self.waveforms.fetch(self.flags(self._time.end_ticks_us))
            if waveform is not None:
                messages.append(waveform)
        if not messages:
            return NOTHING_SAID
        self._messages = []
        return messages

    def status(
        self, now_ticks_us: int, free_memory_b: int = 0, rssi_dbm: int = 0, battery_mv: int = 0
    ) -> "wire.Status":
        """Return a Status message; due at the start, every 30 s, and when `state` changes."""
        return wire.Status(
            self._identity.node_id,
            self._identity.boot_id,
            self.next_seq(),
            self.state,
            self.flags(now_ticks_us),
            self._identity.sensor,
            self._clock.utc_us(now_ticks_us),
            self._clock.error_us(now_ticks_us),
            self._clock.drift_ppb,
            self._identity.lat_udeg,
            self._identity.lon_udeg,
            self._identity.elevation_m,
            self._time.rate_mhz(),
            self.detector.noise_now_um_s2(),
            min(65535, self._triggers_last_hour(now_ticks_us)),
            self._time.uptime_s(now_ticks_us),
            free_memory_b,
            min(_U32, self._time.lost_samples),
            battery_mv,
            rssi_dbm,
            *(FIRMWARE + (0, 0, wire.RESET_UNKNOWN)),  # whoever has the board knows the rest
        )

    @property
    def state(self) -> int:
        is_warm = self.detector.state != detector.WARMING_UP
        return wire.STATE_ARMED if is_warm else wire.STATE_STARTING

    def _note(self, sample_count: int) -> None:
        found = self._time.add(sample_count, self._part_end)
        if found != timeline.STEADY and self.waveforms is not None:
            self.waveforms.recorder.stop()  # a packet must not span a gap
        if found == timeline.LONG_GAP:
            self._is_open = False
            self.detector.lost()

    def _report(self, event: int, n: int, messages: "list[wire.NodeMessage]") -> None:
        if event == detector.BEGINS:
            self._open(messages)
        elif self._is_open:
            if event == detector.ENDS:
                self._close(messages)
            elif self._time.end_ticks_us >= self._next_refinement_us:
                self._refine(messages)
            elif self._update < 0 and self.opinion.is_due(self._time.end_ticks_us):
                self._say(0, messages)
        if self.detector.state == detector.TRIGGERED:
            self._shake(n, messages)
        else:
            self._second_samples = 0

    def _open(self, messages: "list[wire.NodeMessage]") -> None:
        now_ticks_us = self._time.end_ticks_us
        self._update = -1
        self._is_open = True
        self.opinion.begin(now_ticks_us)
        self._set_pick()
        self._refine(messages)

    def _count(self, now_ticks_us: int) -> None:
        """A detection is published: number it, and want the waveform that goes with it."""
        self._detection_id = (self._detection_id + 1) & 0xFFFF
        self.opinion.allowance.spend(now_ticks_us)
        self._triggers_ticks_us.append(now_ticks_us)
        if len(self._triggers_ticks_us) > MAX_TRIGGERS_KEPT:
            self._triggers_ticks_us.pop(0)
        if self.waveforms is not None:
            self.waveforms.recorder.start(self.detector.onset)

    def _set_pick(self) -> None:
        self._pick_ticks_us = self._time.ticks_us(self.detector.onset)
        self._next_refinement_us = self._pick_ticks_us + REFINE_FIRST_US

    def _refine(self, messages: "list[wire.NodeMessage]") -> None:
        self._say(0, messages)
        while self._next_refinement_us <= self._time.end_ticks_us:
            after_us = self._next_refinement_us - self._pick_ticks_us  # 0.5, 1, 2, 3, ... s
            self._next_refinement_us += REFINE_FIRST_US if after_us < SECOND_US else SECOND_US
        if self._next_refinement_us > self._pick_ticks_us + REFINE_UNTIL_US:
            self._is_open = False

    def _close(self, messages: "list[wire.NodeMessage]") -> None:
        """Say the last word: what it was, or that it was nothing."""
        self._is_open = False
        if self.waveforms is not None:
            self.waveforms.recorder.stop()
        if self._update >= 0:
            self._say(wire.FLAG_RETRACTED if self.detector.was_nothing() else 0, messages)

    def _say(self, extra_flags: int, messages: "list[wire.NodeMessage]") -> None:
        """Add a Trigger, unless the detection has been silent and is still improbable."""
        found = self.detector
        now_ticks_us = self._time.end_ticks_us
        p_quake_permille = self.opinion.ask(found, now_ticks_us, self._update < 0)
        if self._update < 0:
            levels = self.send_from_permille, self.busy_from_permille
            if not self.opinion.is_told(levels, found.noise_um_s2, now_ticks_us):
                return
            if self.opinion.is_late(now_ticks_us):
                found.pick_again()
                self._set_pick()
            self._count(now_ticks_us)
        if self._update < 0 or now_ticks_us < self._pick_ticks_us + ONSET_UNTIL_US:
            earlier_us = self._time.duration_us(found.onset - found.began())
            self._onset_ticks_us = self._pick_ticks_us - earlier_us
        self._update = min(255, self._update + 1)
        sample_us = self._clock.utc_us(now_ticks_us)
        messages.append(
            wire.Trigger(
                self._identity.node_id,
                self._identity.boot_id,
                self.next_seq(),
                self._detection_id,
                self._update,
                self.flags(now_ticks_us) | extra_flags,
                self._clock.utc_us(self._onset_ticks_us),
                sample_us,
                sample_us + self._time.duration_us(self.block_samples) + PROCESSING_US,
                self._clock.error_us(now_ticks_us),
                p_quake_permille,
                min(_U32, found.ratio_milli),
                min(_U32, found.peaks[0]),
                min(_U32, found.peaks[1]),
                min(_U32, found.peaks[2]),
                min(_U32, found.noise_um_s2),
            )
        )

    def _shake(self, n: int, messages: "list[wire.NodeMessage]") -> None:
        self._second_samples += n
        if self._second_samples * 1000 < self._rate_mhz:
            return
        pga_um_s2, pgv_nm_s = self.detector.peak_of_last(self._second_samples)
        self._second_samples = 0
        messages.append(
            wire.Shaking(
                self._identity.node_id,
                self._identity.boot_id,
                self.next_seq(),
                self.flags(self._time.end_ticks_us),
                self._clock.utc_us(self._time.end_ticks_us),
                self._clock.error_us(self._time.end_ticks_us),
                min(_U32, pga_um_s2),
                min(_U32, pgv_nm_s),
            )
        )

    def flags(self, now_ticks_us: int) -> int:
        flags = 0
        if not self._clock.is_synchronised(now_ticks_us):
            flags |= wire.FLAG_UNSYNCHRONISED
        if self.detector.state == detector.TRIGGERED and self.detector.is_clipped():
            flags |= wire.FLAG_CLIPPED
        if self._time.has_gap(now_ticks_us):
            flags |= wire.FLAG_GAP
        if self.is_masked:
            flags |= wire.FLAG_MASKED
        return flags

    def _triggers_last_hour(self, now_ticks_us: int) -> int:
        recent = [t for t in self._triggers_ticks_us if now_ticks_us - t < HOUR_US]
        self._triggers_ticks_us = recent
        return len(recent)

    def next_seq(self) -> int:
        self._seq = (self._seq + 1) & _U32
        return self._seq
