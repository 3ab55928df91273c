"""Two earthquakes seconds apart: the waves of the first do not drag the second one about."""

from groundswell import wire

from tools import bench_vote
from tools import pick_world as world
from tools.bench_vote import MATCH_KM, MATCH_S
from vote.alert import Alert
from vote.decision import Decider
from vote.waves import travel

UNTIL_S = 34.0  # after the start: by then it was lost, and told anew


def test_waves_of_an_earthquake_before_do_not_drag_one_about():
    _, (_, quake), played = bench_vote.simulated(400, 2, 3, 4.2, 5, 12.0, 10.0)
    decider, last = Decider("v"), dict[str, Alert]()
    for received_us, message in played.in_order():
        if received_us > world.START_US + UNTIL_S * 1e6:
            break
        decider.hear(message, received_us)
        if isinstance(message, wire.Trigger):
            last |= {alert.event_id: alert for alert in decider.tick(received_us)}

    assert len(last) == 2
    of_it = max(last.values(), key=lambda alert: alert.origin_us)
    late_s = (of_it.origin_us - world.START_US) / 1e6 - quake.origin_s
    off_km = travel.distance_km(of_it.lat_deg, of_it.lon_deg, quake.lat_deg, quake.lon_deg)
    assert abs(late_s) < MATCH_S / 2 and off_km < MATCH_KM / 5
