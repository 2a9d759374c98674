"""What a caller can get wrong about a coupon: each has its outcome, or its error with the field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.offers.ledger.conftest import basket, won

DOLLARS = Money(currency_code="USD", minor_units=20_000)
Attempt = Callable[[Any, str], Awaitable[Any]]


def _stranger(shop: Any) -> str:
    token: str = shop.token(Role.PARTNER, "till", "other")
    return token


def _dollar_cart() -> pb.Cart:
    cart = basket()
    cart.currency_code = "USD"
    return cart


# Of ann's coupon, fresh: what is sent, and the outcome that comes back.
FRESH: dict[str, tuple[str, Attempt]] = {
    "wrong currency": ("WRONG_CURRENCY", lambda shop, c: shop.hold(c, order_amount=DOLLARS)),
    "cart in a wrong currency": (
        "WRONG_CURRENCY",
        lambda shop, c: shop.hold_cart(c, _dollar_cart()),
    ),
    "too small an order": ("BELOW_MINIMUM", lambda shop, c: shop.hold(c, order_amount=won(0))),
    "foreign: of another customer": (
        "NOT_OWNER",
        lambda shop, c: shop.hold(c, customer_id="eve"),
    ),
    "foreign: a customer with somebody else's": (
        "NOT_FOUND",
        lambda shop, c: shop.hold(c, shop.token(Role.CUSTOMER, "eve"), customer_id="eve"),
    ),
    "foreign: of another tenant": ("NOT_FOUND", lambda shop, c: shop.hold(c, _stranger(shop))),
    "foreign: redeemed in another tenant": (
        "NOT_FOUND",
        lambda shop, c: shop.redeem(c, _stranger(shop)),
    ),
    "unknown": ("NOT_FOUND", lambda shop, _: shop.hold("c_unknown")),
    "unknown, and no coupon's id": ("NOT_FOUND", lambda shop, _: shop.redeem("odd")),
    "redeemed but not held": ("NOT_HELD", lambda shop, c: shop.redeem(c)),
    "released but not held": ("NOT_HELD", lambda shop, c: shop.release(c)),
    "reversed but not used": ("NOT_REDEEMED", lambda shop, c: shop.reverse(c)),
}
# Of one that order-1 has used.
USED: dict[str, tuple[str, Attempt]] = {
    "held": ("ALREADY_REDEEMED", lambda shop, c: shop.hold(c, order_id="order-2")),
    "redeemed": ("ALREADY_REDEEMED", lambda shop, c: shop.redeem(c)),
    "released": ("ALREADY_REDEEMED", lambda shop, c: shop.release(c)),
    "revoked": ("ALREADY_REDEEMED", lambda shop, c: shop.revoke(c)),
    "reversed for another order": ("OTHER_ORDER", lambda shop, c: shop.reverse(c, order_id="o-2")),
}


def _outcome(answer: Any) -> str:
    return pb.CouponOutcome.Name(answer.outcome).removeprefix("COUPON_OUTCOME_")


async def _outcomes(
    shop: Any, table: dict[str, tuple[str, Attempt]], coupon_id: str
) -> dict[str, str]:
    return {name: _outcome(await attempt(shop, coupon_id)) for name, (_, attempt) in table.items()}


async def test_what_is_wrong_with_a_step_has_its_outcome(shop: Any) -> None:
    """And it changes nothing: the coupon is as it was issued."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    expected = {name: outcome for name, (outcome, _) in FRESH.items()}
    assert expected == await _outcomes(shop, FRESH, coupon_id)
    assert 1 == (await shop.accounts.find_one({"_id.a": coupon_id}))["v"]


async def test_a_used_coupon_says_so(shop: Any) -> None:
    """Whatever is tried with it; it stays used by its order."""
    await shop.add_offer()
    coupon_id = await shop.used()
    expected = {name: outcome for name, (outcome, _) in USED.items()}
    assert expected == await _outcomes(shop, USED, coupon_id)
    document = await shop.accounts.find_one({"_id.a": coupon_id})
    assert ("redeemed", "order-1", 3) == (document["state"], document["order"], document["v"])


async def test_an_expired_coupon_says_so(shop: Any) -> None:
    """Held, redeemed, or given away: its time has run out, by the tenant's clock."""
    clocks = shop.parts.base.clocks
    await clocks.advance("replay", 1_490_000_000_000, 1_490_003_600_000)
    await shop.add_offer(tenant="replay")
    coupon_id = (await shop.issue(tenant="replay")).coupon.coupon_id
    await clocks.advance("replay", 1_490_086_400_000, 1_490_090_000_000)
    till = shop.token(Role.PARTNER, "till", "replay")
    answers = [await shop.hold(coupon_id, till), await shop.redeem(coupon_id, till)]
    assert ["EXPIRED", "EXPIRED"] == [_outcome(answer) for answer in answers]
    given = await shop.gift(coupon_id, till)
    assert (
        "GIFT_OUTCOME_COUPON_EXPIRED"
        == type(given)
        .DESCRIPTOR.fields_by_name["outcome"]
        .enum_type.values_by_number[given.outcome]
        .name
    )


async def test_an_amount_that_no_order_has_is_an_error_with_its_field(shop: Any) -> None:
    """Negative ones, and more than any currency's till can ring up."""
    await shop.add_offer(minimum_order=None)
    coupon_id = (await shop.issue()).coupon.coupon_id
    for amount in (-1, -(2**63), 10**12 + 1, 2**63 - 1):
        with pytest.raises(RpcFailure) as refused:
            await shop.hold(coupon_id, order_amount=won(amount))
        assert (Code.FIELD_INVALID, "order_amount.minor_units") == (
            refused.value.code,
            refused.value.field,
        )


async def test_a_negative_price_is_an_error_with_its_field(shop: Any) -> None:
    """Also where a negative line would make a cart cheaper."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    with pytest.raises(RpcFailure) as refused:
        await shop.hold_cart(coupon_id, basket(("shoes", 1, 20_000), ("books", 1, -5_000)))
    assert (Code.FIELD_INVALID, "cart.lines[1].unit_price_minor_units") == (
        refused.value.code,
        refused.value.field,
    )
