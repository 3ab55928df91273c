"""Messages that the tests of the engine start from."""

from groundswell import wire

from aggregator.ingest import Heard
from vote.alert import Alert, AreaForecast

GATEWAY = 0x6A7E
NOW_US = 1_790_000_000_000_000


def trigger(seq=1, sent_us=NOW_US, flags=0, boot_id=5, node_id=42, onset_us=None, pga_um_s2=9000):
    return wire.Trigger(
        node_id=node_id, boot_id=boot_id, seq=seq, detection_id=0, update=0, flags=flags,
        onset_us=sent_us - 100_000 if onset_us is None else onset_us,
        sample_us=sent_us - 10_000, sent_us=sent_us, clock_error_us=2000, p_quake_permille=950,
        ratio_milli=20_000, pga_um_s2=pga_um_s2, pgv_nm_s=pga_um_s2 * 25, pd_nm=pga_um_s2,
        noise_um_s2=900,
    )  # fmt: skip


def status(
    seq=1, sent_us=NOW_US, state=wire.STATE_ARMED, boot_id=5, flags=0, node_id=42,
    lat_deg=17.0, lon_deg=-100.0, fault_bits=0,
):  # fmt: skip
    return wire.Status(
        node_id=node_id, boot_id=boot_id, seq=seq, state=state, flags=flags, sensor=1,
        sent_us=sent_us, clock_error_us=2000, clock_drift_ppb=-900,
        lat_udeg=round(lat_deg * 1e6), lon_udeg=round(lon_deg * 1e6), elevation_m=20,
        rate_mhz=125_000, noise_um_s2=900, triggers_hour=0, uptime_s=60, free_memory_b=90_000,
        drops=0, battery_mv=0, rssi_dbm=-60, firmware_major=0, firmware_minor=1,
        firmware_patch=0, faults=fault_bits, restarts=0, reset_cause=0,
    )  # fmt: skip


def heard(message, received_us=NOW_US, is_late=False):
    return Heard(message, GATEWAY, received_us - 2000, received_us - 1000, received_us, is_late)


def alert(version=1, kind="new", event_id="gs1", issued_us=NOW_US, category="exercise"):
    return Alert(
        schema=1, event_id=event_id, version=version, type=kind, category=category,
        issued_us=issued_us, expires_us=issued_us + 60_000_000, sender="test",
        origin_us=issued_us - 5_000_000, lat_deg=17.1, lon_deg=-100.2, depth_km=20.0,
        magnitude=6.1, origin_sigma_s=0.5, location_sigma_km=8.0, magnitude_sigma=0.4,
        likelihood=0.999, source_is_assumed=False, nodes_triggered=5, nodes_live_nearby=7,
        max_mmi=6.2, level="take_action", reason="five nodes",
        areas=(AreaForecast("8a", 17.0, -100.0, 6.2, 0.5, issued_us + 3_000_000, False),),
    )  # fmt: skip
