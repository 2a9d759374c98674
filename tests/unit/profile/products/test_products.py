"""How an upsert changes a product, and what of it is news."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from profile_service.products import (
    Details,
    Launch,
    NewsKind,
    Product,
    Upsert,
    UpsertOutcome,
    check_duplicates,
    check_mask,
    decide_upsert,
    launch_now,
    listed,
)

NOW = 1_000_000
BEFORE = Product("shop", "p", 3, 7, Details("Sneaker", "shoes", 500, 2), 1, 2)


def _upsert(key: bytes = b"k", version: int = 0, **details: Any) -> Upsert:
    given = Details(**details)
    return Upsert("shop", "p", given, tuple(details), version, key, b"f" + key)


def _news(product: Product | None) -> list[tuple[NewsKind, int | None, int | None]]:
    assert product is not None
    return [(one.kind, one.old_price, one.new_price) for one in product.pending]


@pytest.mark.parametrize(
    ("before", "change", "expected"),
    [
        ({"price": 500}, {"price": 400}, [(NewsKind.PRICE_DROPPED, 500, 400)]),
        ({"price": 500}, {"price": 0}, [(NewsKind.PRICE_DROPPED, 500, 0)]),
        ({"price": 500}, {"price": 600}, []),
        ({"price": None}, {"price": 400}, []),
        ({"price": 500}, {"price": None}, []),
        ({"stock": 0}, {"stock": 1}, [(NewsKind.RESTOCKED, None, 500)]),
        ({"stock": None}, {"stock": 9}, []),
        ({"stock": 0}, {"stock": None}, []),
        ({"stock": 2}, {"stock": 9}, []),
        ({"stock": 2}, {"stock": 0}, []),
        (
            {"stock": 0},
            {"stock": 1, "price": 300},
            [(NewsKind.PRICE_DROPPED, 500, 300), (NewsKind.RESTOCKED, None, 300)],
        ),
        ({}, {"launch_time": NOW + 1}, []),
        ({}, {"launch_time": NOW}, []),
        ({}, {"name": "Runner"}, []),
    ],
)
def test_news_is_a_lower_price_or_stock_after_none(
    before: dict[str, Any],
    change: dict[str, Any],
    expected: list[tuple[NewsKind, int | None, int | None]],
) -> None:
    """What becomes known, or unknown, is no news."""
    product = replace(BEFORE, details=replace(BEFORE.details, **before))
    after, answer = decide_upsert(product, _upsert(**change), NOW)
    assert expected == _news(after)
    assert (UpsertOutcome.CHANGED, 4) == (answer.outcome, answer.version)


def test_a_launch_ahead_waits_moves_and_is_told_once() -> None:
    """It waits in the product; moved to the past it is news at once, taken back it is none."""
    planned, answer = decide_upsert(None, _upsert(b"1", launch_time=NOW + 10), NOW)
    assert planned is not None
    assert ((NewsKind.LAUNCHED,), Launch(NOW + 10, True)) == (answer.news, planned.launch)
    assert planned is launch_now(planned, NOW + 9)
    told = launch_now(planned, NOW + 10)
    assert ([(NewsKind.LAUNCHED, None, None)], None) == (_news(told), told.launch)
    assert told is launch_now(told, NOW + 99)
    early, answer = decide_upsert(planned, _upsert(b"2", launch_time=NOW), NOW)
    assert early is not None
    assert ([(NewsKind.LAUNCHED, None, None)], None) == (_news(early), early.launch)
    withdrawn, answer = decide_upsert(planned, _upsert(b"3", launch_time=None), NOW)
    assert withdrawn is not None
    assert ([], None, ()) == (_news(withdrawn), withdrawn.launch, answer.news)


def test_the_same_request_is_answered_as_the_first_time() -> None:
    """Also when others have changed the product since, and when it changed nothing."""
    first, answer = decide_upsert(BEFORE, _upsert(b"1", price=400), NOW)
    second, _ = decide_upsert(first, _upsert(b"2", price=700), NOW)
    again, repeated = decide_upsert(second, _upsert(b"1", price=400), NOW)
    assert (second, answer) == (again, repeated)
    same, unchanged = decide_upsert(second, _upsert(b"3", price=700), NOW)
    third, _ = decide_upsert(same, _upsert(b"4", price=800), NOW)
    assert (UpsertOutcome.UNCHANGED, 5) == (unchanged.outcome, unchanged.version)
    assert unchanged == decide_upsert(third, _upsert(b"3", price=700), NOW)[1]
    other = replace(_upsert(b"1", price=1), fingerprint=b"other")
    assert UpsertOutcome.REQUEST_CONFLICT == decide_upsert(third, other, NOW)[1].outcome


def test_another_version_is_refused_and_leaves_the_product() -> None:
    """Also a version of a product that does not exist."""
    after, answer = decide_upsert(BEFORE, _upsert(version=2, price=1), NOW)
    assert (BEFORE, UpsertOutcome.VERSION_CONFLICT, 3) == (after, answer.outcome, answer.version)
    after, answer = decide_upsert(None, _upsert(version=2, price=1), NOW)
    assert (None, UpsertOutcome.VERSION_CONFLICT, 0) == (after, answer.outcome, answer.version)


def test_what_is_on_the_list_of_news_leaves_the_product_and_later_news_stay() -> None:
    """By value: a second drop in price is other news than the first."""
    first, _ = decide_upsert(BEFORE, _upsert(b"1", price=400), NOW)
    second, _ = decide_upsert(first, _upsert(b"2", price=300), NOW + 1)
    assert first is not None
    assert second is not None
    assert [(NewsKind.PRICE_DROPPED, 400, 300)] == _news(listed(second, first.pending))


def test_mistakes_are_named_with_their_place() -> None:
    """Unknown and read-only fields of a mask, and a product that comes twice."""
    wrong = check_mask(["name", "colour", "version"], 4)
    assert ["upserts[4].update_mask.paths[1]", "upserts[4].update_mask.paths[2]"] == [
        field for field, _ in wrong
    ]
    assert "read-only" in wrong[1][1]
    assert [
        ("upserts[2].product.product_id", "upserts[0] has the same product: send each once")
    ] == (check_duplicates(["a", "b", "a"]))
