"""The simulator against published relations, on a small seeded set. `make study-field` does it on
more magnitudes, with plots."""

import math
from functools import lru_cache

import numpy as np
import pytest

from training import relations
from training.ground_motion import (
    MEDIAN_PATH,
    ROCK,
    Shock,
    drawn_path,
    drawn_shock,
    drawn_site,
    ground_motion,
)
from training.spectrum import ROCK_VS30_MPS, median_stress_bar
from training.study_field import place_beyond

RATE_HZ = 100.0
DEPTH_KM = 8.0


def shock_of(magnitude: float, seed: int, stress_bar: float | None = None) -> Shock:
    return drawn_shock(magnitude, DEPTH_KM, np.random.default_rng([seed, 1]), stress_bar)


@lru_cache
def peaks(magnitude: float, distance_km: float, count: int, is_scattered: bool) -> np.ndarray:
    """Return (count, 3): vertical P, PGA and PGV as geometric means."""
    found = []
    for number in range(count):
        rng = np.random.default_rng([number, 2])
        bar = None if is_scattered else median_stress_bar(magnitude)
        shock = shock_of(magnitude, number, bar)
        site, path = (drawn_site(rng), drawn_path(rng)) if is_scattered else (ROCK, MEDIAN_PATH)
        place = place_beyond(shock, 2 * math.pi * rng.random(), distance_km)
        shaking = ground_motion(shock, *place, RATE_HZ, rng, site, path)
        acceleration = shaking.samples.astype(float)
        velocity = np.cumsum(acceleration, axis=1) / RATE_HZ
        before_s = acceleration[2, : int((shaking.s_s - shaking.p_s) * RATE_HZ)]
        pga, pgv = (
            math.sqrt(np.prod(np.abs(samples[:2]).max(axis=1)))
            for samples in (acceleration, velocity)
        )
        found.append((np.abs(before_s).max(), pga, pgv))
    return np.array(found)


@pytest.mark.parametrize("magnitude", [4.0, 5.0, 6.0, 7.0, 7.5])
@pytest.mark.parametrize("distance_km", [10.0, 50.0, 150.0])
def test_medians_are_those_of_bssa14(magnitude: float, distance_km: float) -> None:
    """Within a factor of 1.6; by `make study-field` 1.5 between M 4 and 7.5 but for PGA at M 5.5,
    where BSSA14 has a bend that no point source has."""
    _, pga, pgv = np.median(peaks(magnitude, distance_km, 12, False), axis=0)
    pga /= relations.PGA.median(magnitude, distance_km, ROCK_VS30_MPS)
    pgv /= relations.PGV.median(magnitude, distance_km, ROCK_VS30_MPS)

    assert 1 / 1.6 < pga < 1.6
    assert 1 / 1.6 < pgv < 1.6


def test_scatter_is_that_of_bssa14() -> None:
    _, pga, pgv = np.log(peaks(5.0, 40.0, 60, True)).std(axis=0)

    assert 0.7 < pga / relations.PGA.ln_sigma(5.0) < 1.2
    assert 0.6 < pgv / relations.PGV.ln_sigma(5.0) < 1.2


@pytest.mark.parametrize("magnitude", [4.0, 5.0, 6.0])
@pytest.mark.parametrize("distance_km", [20.0, 60.0, 150.0])
def test_p_is_that_of_cua_and_heaton(magnitude: float, distance_km: float) -> None:
    """Their median for vertical P acceleration at rock, within 0.2 (log10): a factor of 1.6."""
    p = np.median(peaks(magnitude, distance_km, 12, False), axis=0)[0]
    relation = relations.P_VERTICAL_ACCELERATION

    assert abs(math.log10(p / relation.median(magnitude, distance_km))) < 0.2


def test_p_is_mostly_vertical_and_s_mostly_horizontal() -> None:
    shares = []
    for number in range(10):
        rng = np.random.default_rng(number)
        shaking = ground_motion(shock_of(5.5, number), 50.0, 0.0, RATE_HZ, rng)
        s = int((shaking.s_s - shaking.p_s) * RATE_HZ)
        energy_p, energy_s = (
            (piece.astype(float) ** 2).sum(axis=1)
            for piece in (shaking.samples[:, :s], shaking.samples[:, s:])
        )
        shares.append((energy_p[2] / energy_p.sum(), energy_s[2] / energy_s.sum()))
    p, s = np.median(shares, axis=0)
    assert p > 0.6 and s < 0.3


def test_a_motion_cut_short_is_the_beginning_of_an_earthquake_like_it() -> None:
    whole = ground_motion(shock_of(6.0, 1), 60.0, 0.0, RATE_HZ, np.random.default_rng(1))
    short = ground_motion(
        shock_of(6.0, 1), 60.0, 0.0, RATE_HZ, np.random.default_rng(1), longest_s=4.0
    )

    assert short.p_s == whole.p_s and short.samples.shape[1] <= 4 * RATE_HZ + 2
    early = whole.samples[:, : short.samples.shape[1]]
    assert short.samples.std() == pytest.approx(early.std(), rel=0.5)


def test_a_large_earthquake_shakes_for_as_long_as_it_breaks_and_begins_like_a_small_one() -> None:
    def envelope(magnitude: float) -> np.ndarray:
        found = []
        for number in range(8):
            rng = np.random.default_rng(number)
            shock = shock_of(magnitude, number, 150.0)
            motion = ground_motion(shock, 0.0, 80.0, RATE_HZ, rng).samples.astype(float)
            found.append(np.add.accumulate((motion**2).sum(axis=0))[[150, 400, -1]])
        return np.median(found, axis=0)

    moderate, great = envelope(6.4), envelope(7.8)
    assert great[2] > 5 * moderate[2]
    assert great[0] < 5 * moderate[0]


def test_nothing_moves_before_p() -> None:
    """Not even where parts of the rupture lie nearer than the hypocentre."""
    shock = shock_of(7.8, 3)
    for east_km in (-200.0, -50.0, 5.0, 120.0):
        rng = np.random.default_rng(1)
        shaking = ground_motion(shock, east_km, 30.0, RATE_HZ, rng)
        assert 0 < shaking.p_s < shaking.s_s
        assert np.isfinite(shaking.samples).all() and np.abs(shaking.samples).max() < 60
