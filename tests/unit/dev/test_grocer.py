"""The grocer's replay: what is read, chosen and planned before the first call."""

import uuid
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dangol_dev.grocer.data import (
    END_DAY,
    FIRST_DAY,
    Baskets,
    GrocerData,
    Redemption,
    choose_households,
    load,
    midnight_ms,
)
from dangol_dev.grocer.events import PurchaseEvents, basket_event_id
from dangol_dev.grocer.plan import (
    GIFT_OPEN_DAYS,
    GiftFate,
    Use,
    choose_baskets,
    day_number,
    expect_repeats,
    plan_gifts,
    plan_steps,
)
from dangol_dev.grocer.rules import SEGMENTS, WIN_BACK_SEGMENT, sizes_from_files

DAY_MS = 86_400_000
NOW_MS = midnight_ms(END_DAY)


@pytest.fixture(scope="module")
def data() -> GrocerData:
    """The real files, sixty households."""
    return load(60, seed=4)


def _baskets(rows: list[tuple[int, int, int, int, int]]) -> Baskets:
    """Baskets of (basket, household, day, coupon cents, cents)."""
    columns = [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]
    basket, household, day, coupon_cents, cents = columns
    zeros = np.zeros(len(rows), dtype=np.int64)
    return Baskets(basket, household, zeros, zeros, day, cents, coupon_cents, zeros)


def test_a_redemption_counts_against_the_basket_with_the_largest_coupon_discount() -> None:
    """Of several baskets of the day the largest discount decides, then the lower basket id."""
    day = date(2017, 3, 4)
    number = day_number(day)
    baskets = _baskets(
        [
            (11, 1, number, 50, 900),
            (12, 1, number, 150, 800),
            (13, 1, number, 150, 700),
            (14, 1, number + 1, 999, 600),
            (15, 2, number, 999, 500),
        ]
    )
    redemption = Redemption(household=1, coupon=7, campaign=3, day=day)
    assert choose_baskets([redemption], baskets) == [Use(redemption, 12, 800)]


def test_a_redemption_on_a_day_without_a_basket_is_an_error() -> None:
    """The data has none, so one means that days are counted wrongly."""
    redemption = Redemption(household=1, coupon=7, campaign=3, day=date(2017, 3, 4))
    with pytest.raises(ValueError, match="no basket on 2017-03-04"):
        choose_baskets([redemption], _baskets([(11, 1, 0, 0, 0)]))


def test_every_recorded_redemption_finds_its_basket() -> None:
    """In the whole data, days being New York's; 27 of the 2,102 are repeats."""
    everything = load()
    uses = choose_baskets(everything.redemptions, everything.baskets)
    assert len(uses) == 2102
    assert expect_repeats(everything.redemptions) == 27


def test_no_redemption_lies_outside_its_campaign() -> None:
    """So the coupons' validity makes no other refusal right."""
    everything = load()
    campaigns = {one.number: one for one in everything.campaigns}
    outside = [
        one
        for one in everything.redemptions
        if not campaigns[one.campaign].start_day <= one.day <= campaigns[one.campaign].end_day
        or one.household not in campaigns[one.campaign].households
        or one.coupon not in campaigns[one.campaign].coupons
    ]
    assert outside == []


def test_the_whole_data_has_the_published_size() -> None:
    """Households, baskets, lines, cents and coupons as published."""
    everything = load()
    assert len(everything.households) == 2469
    assert len(everything.baskets.basket) == 155_848
    assert len(everything.lines.product) == 1_469_307
    assert int(everything.lines.cents.sum()) == 459_603_958
    assert sum(one.coupon_count for one in everything.campaigns) == 800_199
    assert len(everything.demographics) == 801


def test_the_choice_of_households_shows_every_path() -> None:
    """A tenth used a coupon twice, three tenths redeemed, and the choice follows from the seed."""
    day = date(2017, 3, 4)
    redemptions = [Redemption(number, 1, 1, day) for number in range(40)]
    redemptions += [Redemption(number, 1, 1, day) for number in range(5)]
    chosen = choose_households(range(200), redemptions, 20, seed=1)
    assert len(set(chosen)) == 20
    assert sum(number < 5 for number in chosen) >= 2
    assert sum(number < 40 for number in chosen) >= 8
    assert chosen == choose_households(range(200), redemptions, 20, seed=1)
    assert chosen != choose_households(range(200), redemptions, 20, seed=2)


def test_days_begin_at_midnight_in_new_york() -> None:
    """In winter that is 05:00 UTC, in summer 04:00."""
    assert midnight_ms(date(2017, 1, 1)) == 1_483_246_800_000
    assert midnight_ms(date(2017, 7, 1)) == 1_498_881_600_000


def test_events_carry_every_line_and_cent_of_their_baskets(data: GrocerData) -> None:
    """A purchase for every basket, in order of time, whose lines sum up to it."""
    builder = PurchaseEvents(data)
    events = list(builder.build(builder.between_days(0, day_number(END_DAY))))
    assert len(events) == len(data.baskets.basket)
    assert sum(len(event.items) for event in events) == len(data.lines.product)
    cents = [event.amount.minor_units for event in events]
    assert cents == [sum(item.amount_minor_units for item in event.items) for event in events]
    assert sum(cents) == int(data.lines.cents.sum())
    times = [event.occurred_at.ToMilliseconds() for event in events]
    assert times == data.baskets.at_ms.tolist()
    assert times == sorted(times)
    assert len({event.event_id for event in events}) == len(events)


def test_a_basket_s_event_id_is_a_uuid_of_its_own() -> None:
    """Made from the basket's id: valid, stable, and different for different baskets."""
    assert uuid.UUID(basket_event_id(31_198_570_044)).version == 8
    assert basket_event_id(1) != basket_event_id(2)


def test_gifts_are_of_coupons_that_history_leaves_unused(data: GrocerData) -> None:
    """Nobody gives away what they use, nor to themselves, nor the same coupon twice."""
    gifts = plan_gifts(data, seed=4, share=0.02)
    used = {(one.household, one.campaign, one.coupon) for one in data.redemptions}
    given = [(gift.giver, gift.campaign, gift.coupon) for gift in gifts]
    assert used.isdisjoint(given)
    assert len(set(given)) == len(given) > 100
    assert all(gift.giver != gift.recipient for gift in gifts)
    fates = {gift.fate for gift in gifts}
    assert fates == set(GiftFate)
    assert sum(gift.fate is GiftFate.CLAIMED for gift in gifts) > 0.7 * len(gifts)


def test_gifts_are_closed_while_they_are_open_and_the_coupon_is_good(data: GrocerData) -> None:
    """Claims come within the gift's days; lapsing ones come back before the coupon's end."""
    ends = {one.number: min(one.end_day, END_DAY) for one in data.campaigns}
    for gift in plan_gifts(data, seed=4, share=0.02):
        assert (ends[gift.campaign] - gift.offer_day).days > GIFT_OPEN_DAYS
        if gift.close_day is not None:
            assert 0 <= (gift.close_day - gift.offer_day).days < GIFT_OPEN_DAYS


def test_steps_cover_the_year_without_a_gap_and_hold_everything_due(data: GrocerData) -> None:
    """Each step begins where the last ended; what is due is due once, on its day."""
    uses = choose_baskets(data.redemptions, data.baskets)
    gifts = plan_gifts(data, seed=4)
    steps = plan_steps(data, uses, gifts)
    assert steps[0].day == FIRST_DAY
    assert steps[-1].end_day == END_DAY
    assert [step.end_day for step in steps[:-1]] == [step.day for step in steps[1:]]
    assert max((step.end_day - step.day).days for step in steps) <= 7
    assert [use for step in steps for use in step.uses] == uses
    assert all(use.redemption.day == step.day for step in steps for use in step.uses)
    assert {one.number for step in steps for one in step.campaigns} == set(range(1, 28))
    offered = [gift for step in steps for gift in step.gifts_to_offer]
    assert sorted(offered, key=repr) == sorted(gifts, key=repr)
    closed = sum(len(step.gifts_to_close) for step in steps)
    assert closed == sum(gift.close_day is not None for gift in gifts)


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        ([42, 72, 102], 1),
        ([41.9, 72, 102], 0),
        ([42, 71.9, 101.9, 131.9], 1),
        ([71.9, 101.9, 131.9], 1),
        ([72, 102, 132], 0),
        ([42, 102], 0),
        ([42, 60, 72], 0),
    ],
)
def test_the_win_back_rule_s_windows_are_half_open(
    tmp_path: Path, days_ago: list[float], expected: int
) -> None:
    """`from a to b` holds what happened at t while t + b <= n < t + a, as the language says."""
    _write_files(tmp_path, {1: days_ago})
    assert sizes_from_files([1], NOW_MS, tmp_path)[WIN_BACK_SEGMENT] == expected


def test_sizes_count_the_chosen_households_only(tmp_path: Path) -> None:
    """A household that is not replayed is in no segment."""
    _write_files(tmp_path, {1: [1, 2, 3, 4], 2: [1, 2, 3, 4]})
    assert sizes_from_files([1], NOW_MS, tmp_path)["weekly-shoppers"] == 1
    assert sizes_from_files([1, 2], NOW_MS, tmp_path)["weekly-shoppers"] == 2


def test_there_are_at_least_six_rules_with_ids_of_their_own() -> None:
    """Each rule comes with a query of its own."""
    assert len({segment.segment_id for segment in SEGMENTS}) == len(SEGMENTS) >= 6
    assert len({segment.size_sql for segment in SEGMENTS}) == len(SEGMENTS)


def _write_files(directory: Path, days_ago: dict[int, list[float]]) -> None:
    """Parquet files as the package has them, with baskets so many days before NOW_MS."""
    rows = [
        {
            "household_id": household,
            "store_id": 1,
            "basket_id": household * 100 + number,
            "product_id": 5,
            "quantity": 1,
            "sales_value": 1.25,
            "transaction_timestamp": int(NOW_MS - ago * DAY_MS),
        }
        for household, found in days_ago.items()
        for number, ago in enumerate(found)
    ]
    table = pa.Table.from_pylist(rows)
    position = table.schema.get_field_index("transaction_timestamp")
    times = table["transaction_timestamp"].cast(pa.timestamp("ms"))
    table = table.set_column(position, "transaction_timestamp", times)
    pq.write_table(table, directory / "transactions.parquet")
    products = pa.table({"product_id": [5], "product_category": ["BEEF"]})
    pq.write_table(products, directory / "products.parquet")
    people = pa.table({"household_id": [1], "age": ["45-54"]})
    pq.write_table(people, directory / "demographics.parquet")
