"""Carts, offers and coupons for tests: short builders, and Hypothesis strategies of them."""

from typing import Any

from hypothesis import strategies as st
from offers_service.discounts import Candidate, Cart, CartLine
from offers_service.offers import Offer, Scope

CATEGORIES = ("shoes", "bags", "books")


def cart(*lines: tuple[str, int, int], shipping: int = 0, currency: str = "KRW") -> Cart:
    """Lines of (category, quantity, unit price), named a, b, c, ..."""
    made = [
        CartLine(chr(97 + number), f"p-{category}", category, quantity, price)
        for number, (category, quantity, price) in enumerate(lines)
    ]
    return Cart(currency, tuple(made), shipping)


def offer(offer_id: str = "o", **terms: Any) -> Offer:
    """In won; stackable with everything, itself too, unless said otherwise."""
    wanted: dict[str, Any] = {
        "currency": "KRW",
        "created_ms": 1,
        "stackable_with": ("*", "goods", "shipping", "extras"),
        **terms,
    }
    return Offer(offer_id=offer_id, **wanted)


def coupon(made: Offer, number: int = 0, valid_until_ms: int = 1_000) -> Candidate:
    """A coupon of an offer."""
    return Candidate(f"c_{made.offer_id}_{number}", made, valid_until_ms)


LINES = st.tuples(
    st.sampled_from(CATEGORIES), st.integers(1, 4), st.sampled_from([0, 1, 7, 99, 1_000, 9_999])
)
CARTS = st.builds(
    lambda lines, shipping: cart(*lines, shipping=shipping),
    st.lists(LINES, min_size=1, max_size=5),
    st.sampled_from([0, 1, 2_500]),
)
BENEFITS = st.one_of(
    st.builds(
        lambda points, cap: {"percent_basis_points": points, "maximum_minor_units": cap},
        st.sampled_from([1, 333, 1_000, 5_000, 9_999, 10_000]),
        st.sampled_from([0, 5, 3_000]),
    ),
    st.builds(
        lambda amount: {"fixed_minor_units": amount}, st.sampled_from([1, 50, 3_000, 20_000])
    ),
    st.builds(
        lambda cap: {"free_shipping": True, "maximum_minor_units": cap},
        st.sampled_from([0, 1_000]),
    ),
    st.just({"gift_product": "bag", "gift_quantity": 1}),
    st.builds(
        lambda points, per: {"points": points, "points_per_minor_units": per},
        st.sampled_from([1, 100]),
        st.sampled_from([0, 10, 1_000]),
    ),
)
SCOPES = st.one_of(
    st.just(Scope()),
    st.builds(lambda category: Scope(categories=(category,)), st.sampled_from(CATEGORIES)),
    st.builds(lambda category: Scope(excluded_categories=(category,)), st.sampled_from(CATEGORIES)),
)
STACKING = st.sampled_from(
    [(), ("*",), ("goods",), ("shipping", "extras"), ("*", "goods"), ("shipping", "goods")]
)
OFFERS = st.builds(
    lambda benefit, scope, minimum, of_cart, stacking: offer(
        scope=scope,
        minimum_minor_units=minimum,
        minimum_of_cart=of_cart,
        stackable_with=stacking,
        **benefit,
    ),
    BENEFITS,
    SCOPES,
    st.sampled_from([0, 10, 1_000, 10_000, 20_000]),
    st.booleans(),
    STACKING,
)
