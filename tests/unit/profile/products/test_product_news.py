"""Who waits for a product, and the event that tells."""

from __future__ import annotations

import pytest
from profile_service.product_news import (
    Reason,
    Telling,
    Touch,
    event_id_of,
    reason_for,
    reasons,
    to_event,
)
from profile_service.products import News, NewsKind

TELLING = Telling("shop", "p", "shoes", News(NewsKind.PRICE_DROPPED, 2, 5_000, True, 90, 70))


def _touches(text: str) -> list[Touch]:
    """As in "cart_add@5 product_view*3@9", each under an identifier of its own."""
    found = []
    for number, one in enumerate(text.split()):
        kind, _, at = one.partition("@")
        event_type, _, times = kind.partition("*")
        found.append(Touch(bytes([number]), event_type, int(times or 1), int(at)))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cart_add@5", Reason.CARTED),
        ("cart_add@5 cart_remove@6", None),
        ("cart_add@5 cart_remove@6 cart_add@7", Reason.CARTED),
        ("cart_add@5 cart_remove@6 wishlist@1", Reason.WISHED),
        ("cart_add@5 purchase@6", None),
        ("purchase@5 cart_add@6", Reason.CARTED),
        ("wishlist@5 purchase@5", None),
        ("out_of_stock@5", Reason.MISSED),
        ("out_of_stock@5 purchase@9", None),
        ("product_view*2@5", None),
        ("product_view*2@5 product_view@6", Reason.VIEWED_OFTEN),
        ("product_view*9@5 purchase@6", None),
        ("", None),
    ],
)
def test_the_newest_over_all_identifiers_decides(text: str, expected: Reason | None) -> None:
    """What was bought or taken out since is wanted no more; three looks are often."""
    assert expected == reason_for(_touches(text))


def test_related_buyers_are_told_unless_they_have_it_or_heard() -> None:
    """Whoever waited for it was told before; whoever has it needs no news."""
    begun = Telling(TELLING.tenant_id, "p", "shoes", TELLING.news, b"", True)
    some = {
        "buyer": _touches(""),
        "glanced": _touches("product_view@3"),
        "waited": _touches("wishlist@3"),
        "has-it": _touches("purchase@3"),
    }
    assert {"buyer": Reason.RELATED, "glanced": Reason.RELATED} == reasons(begun, some)
    assert {"waited": Reason.WISHED} == reasons(TELLING, some)


def test_the_event_names_the_product_as_its_item_and_has_an_id_of_the_change() -> None:
    """The same on every try; another version, kind, product or tenant has another id."""
    event = to_event(TELLING, "u_1", Reason.CARTED)
    assert ("price_dropped", "p", "shoes", 70) == (
        event.type,
        event.items[0].product_id,
        event.items[0].category,
        event.items[0].unit_price_minor_units,
    )
    assert {"reason", "old_price_minor_units", "new_price_minor_units"} == set(event.properties)
    news = TELLING.news
    others = {
        event_id_of(Telling("shop", "p", "", News(NewsKind.RESTOCKED, 2, 5_000, True))),
        event_id_of(Telling("shop", "p", "", News(news.kind, 3, 5_000, True))),
        event_id_of(Telling("shop", "q", "", news)),
        event_id_of(Telling("other", "p", "", news)),
    }
    assert event.event_id == event_id_of(TELLING)
    assert 4 == len(others - {event.event_id})
