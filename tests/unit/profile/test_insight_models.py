"""The models of lifetimes and spending against what their authors printed."""

from __future__ import annotations

import numpy as np
import pytest
from profile_service import bg_nbd, gamma_gamma
from profile_service.bg_nbd import BgNbd
from profile_service.buyers import Buyers

from tests.unit.profile import cdnow


@pytest.fixture(scope="module")
def sample() -> Buyers:
    """The sample of 2,357 at the end of its calibration."""
    return cdnow.calibrated(cdnow.read("sample"))


def test_the_sample_s_fit_is_the_published_one(sample: Buyers) -> None:
    """Fader, Hardie and Lee (2005), table 2: r, alpha, a, b and the log-likelihood as printed."""
    assert 2_357 == len(sample)
    model = bg_nbd.fit(sample)
    assert model is not None
    printed = (0.243, 4.414, 0.793, 2.426)
    assert printed == tuple(round(one, 3) for one in (model.r, model.alpha, model.a, model.b))
    assert -9_582.4 == round(model.log_likelihood, 1)


def test_the_holdout_s_orders_are_forecast(sample: Buyers, *, pytestconfig: pytest.Config) -> None:
    """39 weeks on: the sum within 15 %, on the low side as published, and in the right order."""
    orders = cdnow.read("sample")
    model = bg_nbd.fit(sample)
    assert model is not None
    weeks = (cdnow.DATA_END - cdnow.CALIBRATION_END).days / 7
    expected = bg_nbd.expected_orders(model, sample, weeks)
    actual = cdnow.orders_after(orders)
    error = float(expected.sum() / actual.sum() - 1)
    spread = float(np.sqrt(np.mean((expected - actual) ** 2)))
    correlation = float(np.corrcoef(expected, actual)[0, 1])
    pytestconfig.get_terminal_writer().line(
        f"\nCDNOW holdout: {expected.sum():.0f} orders forecast, {actual.sum():.0f} made "
        f"({error:+.1%}); root mean square error {spread:.2f}, correlation {correlation:.2f}"
    )
    assert -0.15 < error < 0
    assert correlation > 0.6


def test_the_probability_of_being_there_is_what_the_odds_say() -> None:
    """By hand: two repeats, the last long ago, under round parameters."""
    model = BgNbd(r=1.0, alpha=1.0, a=1.0, b=2.0)
    buyer = Buyers(["c"], np.array([2.0]), np.array([3.0]), np.array([7.0]), *(np.zeros((2, 1))))
    # a / (b + x - 1) * ((alpha + T) / (alpha + t)) ** (r + x) = 1/3 * (8/4) ** 3
    assert 1 / (1 + 8 / 3) == pytest.approx(bg_nbd.probability_alive(model, buyer)[0])


def test_expectations_of_newcomers_add_up(sample: Buyers) -> None:
    """Over everybody the model expects about as many repeats in the calibration as there were."""
    model = bg_nbd.fit(sample)
    assert model is not None
    expected = bg_nbd.expected_orders_of_newcomer(model, sample.age).sum()
    assert 1.0 == pytest.approx(expected / sample.repeats.sum(), abs=0.02)


def test_parameters_are_found_again() -> None:
    """10,000 customers who live by known parameters: the fit finds these within a few per cent."""
    random = np.random.default_rng(7)
    true = BgNbd(r=0.8, alpha=6.0, a=0.9, b=2.5)
    buyers = _simulated(true, 10_000, random)
    model = bg_nbd.fit(buyers)
    assert model is not None
    assert true.r == pytest.approx(model.r, rel=0.1)
    assert true.alpha == pytest.approx(model.alpha, rel=0.1)
    mean_leaving = true.a / (true.a + true.b)
    assert mean_leaving == pytest.approx(model.a / (model.a + model.b), rel=0.1)


def _simulated(true: BgNbd, count: int, random: np.random.Generator) -> Buyers:
    ages = random.uniform(30, 60, count)
    repeats, recency = np.zeros(count), np.zeros(count)
    for number in range(count):
        rate = random.gamma(true.r, 1 / true.alpha)
        leaving = random.beta(true.a, true.b)
        at = random.exponential(1 / rate)
        while at <= ages[number]:
            repeats[number] += 1
            recency[number] = at
            if random.random() < leaving:
                break
            at += random.exponential(1 / rate)
    return Buyers([str(one) for one in range(count)], repeats, recency, ages, repeats, repeats)


def test_every_customer_has_finite_expectations() -> None:
    """Somebody who bought on every day of twenty years, or yesterday; and at the pole of a = 1."""
    age = np.array([0.2, 1.0, 52.0, 520.0, 1_040.0, 1_040.0])
    repeats = np.array([1.0, 6.0, 363.0, 3_639.0, 7_279.0, 0.0])
    recency = np.where(repeats > 0, age * 0.999, 0.0)
    buyers = Buyers(list("abcdef"), repeats, recency, age, age, age)
    for a in (0.1, 0.793, 1.0, 3.0):
        model = BgNbd(r=0.243, alpha=4.414, a=a, b=2.426)
        expected = bg_nbd.expected_orders(model, buyers, 90 / 7)
        assert np.isfinite(expected).all()
        assert (expected >= 0).all()
        assert (expected <= 100).all()


def test_too_few_buyers_have_no_model(sample: Buyers) -> None:
    """Nothing is invented from a handful of customers."""
    few = Buyers(sample.customer_ids[:49], *(getattr(sample, name)[:49] for name in _ARRAYS))
    assert bg_nbd.fit(few) is None
    assert gamma_gamma.fit(_without_repeats(few)) is None


_ARRAYS = ("repeats", "recency", "age", "revenue", "repeat_value")


def _without_repeats(buyers: Buyers) -> Buyers:
    none = np.zeros(len(buyers))
    return Buyers(buyers.customer_ids, none, none, buyers.age, buyers.revenue, none)


def test_spending_s_fit_is_the_published_one(sample: Buyers) -> None:
    """Fader and Hardie (2013): 946 repeaters, p = 6.25, q = 3.74, gamma = 15.44 dollars."""
    assert 946 == np.count_nonzero(sample.repeats)
    model = gamma_gamma.fit(sample)
    assert model is not None
    printed = (6.25, 3.74, 15.44)
    assert printed == pytest.approx((model.p, model.q, model.gamma / 100), abs=0.02)


def test_spending_regresses_to_the_mean(sample: Buyers) -> None:
    """Whoever showed more is expected to spend more; of few repeats less of it stays."""
    model = gamma_gamma.fit(sample)
    assert model is not None
    values, repeats = np.array([10_000.0, 10_000.0, 1_000.0]), np.array([1.0, 50.0, 1.0])
    buyers = Buyers(["a", "b", "c"], repeats, repeats, repeats, values, values)
    once, often, little = gamma_gamma.expected_value(model, buyers)
    mean = model.p * model.gamma / (model.q - 1)
    assert little < mean < once < often < 10_000
