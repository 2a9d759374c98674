"""Tiers by what was spent in a rolling year."""

from typing import Any

from msgspec.structs import replace
from offers_service import points_account
from offers_service.points import lapse
from offers_service.points_program import faults, tier_ahead
from offers_service.triggers import TierMove

from tests.unit.offers.points.conftest import DAY_MS, START_MS, ms


def _changes(account: Any) -> list[tuple[str, int]]:
    return [(entry.origin, entry.at_ms) for entry in account.entries if entry.kind == "tier"]


def test_a_tier_is_reached_with_the_order_that_reaches_it(shop: Any) -> None:
    """At its own instant; two at once are one change."""
    shop.with_tiers()
    account = shop.earn(None, "o-1", 99_999).account
    assert "" == account.tier
    account = shop.earn(account, "o-2", 1, now_ms=START_MS + 5).account
    account = shop.earn(account, "o-3", 200_000, now_ms=START_MS + 9).account
    jump = shop.earn(None, "o-1", 300_000).account
    assert [("promoted:>silver", START_MS + 5), ("promoted:silver>gold", START_MS + 9)] == _changes(
        account
    )
    assert [("promoted:>gold", START_MS)] == _changes(jump)
    assert points_account.fault(account) is None


def test_the_tier_before_an_order_decides_what_it_earns(shop: Any) -> None:
    """Gold earns half as many again from the next order on."""
    shop.with_tiers()
    account = shop.earn(None, "o-1", 300_000).account
    later = shop.earn(account, "o-2", 10_000)
    told = [(entry.origin, entry.amount) for entry in later.entries if entry.kind == "earn"]
    assert [("base", 100), ("tier:gold", 50)] == told
    assert 3_000 == account.available


def test_a_tier_is_lost_when_the_year_rolls_out(shop: Any) -> None:
    """At the midnight of the tenant that ends the 365th day of the order's spend, on time however
    late somebody looks, down to what the rest still reaches."""
    shop.with_tiers()
    account = shop.earn(None, "o-1", 200_000).account
    account = shop.earn(account, "o-2", 150_000, now_ms=START_MS + 100 * DAY_MS).account
    first, second = ms(2027, 3, 10), ms(2027, 6, 18)
    assert first == points_account.tier_end_ms(account)
    assert "gold" == lapse(account, shop.program, first - 1).tier
    late = lapse(account, shop.program, second + DAY_MS)
    expected = [("demoted:gold>silver", first), ("demoted:silver>", second)]
    assert expected == _changes(late)[2:]
    assert (("", 0), ()) == ((late.tier, late.tier_floor), late.spends)
    assert points_account.fault(late) is None


def test_what_came_back_does_not_count(shop: Any) -> None:
    """A returned order lowers the spend of its own day, and with it the tier."""
    shop.with_tiers()
    account = shop.earn(None, "o-1", 300_000).account
    account = shop.earn(account, "o-2", 50_000, now_ms=START_MS + DAY_MS).account
    back = shop.take_back(account, "o-1", 100_000, now_ms=START_MS + 2 * DAY_MS).account
    assert ("silver", 250_000) == (back.tier, points_account.spent(back, START_MS + 2 * DAY_MS))
    gone = shop.take_back(back, "o-1", now_ms=START_MS + 3 * DAY_MS).account
    assert ("", 50_000) == (gone.tier, points_account.spent(gone, START_MS + 3 * DAY_MS))
    assert points_account.fault(gone) is None


def test_another_threshold_is_noticed_with_the_next_step(shop: Any) -> None:
    """Without a change of tier where it still holds."""
    shop.with_tiers()
    account = shop.earn(None, "o-1", 150_000).account
    low, high = shop.program.tiers
    shop.program = replace(shop.program, tiers=(replace(low, threshold_minor_units=120_000), high))
    account = shop.earn(account, "o-2", 1_000).account
    assert ["promoted:>silver", "same:silver>silver"] == [origin for origin, _ in _changes(account)]
    assert 120_000 == account.tier_floor
    assert points_account.fault(account) is None


def test_a_programme_s_tiers_rise_and_have_both_names(shop: Any) -> None:
    """What is wrong names the field and the way to mend it."""
    shop.with_tiers()
    assert {} == faults(shop.program)
    low, high = shop.program.tiers
    for tiers in ((high, low), (low, replace(high, bonus_basis_points=0), low), (low, low)):
        assert "program.tiers" in faults(replace(shop.program, tiers=tiers))
    unnamed = replace(low, display_names={"en": "Silver"})
    assert {"program.tiers.display_names"} == set(faults(replace(shop.program, tiers=(unnamed,))))
    less = replace(low, bonus_basis_points=6_000)
    assert {"program.tiers"} == set(faults(replace(shop.program, tiers=(less, high))))


def test_what_is_missing_for_the_next_tier(shop: Any) -> None:
    """None above the highest."""
    shop.with_tiers()
    ahead = [tier_ahead(shop.program, spent) for spent in (0, 99_999, 100_000, 300_000)]
    assert ["silver", "silver", "gold", ""] == [tier.tier_id if tier else "" for tier in ahead]


def test_campaigns_know_the_directions(shop: Any) -> None:
    """A change of tier says where it leads in the words that campaigns' triggers ask for."""
    shop.with_tiers()
    account = shop.earn(None, "o-1", 300_000).account
    account = lapse(account, shop.program, START_MS + 400 * DAY_MS)
    told = [origin.partition(":")[0] for origin, _ in _changes(account)]
    assert [TierMove.PROMOTED.value, TierMove.DEMOTED.value] == told
