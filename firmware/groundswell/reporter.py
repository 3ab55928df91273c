"""The node core: blocks of counts in, wire messages out. Everything a node says starts here.

A detection gives a Trigger at once (update 0), refinements 0.5, 1, 2, 3, ... s after its onset, and
one with FLAG_RETRACTED if it was nothing. While the ground shakes there is one Shaking a second.
Waveform frames follow, one a block at most, never ahead of a trigger.

What the numbers of a Trigger mean (groundswell/motion.py has the filters):
- onset_us: the beginning of the change, picked back from the trigger (detector.change_point).
- pga_um_s2: largest |component| of the acceleration above 0.1 Hz, from the onset to sample_us.
- pgv_nm_s: largest |component| of the velocity: acceleration integrated once, above 0.2 Hz.
- pd_nm: largest |displacement| of the vertical, integrated twice: second-order Butterworth
  corners at 0.1, 0.2 and 0.5 Hz one after another, no low-pass (the integration is one); P and
  whatever has arrived since the onset until sample_us. White noise of an ADXL355 gives some 9 um.
- noise_um_s2: RMS of the vertical in 1-12 Hz, long-term average just before the trigger.
- sample_us: the last sample used; sent_us: that, plus one block, plus PROCESSING_US.
"""

from collections import namedtuple

from groundswell import detector, likelihood, wire

FIRMWARE = (0, 1, 0)
PROCESSING_US = 10000  # block, decision and frame on an ESP32 at 240 MHz: estimated, no board yet
BLOCK_US = 32000  # how long a node collects before it computes: 4 samples at 125 Hz
SECOND_US = 1000000
HOUR_US = 3600 * SECOND_US
GAP_FLAG_US = 10 * SECOND_US
GAP_RESTART_US = SECOND_US // 2  # a shorter gap shifts time but leaves the filters as they are
REFINE_FIRST_US = SECOND_US // 2
REFINE_UNTIL_US = 40 * SECOND_US  # Pd of a large rupture grows for so long
RETRACT_AFTER_US = 3 * SECOND_US
MAX_TRIGGERS_KEPT = 64  # times of detections of the last hour

# Counts at which a sensor clips (its data sheet: bits of the output).
RANGE_COUNTS = {
    wire.SENSOR_ADXL355: (1 << 19) - 1,
    wire.SENSOR_LIS3DH: (1 << 11) - 1,
    wire.SENSOR_MPU6050: (1 << 15) - 1,
    wire.SENSOR_LSM6DSO: (1 << 15) - 1,
    wire.SENSOR_ADXL345: (1 << 12) - 1,
}
_NO_RANGE_COUNTS = (1 << 30) - 1

_U32 = (1 << 32) - 1

Identity = namedtuple(
    "Identity",
    (
        "node_id",
        "boot_id",  # drawn at every start
        "lat_udeg",
        "lon_udeg",
        "elevation_m",
        "sensor",  # wire.SENSOR_...
    ),
)


class Reporter:
    """One node. Bounded: the detector's rings, and the times of at most 64 detections."""

    def __init__(self, identity, rate_mhz: int, lsb_nm_s2: int, clock) -> None:
        """rate_mhz: nominal sample rate; lsb_nm_s2: one count."""
        self._identity = identity
        self._rate_mhz = rate_mhz
        self._clock = clock
        self._detector = detector.Detector(
            rate_mhz, lsb_nm_s2, RANGE_COUNTS.get(identity.sensor, _NO_RANGE_COUNTS)
        )
        self.block_samples = max(1, BLOCK_US * rate_mhz // 1000000000)
        self._seq = 0
        self._detection_id = -1
        self._update = 0
        self._is_open = False  # the latest detection is still being refined
        self._next_refinement_us = 0
        self._onset_ticks_us = 0
        self._end_ticks_us = None  # of the last sample seen
        self._start_ticks_us = 0
        self._gap_ticks_us = None
        self._triggers_ticks_us = []
        self._second_samples = 0  # of the current second of shaking
        self.dropped_samples = 0

    def add_block(self, counts, sample_count: int, end_ticks_us: int) -> list:
        """Take sample_count samples of interleaved x, y, z (vertical last); return messages.

        counts: array('i'); end_ticks_us: extended tick count of the last sample.
        """
        self._watch_for_gaps(sample_count, end_ticks_us)
        messages = []
        at = 0
        while at < sample_count:
            n = min(detector.MAX_BLOCK, sample_count - at)
            event = self._detector.take(counts, at, n)
            at += n
            self._end_ticks_us = end_ticks_us - self._duration_us(sample_count - at)
            self._report(event, n, messages)
        return messages

    def status(
        self, now_ticks_us: int, free_memory_b: int = 0, rssi_dbm: int = 0, battery_mv: int = 0
    ):
        """Return a Status message of now."""
        state = wire.STATE_ARMED
        if self._detector.state == detector.WARMING_UP:
            state = wire.STATE_STARTING
        return self._status(state, now_ticks_us, free_memory_b, rssi_dbm, battery_mv)

    def last_will(self, now_ticks_us: int):
        """Return the Status that says OFFLINE: what a broker sends when this node is gone."""
        return self._status(wire.STATE_OFFLINE, now_ticks_us, 0, 0, 0)

    def _status(
        self, state: int, now_ticks_us: int, free_memory_b: int, rssi_dbm: int, battery_mv: int
    ):
        return wire.Status(
            self._identity.node_id,
            self._identity.boot_id,
            self.next_seq(),
            state,
            self._flags(now_ticks_us),
            self._identity.sensor,
            self._clock.utc_us(now_ticks_us),
            min(_U32, self._clock.error_us(now_ticks_us)),
            self._clock.drift_ppb,
            self._identity.lat_udeg,
            self._identity.lon_udeg,
            self._identity.elevation_m,
            self._rate_mhz,
            min(_U32, self._detector.noise_now_um_s2()),
            min(65535, self._triggers_last_hour(now_ticks_us)),
            max(0, now_ticks_us - self._start_ticks_us) // SECOND_US,
            free_memory_b,
            min(_U32, self.dropped_samples),
            battery_mv,
            rssi_dbm,
            FIRMWARE[0],
            FIRMWARE[1],
            FIRMWARE[2],
        )

    def _watch_for_gaps(self, sample_count: int, end_ticks_us: int) -> None:
        if self._end_ticks_us is None:
            self._start_ticks_us = end_ticks_us - self._duration_us(sample_count)
            return
        expected_ticks_us = self._end_ticks_us + self._duration_us(sample_count)
        missing_us = end_ticks_us - expected_ticks_us
        if abs(missing_us) < max(2 * self._duration_us(1), BLOCK_US):
            return
        self._gap_ticks_us = end_ticks_us
        self.dropped_samples += abs(missing_us) * self._rate_mhz // 1000000000
        if abs(missing_us) > GAP_RESTART_US:
            self._is_open = False
            self._detector.lost()

    def _report(self, event: int, n: int, messages: list) -> None:
        if event == detector.BEGINS:
            self._open(messages)
        elif self._is_open:
            if event == detector.ENDS:
                self._close(messages)
            elif self._end_ticks_us >= self._next_refinement_us:
                self._refine(messages)
        if self._detector.state == detector.TRIGGERED:
            self._shake(n, messages)
        else:
            self._second_samples = 0

    def _open(self, messages: list) -> None:
        now_ticks_us = self._end_ticks_us
        self._detection_id = (self._detection_id + 1) & 0xFFFF
        self._update = 0
        self._is_open = True
        back = self._detector.samples - 1 - self._detector.onset
        self._onset_ticks_us = now_ticks_us - self._duration_us(back)
        self._next_refinement_us = self._onset_ticks_us + REFINE_FIRST_US
        while self._next_refinement_us <= now_ticks_us:
            self._schedule()
        self._triggers_ticks_us.append(now_ticks_us)
        if len(self._triggers_ticks_us) > MAX_TRIGGERS_KEPT:
            self._triggers_ticks_us.pop(0)
        messages.append(self._trigger(0))

    def _refine(self, messages: list) -> None:
        self._update += 1
        messages.append(self._trigger(0))
        while self._next_refinement_us <= self._end_ticks_us:
            self._schedule()
        if self._next_refinement_us > self._onset_ticks_us + REFINE_UNTIL_US:
            self._is_open = False

    def _close(self, messages: list) -> None:
        """Say the last word: what it was, or that it was nothing."""
        self._is_open = False
        was_short = self._end_ticks_us - self._onset_ticks_us < RETRACT_AFTER_US
        self._update += 1
        messages.append(self._trigger(wire.FLAG_RETRACTED if was_short else 0))

    def _schedule(self) -> None:
        """0.5, 1, 2, 3, ... s after the onset."""
        after_us = self._next_refinement_us - self._onset_ticks_us
        step_us = REFINE_FIRST_US if after_us < SECOND_US else SECOND_US
        self._next_refinement_us += step_us

    def _shake(self, n: int, messages: list) -> None:
        second = self._rate_mhz // 1000
        self._second_samples += n
        if self._second_samples < second:
            return
        peaks = self._detector.peak_of_last(self._second_samples)
        self._second_samples = 0
        messages.append(
            wire.Shaking(
                self._identity.node_id,
                self._identity.boot_id,
                self.next_seq(),
                self._flags(self._end_ticks_us),
                self._clock.utc_us(self._end_ticks_us),
                min(_U32, self._clock.error_us(self._end_ticks_us)),
                min(_U32, peaks[0]),
                min(_U32, peaks[1]),
            )
        )

    def _trigger(self, extra_flags: int):
        now_ticks_us = self._end_ticks_us
        found = self._detector
        sample_us = self._clock.utc_us(now_ticks_us)
        return wire.Trigger(
            self._identity.node_id,
            self._identity.boot_id,
            self.next_seq(),
            self._detection_id,
            min(255, self._update),
            self._flags(now_ticks_us) | extra_flags,
            self._clock.utc_us(self._onset_ticks_us),
            sample_us,
            sample_us + self._duration_us(self.block_samples) + PROCESSING_US,
            min(_U32, self._clock.error_us(now_ticks_us)),
            likelihood.p_quake_permille(found.ratio_milli),
            min(_U32, found.ratio_milli),
            min(_U32, found.peaks[0]),
            min(_U32, found.peaks[1]),
            min(_U32, found.peaks[2]),
            min(_U32, found.noise_um_s2),
        )

    def _flags(self, now_ticks_us: int) -> int:
        flags = 0
        if not self._clock.is_synchronised(now_ticks_us):
            flags |= wire.FLAG_UNSYNCHRONISED
        if self._detector.state == detector.TRIGGERED and self._detector.is_clipped():
            flags |= wire.FLAG_CLIPPED
        if self._gap_ticks_us is not None and now_ticks_us - self._gap_ticks_us < GAP_FLAG_US:
            flags |= wire.FLAG_GAP
        return flags

    def _duration_us(self, samples: int) -> int:
        return samples * 1000000000 // self._rate_mhz

    def _triggers_last_hour(self, now_ticks_us: int) -> int:
        recent = [t for t in self._triggers_ticks_us if now_ticks_us - t < HOUR_US]
        self._triggers_ticks_us = recent
        return len(recent)

    def next_seq(self) -> int:
        self._seq = (self._seq + 1) & _U32
        return self._seq
