"""What each term means, at its boundaries: section 6 of the design by named examples."""

from __future__ import annotations

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from segmentation_service.engine import Cause, ProfileInput

from tests.unit.segmentation.customer import DAY, HOUR, MINUTE, T0, Customer, seen, value_of


def test_an_event_leaves_its_window_exactly_one_window_later() -> None:
    """An event at t is inside window w at n when t <= n < t + w."""
    one = Customer("count(purchase, 1d) >= 1")
    assert [(5, "a", True)] == one.does("purchase", 5)
    assert [] == one.waits(5 + DAY - 1)
    assert [(5 + DAY, "a", False)] == one.waits(5 + DAY)


def test_an_offset_window_begins_and_ends_exactly() -> None:
    """Inside `from a to b` when t + b <= n < t + a."""
    one = Customer("count(purchase, from 3h to 1h) >= 1")
    assert [] == one.does("purchase", 0)
    assert HOUR == one.next_ms()
    assert [] == one.waits(HOUR - 1)
    assert [(HOUR, "a", True)] == one.waits(HOUR)
    assert [(3 * HOUR, "a", False)] == one.waits(DAY)


def test_a_count_of_zero_holds_from_creation() -> None:
    """count(purchase) = 0 holds for one who has none, whatever the age of the profile."""
    one = Customer("count(purchase, 90d) = 0")
    result = one.take()
    assert [(T0, "a", Cause.PROFILE)] == [
        (change.at_ms, change.segment_id, change.cause) for change in result.transitions
    ]
    assert [(7, "a", False)] == one.does("purchase", 7)
    assert [(7 + 90 * DAY, "a", True)] == one.waits(100 * DAY)


def test_a_customer_exists_from_the_first_event_if_that_is_earlier_than_creation() -> None:
    """The rule is evaluated first at the event, which it then sees."""
    one = Customer("count(purchase) = 0", "count(visit) = 0")
    assert [(-50, "b", True)] == one.does("purchase", -50)
    assert T0 - 50 == one.state.start_ms


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        ("count(a) = 2", [False, False, True, False]),
        ("count(a) != 2", [True, True, False, True]),
        ("count(a) > 2", [False, False, False, True]),
        ("count(a) >= 2", [False, False, True, True]),
        ("count(a) < 2", [True, True, False, False]),
        ("count(a) <= 2", [True, True, True, False]),
        ("count(a) >= 0", [True, True, True, True]),
        ("count(a, 1d) = 2", [False, False, True, False]),
        ("count(a, 1d) != 2", [True, True, False, True]),
    ],
)
def test_counts_compare_exactly(rule: str, members: list[bool]) -> None:
    """After no, one, two and three events."""
    one = Customer(rule)
    one.take()
    found = [bool(one.segments())]
    for at_ms in (1, 2, 3):
        one.does("a", at_ms)
        found.append(bool(one.segments()))
    assert members == found


def test_two_events_at_the_same_millisecond_are_two() -> None:
    """They also leave the window together, in one change."""
    one = Customer("count(a, 1h) >= 2", "count(a, 1h) = 1")
    assert [(1, "b", True)] == one.does("a", 1)
    assert [(1, "a", True), (1, "b", False)] == one.does("a", 1)
    assert [(1 + HOUR, "a", False)] == one.waits(DAY)


def test_events_of_one_instant_are_taken_together() -> None:
    """What is never true at any instant is never announced."""
    one = Customer("count(purchase) >= 1 and count(cancel) = 0")
    result = one.take(one.input("purchase", 5), one.input("cancel", 5))
    assert [] == result.transitions


@pytest.mark.parametrize(
    ("rule", "flips"),
    [
        ("since(login) >= 1h", [(HOUR, True)]),
        ("since(login) > 1h", [(HOUR + 1, True)]),
        ("since(login) < 1h", [(0, True), (HOUR, False)]),
        ("since(login) <= 1h", [(0, True), (HOUR + 1, False)]),
        ("since(login) = 1h", [(HOUR, True), (HOUR + 1, False)]),
        ("since(login) != 1h", [(0, True), (HOUR, False), (HOUR + 1, True)]),
    ],
)
def test_since_flips_at_the_exact_millisecond(rule: str, flips: list[tuple[int, bool]]) -> None:
    """since(e) >= w becomes true at exactly last + w."""
    one = Customer(rule)
    found = one.does("login", 0) + one.waits(DAY)
    assert [(at_ms, "a", entered) for at_ms, entered in flips] == found


def test_a_comparison_with_what_does_not_exist_is_false() -> None:
    """One who never logged in is not one whose login is long ago; `not` turns that around."""
    one = Customer(
        "since(login) >= 365d",
        "since(login) != 365d",
        "not since(login) < 365d",
        "last(a) != last(b)",
        "avg(a.amount) < 5",
        'profile.tier != "gold"',
        'field("x") != 3',
        "count(login) = 0",
    )
    one.waits(1000 * DAY)
    assert {"c", "h"} == one.segments()


def test_a_new_login_defers_the_flip() -> None:
    """Only the newest event counts; the old deadline is gone."""
    one = Customer("since(login) >= 1h")
    one.does("login", 0)
    one.does("login", HOUR - 1)
    assert 2 * HOUR - 1 == one.next_ms()
    assert [(2 * HOUR - 1, "a", True)] == one.waits(DAY)
    assert [(2 * DAY, "a", False)] == one.does("login", 2 * DAY)


def test_an_event_at_the_very_instant_of_a_flip_is_seen_by_it() -> None:
    """A login exactly at last + w: the rule does not come to hold."""
    one = Customer("since(login) >= 1h")
    one.does("login", 0)
    assert [] == one.does("login", HOUR)


def test_deadlines_fire_before_a_later_event_at_their_own_instants() -> None:
    """Each with cause TIME; the event's own change follows with cause EVENT."""
    one = Customer("since(login) >= 1h", "count(login, 30m) >= 1")
    one.does("login", 0)
    result = one.take(one.input("login", 2 * HOUR))
    assert [
        (T0 + 30 * MINUTE, "b", False, Cause.TIME),
        (T0 + HOUR, "a", True, Cause.TIME),
        (T0 + 2 * HOUR, "a", False, Cause.EVENT),
        (T0 + 2 * HOUR, "b", True, Cause.EVENT),
    ] == [
        (change.at_ms, change.segment_id, change.entered, change.cause)
        for change in result.transitions
    ]


def test_the_flip_of_a_compound_rule_is_exact() -> None:
    """A part that flips without the rule flipping is passed over."""
    one = Customer("since(a) >= 1h and since(b) >= 3h and count(a, 5h) >= 1")
    one.take(one.input("a", 0), one.input("b", 0))
    assert 3 * HOUR == one.next_ms()
    assert [(3 * HOUR, "a", True), (5 * HOUR, "a", False)] == one.waits(DAY)
    assert None is one.next_ms()


def test_or_holds_through_the_change_of_its_parts() -> None:
    """From the first part straight into the second: no change."""
    one = Customer("count(a, 2h) >= 1 or since(a) >= 2h")
    assert [(0, "a", True)] == one.does("a", 0)
    assert None is one.next_ms()


def test_last_compares_instants() -> None:
    """Something in the cart after the last purchase; at equal times it is not after."""
    one = Customer("last(cart_add) > last(purchase)")
    one.does("purchase", 0)
    assert [] == one.does("cart_add", 0)
    assert [(1, "a", True)] == one.does("cart_add", 1)
    assert [(2, "a", False)] == one.does("purchase", 2)


def test_first_keeps_the_first() -> None:
    """since(first(purchase)) runs from the first one on."""
    one = Customer("since(first(purchase)) >= 1d")
    one.does("purchase", 0)
    one.does("purchase", HOUR)
    assert [(DAY, "a", True)] == one.waits(2 * DAY)


def test_distinct_counts_values_by_their_newest_time() -> None:
    """A value seen again stays until a window after its newest time; no value is no value."""
    one = Customer("distinct(visit.session_id, 1d) >= 2")
    assert [] == one.does("visit", 0, session_id="x")
    assert [] == one.does("visit", 1, session_id="x")
    assert [] == one.does("visit", 2)
    assert [(3, "a", True)] == one.does("visit", 3, session_id="y")
    one.does("visit", 10, session_id="x")
    assert [(3 + DAY, "a", False)] == one.waits(2 * DAY)


def test_sums_are_in_major_units() -> None:
    """10.50 dollars are 1050 cents; a won has no smaller part."""
    dollars = Customer("sum(purchase.amount) >= 10.5", exponent=2)
    assert [] == dollars.does("purchase", 0, amount=1049)
    assert [(1, "a", True)] == dollars.does("purchase", 1, amount=1)
    won = Customer("sum(purchase.amount) >= 10.5")
    assert [] == won.does("purchase", 0, amount=10)
    assert [(1, "a", True)] == won.does("purchase", 1, amount=1)


def test_sums_of_decimals_are_exact() -> None:
    """Ten times 0.1 is 1, neither less nor more."""
    one = Customer("sum(weighing.properties.kilos, 1d) = 1", "sum(weighing.properties.kilos) = 1")
    for at_ms in range(9):
        assert [] == one.does("weighing", at_ms, properties={"kilos": "#0.1"})
    found = one.does("weighing", 9, properties={"kilos": "#0.100000000"})
    assert [(9, "a", True), (9, "b", True)] == found


def test_sums_beyond_64_bits_are_exact() -> None:
    """Numbers of 18 digits with 9 decimals add up without loss."""
    one = Customer("sum(a.properties.n, 1d) > 999999999999999999", "max(a.properties.n) > 5")
    huge = {"n": "#999999999999999999"}
    assert [(0, "b", True)] == one.does("a", 0, properties=huge)
    assert [(1, "a", True)] == one.does("a", 1, properties={"n": "#0.000000001"})
    assert [(2, "a", False)] == one.does("a", 2, properties={"n": "#-0.000000001"})


def test_a_sum_leaves_the_window_amount_by_amount() -> None:
    """It flips when enough has left, not when the first does."""
    one = Customer("sum(purchase.amount, 1d) >= 100")
    for at_ms, amount in ((0, 30), (1, 60), (2, 60)):
        one.does("purchase", at_ms, amount=amount)
    assert 1 + DAY == one.next_ms()
    assert [(1 + DAY, "a", False)] == one.waits(2 * DAY)


def test_averages_and_extremes_of_nothing_do_not_exist() -> None:
    """They hold only while there is something in the window; no rating is no rating."""
    one = Customer(
        "avg(review.rating, 1d) >= 3.5", "min(review.rating, 1d) <= 3", "max(review.rating) = 4"
    )
    assert [] == one.does("review", 0)
    assert [(1, "b", True)] == one.does("review", 1, rating=3)
    assert [(2, "a", True), (2, "c", True)] == one.does("review", 2, rating=4)
    assert [(1 + DAY, "b", False), (2 + DAY, "a", False)] == one.waits(3 * DAY)


def test_measures_compare_with_each_other() -> None:
    """Fewer visits this hour than the hour before."""
    one = Customer("count(visit, 1h) < count(visit, from 2h to 1h)")
    one.does("visit", 0)
    assert [(HOUR, "a", True), (2 * HOUR, "a", False)] == one.waits(DAY)


def test_where_looks_at_the_event_and_its_items() -> None:
    """Any item may satisfy the predicate; both halves must hold for the same one."""
    one = Customer(
        'count(purchase where any item.category = "shoes") >= 1',
        'count(purchase where any (item.category = "shoes" and item.quantity >= 2)) >= 1',
        'count(purchase where not any item.category = "shoes") >= 1',
        'count(purchase where properties.gift and channel = "app" and amount >= 50) >= 1',
    )
    basket = [("p1", "shoes", 1, 10), ("p2", "hats", 2, 40)]
    assert [(0, "a", True)] == one.does("purchase", 0, items=basket, amount=50)
    assert [(1, "c", True)] == one.does("purchase", 1)
    found = one.does("purchase", 2, channel=2, amount=50, properties={"gift": True})
    assert [(2, "d", True)] == found
    assert [(3, "b", True)] == one.does("purchase", 3, items=[("p1", "shoes", 2, 20)])


def test_a_property_of_another_type_is_as_good_as_none() -> None:
    """The text "5" is not the number 5."""
    one = Customer(
        "count(a where properties.x != 4) >= 1", 'count(a where properties.x = "5") >= 1'
    )
    assert [(0, "b", True)] == one.does("a", 0, properties={"x": "5"})
    assert [(1, "a", True)] == one.does("a", 1, properties={"x": "#5"})


def test_an_unanswered_cart_holds_between_its_two_lengths() -> None:
    """From t + w until t + h."""
    one = Customer("unanswered(cart_add, purchase by cart_id, 30m, 7d)")
    assert [] == one.does("cart_add", 0, cart_id="c")
    assert [(30 * MINUTE, "a", True), (7 * DAY, "a", False)] == one.waits(10 * DAY)


def test_the_newest_addition_to_a_cart_counts() -> None:
    """Each addition begins the wait anew."""
    one = Customer("unanswered(cart_add, purchase by cart_id, 30m, 7d)")
    one.does("cart_add", 0, cart_id="c")
    one.does("cart_add", 20 * MINUTE, cart_id="c")
    assert 50 * MINUTE == one.next_ms()


def test_an_answer_ends_it_at_once_and_only_for_its_key() -> None:
    """Two carts: buying one leaves the other."""
    one = Customer("unanswered(cart_add, purchase by cart_id, 30m, 7d)")
    one.does("cart_add", 0, cart_id="c")
    one.does("cart_add", MINUTE, cart_id="d")
    assert [(30 * MINUTE, "a", True)] == one.does("purchase", HOUR, cart_id="c")
    assert [(2 * HOUR, "a", False)] == one.does("purchase", 2 * HOUR, cart_id="d")


def test_an_answer_at_the_same_instant_answers() -> None:
    """No b at or after t: at t is enough."""
    one = Customer("unanswered(cart_add, purchase by cart_id, 30m, 7d)")
    one.take(one.input("purchase", 0, cart_id="c"), one.input("cart_add", 0, cart_id="c"))
    assert None is one.next_ms()


def test_products_left_in_the_cart_are_judged_one_by_one() -> None:
    """by item.product_id takes every item as a key."""
    one = Customer("unanswered(cart_add, purchase by item.product_id, 1h, 2h)")
    both = [("p1", "x", 1, 1), ("p2", "x", 1, 1)]
    one.does("cart_add", 0, items=both)
    one.does("purchase", 1, items=both[:1])
    assert [(HOUR, "a", True), (2 * HOUR, "a", False)] == one.waits(DAY)


def test_profile_attributes_tags_and_fields() -> None:
    """A change of the profile moves the rules that read it, with cause PROFILE."""
    one = Customer(
        'profile.tier in ("gold", "vip")',
        '"running" in profile.tags',
        'field("size") >= 42.5',
        "profile.member",
        'field("club")',
    )
    one.take()
    fields = {"size": value_of("#42.5"), "club": value_of(True)}
    found = one.becomes(5, tier="gold", tags=["running"], member=True, fields=fields)
    assert [(5, name, True) for name in "abcde"] == found
    assert [(9, "a", False)] == one.becomes(
        9, tier="x", tags=["running"], member=True, fields=fields
    )


def test_an_older_snapshot_changes_nothing() -> None:
    """Deltas may overtake each other; the newest version stays."""
    one = Customer('profile.tier = "gold"', profile=ProfileSnapshot(version=3, tier="gold"))
    assert [(0, "a", True)] == seen(one.take())
    older = ProfileInput(ProfileSnapshot(version=2, tier="silver"), T0 + 5)
    assert [] == seen(one.take(older))
    newer = ProfileInput(ProfileSnapshot(version=4, tier="silver"), T0 + 6)
    assert [(6, "a", False)] == seen(one.take(newer))


def test_segments_inside_segments() -> None:
    """The inner rule counts, with its own flips."""
    one = Customer("count(visit, 1d) >= 1", 'not in segment("a") and count(purchase) >= 1')
    one.does("visit", 0)
    one.does("purchase", 1)
    assert [(DAY, "a", False), (DAY, "b", True)] == one.waits(2 * DAY)


def test_a_birthday_begins_and_ends_at_midnight_of_the_tenants_zone() -> None:
    """T0 is 2023-11-15 07:13:20 in Seoul; the 25th of December is 40 days later."""
    one = Customer("birthday within 7d", profile=ProfileSnapshot(birthday="12-25"))
    midnight = -(7 * HOUR + 13 * MINUTE + 20_000)
    begin, end = midnight + 33 * DAY, midnight + 41 * DAY
    assert [(begin, "a", True), (end, "a", False)] == one.waits(100 * DAY)


def test_a_birthday_on_the_29th_of_february_is_kept_in_every_year() -> None:
    """On the 28th in common years; 2024 has the 29th."""
    one = Customer("birthday within 0d", time_zone="UTC", profile=ProfileSnapshot(birthday="02-29"))
    midnight = -(22 * HOUR + 13 * MINUTE + 20_000)
    leap, common = midnight + 107 * DAY, midnight + 472 * DAY
    assert [
        (leap, "a", True),
        (leap + DAY, "a", False),
        (common, "a", True),
        (common + DAY, "a", False),
    ] == one.waits(500 * DAY)


def test_a_birthday_that_is_no_day_never_comes() -> None:
    """A malformed one does not stop the engine."""
    for text in ("02-30", "13-01", "x"):
        one = Customer("birthday within 7d", profile=ProfileSnapshot(birthday=text))
        assert [] == one.waits(800 * DAY)
