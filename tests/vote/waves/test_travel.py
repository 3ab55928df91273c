"""Travel times against a published Earth model, distances against the sphere."""

import numpy as np
import pytest

from vote.waves import tables, travel


def test_p_times_are_those_of_ak135_within_their_stated_error():
    taup = pytest.importorskip("obspy.taup", reason="needs ObsPy: make test installs it")
    model = taup.TauPyModel("ak135")
    for depth_km in (10.0, 20.0):
        for distance_km in (30, 60, 100, 150, 200, 300, 500):
            degrees = distance_km / travel.KM_PER_DEG
            ak135_s = model.get_travel_times(depth_km, degrees, ["p", "P", "Pn"])[0].time
            p_s = float(travel.p_time_s(distance_km, depth_km))
            assert abs(p_s - ak135_s) < 2 * float(travel.arrival_sigma_s(p_s, 0.0))


def test_the_mantle_overtakes_the_crust_beyond_150_km():
    distance = np.arange(1.0, 400.0)
    speed = 1 / np.diff(travel.p_time_s(distance, 10.0))

    assert speed[100] == pytest.approx(6.15, abs=0.05)
    assert speed[250] == pytest.approx(travel.MANTLE_P_KM_S, abs=0.01)
    assert 120 < distance[60:][np.argmax(speed[60:] > 7.9)] < 190


def test_times_grow_with_distance_at_every_depth():
    for depth_km in (0.0, 8.0, 20.0, 40.0, 120.0):
        assert (np.diff(travel.p_time_s(np.arange(0.0, 800.0), depth_km)) > 0).all()


def test_s_comes_after_p_everywhere():
    distance = np.arange(0.0, 600.0)
    assert (travel.s_time_s(distance, 8.0) > travel.p_time_s(distance, 8.0)).all()


def test_distance_is_that_of_the_sphere():
    rng = np.random.default_rng(1)
    lat = rng.uniform(-60, 60, 300)
    lon = rng.uniform(-180, 180, 300)
    lat2, lon2 = lat + rng.uniform(-2, 2, 300), lon + rng.uniform(-2, 2, 300)
    a, b, c = np.radians(lat), np.radians(lat2), np.radians(lon2 - lon)
    haversine = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(c / 2) ** 2
    exact_km = 2 * 6371 * np.arcsin(np.sqrt(haversine))

    assert travel.distance_km(lat, lon, lat2, lon2) == pytest.approx(exact_km, rel=2e-3, abs=0.01)


def test_distance_crosses_the_date_line():
    assert travel.distance_km(0.0, 179.9, 0.0, -179.9) == pytest.approx(22.24, abs=0.02)


def test_many_places_are_as_far_as_each_of_them_on_either_side_of_the_date_line():
    for west_deg, east_deg, here_deg in (
        (-120, -80, -100.0), (0, 200, -179.9), (-200, 0, 179.9), (-200, 560, 0.0)
    ):  # fmt: skip
        lon_deg = np.linspace(west_deg, east_deg, 2 * travel.MANY)
        many = travel.distance_km(10.0, lon_deg, 12.0, here_deg)
        assert many.tolist() == [travel.distance_km(10.0, one, 12.0, here_deg) for one in lon_deg]


def test_a_worse_clock_and_a_longer_way_make_a_larger_error():
    assert travel.arrival_sigma_s(10.0, 0.5) > travel.arrival_sigma_s(10.0, 0.0)
    assert travel.arrival_sigma_s(40.0, 0.0) > travel.arrival_sigma_s(10.0, 0.0)


@pytest.mark.parametrize("depth_km", [8.0, 40.0])
@pytest.mark.parametrize("lon_deg", [-100.1, -98.0, 179.0])
def test_one_place_is_as_far_and_as_late_and_as_strong_as_among_many(
    depth_km: float, lon_deg: float
):
    distance = travel.one_km(17.0, -100.0, 17.5, lon_deg)
    time_s = travel.one_p_s(distance, depth_km)
    assert distance == pytest.approx(float(travel.distance_km(17.0, -100.0, 17.5, lon_deg)))
    assert time_s == pytest.approx(float(travel.p_time_s(distance, depth_km)))
    assert tables.one_p_peak_mps2(6.1, distance) == pytest.approx(
        float(tables.p_peak_mps2(6.1, np.array(distance)))
    )
