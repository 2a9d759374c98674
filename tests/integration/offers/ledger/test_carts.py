"""Carts over the wire: which coupons apply, what is held for them, who holds first."""

import asyncio
from typing import Any

import pytest
from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol.offers.v1 import offer_service_pb2 as offer_pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

SHOES = offer_pb.Scope(categories=["shoes"])


def _cart(*lines: tuple[str, int, int], shipping: int = 2_500, currency: str = "KRW") -> pb.Cart:
    lines = lines or (("shoes", 2, 6_000), ("books", 1, 8_000))
    return pb.Cart(
        currency_code=currency,
        shipping_minor_units=shipping,
        lines=[
            pb.CartLine(
                line_id=f"line-{number}",
                product_id=f"p-{category}",
                category=category,
                quantity=quantity,
                unit_price_minor_units=price,
            )
            for number, (category, quantity, price) in enumerate(lines)
        ],
    )


def _verdicts(answer: Any) -> dict[str, str]:
    return {
        one.offer_id or one.code: pb.CouponVerdict.Name(one.verdict).removeprefix("COUPON_VERDICT_")
        for one in answer.coupons
    }


def _names(answers: Any) -> list[str]:
    return [
        pb.CouponOutcome.Name(answer.outcome).removeprefix("COUPON_OUTCOME_") for answer in answers
    ]


async def _give(shop: Any, offer_id: str, owner: str = "ann", **terms: Any) -> str:
    """A coupon of a new offer without a minimum unless said otherwise."""
    wanted = {"minimum_order": None, "stackable_with": ["*"], **terms}
    await shop.add_offer(offer_id, **wanted)
    coupon_id: str = (await shop.issue(owner, offer_id=offer_id)).coupon.coupon_id
    return coupon_id


def _won(amount: int) -> Money:
    return Money(currency_code="KRW", minor_units=amount)


async def test_the_best_combination_of_a_wallet(shop: Any) -> None:
    """Ten percent off shoes, 3,000 off, free shipping and points beat 5,000 off alone; each says
    what it does to which line, and the sums agree."""
    await _give(shop, "shoes", percent_basis_points=1_000, scope=SHOES)
    await _give(shop, "three", fixed_amount=_won(3_000))
    await _give(shop, "ship", free_shipping=offer_pb.FreeShipping())
    per = offer_pb.PointsReward(points=1, per_amount=_won(1_000))
    await _give(shop, "points", points=per)
    alone = await _give(shop, "alone", fixed_amount=_won(5_000), stackable_with=[])
    await _give(shop, "large", minimum_order=_won(30_000))
    await _give(shop, "bags", scope=offer_pb.Scope(categories=["bags"]))
    answer = await shop.evaluate(cart=_cart())
    assert {
        "shoes": "APPLIES",
        "three": "APPLIES",
        "ship": "APPLIES",
        "points": "APPLIES",
        "alone": "NOT_STACKABLE",
        "large": "BELOW_MINIMUM",
        "bags": "OUT_OF_SCOPE",
    } == _verdicts(answer)
    assert [("shoes", 1_200), ("three", 3_000), ("ship", 2_500), ("points", 0)] == [
        (one.offer_id, one.discount.minor_units) for one in answer.best
    ]
    assert (20_000, 2_500, 6_700, 15_800, True) == (
        answer.goods_amount.minor_units,
        answer.shipping_amount.minor_units,
        answer.discount.minor_units,
        answer.total_amount.minor_units,
        answer.exact,
    )
    assert 15 == answer.best[3].points
    spread = {one.line_id: one.discount_minor_units for one in answer.best[1].line_discounts}
    assert {"line-0": 1_723, "line-1": 1_277} == spread
    by_offer = {one.offer_id: one for one in answer.coupons}
    assert 10_000 == by_offer["large"].missing_amount.minor_units
    assert 4 == len(by_offer["alone"].conflicting_coupon_ids)
    assert (alone, 5_000) == (
        by_offer["alone"].coupon_id,
        by_offer["alone"].discount_alone.minor_units,
    )


async def test_evaluating_holds_nothing(shop: Any) -> None:
    """However often it is asked: no entry, no new version."""
    await _give(shop, "three", fixed_amount=_won(3_000))
    before = await shop.accounts.find().to_list(None)
    await asyncio.gather(*[shop.evaluate() for _ in range(20)])
    assert before == await shop.accounts.find().to_list(None)


async def test_a_guests_cart_with_a_code(shop: Any) -> None:
    """No customer, only what was typed in; the till then holds it for the coupon's owner (medusa
    #15823: a guest's cart failed on a limited promotion)."""
    coupon_id = await _give(shop, "three", fixed_amount=_won(3_000), per_customer_limit=1)
    code = (await shop.coupon(coupon_id)).code
    answer = await shop.evaluate(customer_id="", codes=[code.lower(), "AAAA-BBBB-CCCC"])
    assert {"three": "APPLIES", "AAAA-BBBB-CCCC": "UNKNOWN_CODE"} == _verdicts(answer)
    assert 17_000 == answer.total_amount.minor_units
    owner = (await shop.coupon(coupon_id)).customer_id
    held = await shop.hold_cart(coupon_id, customer_id=owner)
    redeemed = await shop.redeem(coupon_id)
    assert ["APPLIED", "APPLIED"] == _names([held, redeemed])


async def test_an_empty_wallet_leaves_the_price_as_it_is(shop: Any) -> None:
    """Nothing to judge, nothing off."""
    answer = await shop.evaluate(customer_id="nina")
    assert (0, 0, 20_000) == (
        len(answer.coupons),
        len(answer.best),
        answer.total_amount.minor_units,
    )


async def test_whose_code_is_it(shop: Any) -> None:
    """The shop learns that it is somebody else's; a customer learns no more than of no code."""
    coupon_id = await _give(shop, "bobs", owner="bob")
    code = (await shop.coupon(coupon_id)).code
    at_till = await shop.evaluate(codes=[code])
    herself = await shop.evaluate(shop.token(Role.CUSTOMER, "ann"), codes=[code])
    assert ({"bobs": "NOT_OWNER"}, {code: "UNKNOWN_CODE"}) == (
        _verdicts(at_till),
        _verdicts(herself),
    )
    with pytest.raises(RpcFailure) as refused:
        await shop.evaluate(shop.token(Role.CUSTOMER, "bob"))
    assert Code.ROLE_NOT_ALLOWED is refused.value.code


async def test_coupons_that_others_hold_do_not_apply(shop: Any) -> None:
    """Those of the order itself do."""
    coupon_id = await _give(shop, "three")
    await shop.hold_cart(coupon_id)
    verdicts = [
        _verdicts(await shop.evaluate(order_id=order_id))["three"]
        for order_id in ("order-1", "order-2", "")
    ]
    assert ["APPLIES", "HELD_BY_OTHER_ORDER", "HELD_BY_OTHER_ORDER"] == verdicts


async def test_a_hold_and_the_redemption_follow_the_cart(shop: Any) -> None:
    """The final order is smaller: less is taken off. A larger one has to be held again."""
    coupon_id = await _give(shop, "tenth", percent_basis_points=1_000)
    held = await shop.hold_cart(coupon_id, _cart())
    larger = await shop.redeem(coupon_id, cart=_cart(("shoes", 9, 6_000)))
    redeemed = await shop.redeem(coupon_id, cart=_cart(("shoes", 1, 6_000)))
    assert ["APPLIED", "ABOVE_HOLD", "APPLIED"] == _names([held, larger, redeemed])
    assert (2_000, 600) == (
        held.discount.minor_units,
        redeemed.coupon.redeemed_amount.minor_units,
    )
    balance = await shop.balance()
    assert (0, 0) == (balance.difference, balance.disagreeing_books)
    assert 0 == (await shop.verify()).fault_count


async def test_coupons_take_their_turns_in_the_order_they_are_held(shop: Any) -> None:
    """90 % first, then 3,000 of the 2,000 that are left; the other way round, 3,000 and 90 % of
    17,000. What was promised never changes, and what may only be used alone is refused."""
    for order_id, expected in (("order-1", [18_000, 2_000]), ("order-2", [15_300, 3_000])):
        most = await _give(shop, f"most-{order_id}", percent_basis_points=9_000)
        three = await _give(shop, f"three-{order_id}", fixed_amount=_won(3_000))
        alone = await _give(shop, f"alone-{order_id}", stackable_with=[])
        pair = [most, three] if order_id == "order-1" else [three, most]
        held = {
            each: (await shop.hold_cart(each, order_id=order_id)).discount.minor_units
            for each in pair
        }
        again = {
            each: (await shop.hold_cart(each, order_id=order_id)).discount.minor_units
            for each in pair
        }
        refused = await shop.hold_cart(alone, order_id=order_id)
        used = [await shop.redeem(each, order_id=order_id, cart=_cart(shipping=0)) for each in pair]
        assert ["NOT_STACKABLE", "APPLIED", "APPLIED"] == _names([refused, *used])
        assert expected == [held[most], held[three]] == [again[most], again[three]]
        given = {one.coupon.coupon_id: one.coupon.redeemed_amount.minor_units for one in used}
        assert held == given


async def test_holding_the_best_combination_gives_what_was_shown(shop: Any) -> None:
    """In the order of the answer, whatever the order of the wallet."""
    for number in range(4):
        await _give(shop, f"share-{number}", percent_basis_points=1_111 * (number + 1))
        await _give(shop, f"won-{number}", fixed_amount=_won(333 * (number + 1)))
    answer = await shop.evaluate()
    held = [await shop.hold_cart(one.coupon_id) for one in answer.best]
    assert [one.discount for one in answer.best] == [one.discount for one in held]
    shown = answer.goods_amount.minor_units - answer.total_amount.minor_units
    assert shown == sum(one.discount.minor_units for one in held)


async def test_combined_coupons_have_to_be_usable(shop: Any) -> None:
    """Unknown, another customer's, or held by another order."""
    own = await _give(shop, "own")
    bobs = await _give(shop, "bobs", owner="bob")
    elsewhere = await _give(shop, "elsewhere")
    await shop.hold_cart(elsewhere, order_id="order-2")
    answers = [
        await shop.hold_cart(own, combined_coupon_ids=[other])
        for other in ("c_unknown", bobs, elsewhere)
    ]
    assert ["NOT_FOUND", "NOT_FOUND", "NOT_STACKABLE"] == _names(answers)


async def test_a_repeated_hold_answers_as_the_first_time(shop: Any) -> None:
    """Whatever became of the other coupons since; another cart under its id is refused."""
    most = await _give(shop, "most", percent_basis_points=5_000)
    three = await _give(shop, "three", fixed_amount=_won(3_000))
    request_id = "00000000-0000-4000-8000-000000000001"
    first = await shop.hold_cart(three, request_id=request_id, combined_coupon_ids=[most])
    await shop.revoke(most)
    again = await shop.hold_cart(three, request_id=request_id, combined_coupon_ids=[most])
    other = await shop.hold_cart(three, _cart(("shoes", 1, 9_999)), request_id=request_id)
    assert first == again
    assert ["REQUEST_CONFLICT"] == _names([other])


async def test_many_coupons_on_a_small_cart(shop: Any) -> None:
    """Five coupons of 3,000 for one order of 5,000: two are enough, nothing is paid back (mall
    #1003: the total became negative), and 32 orders at once get each coupon once."""
    await shop.add_offer("three", minimum_order=None, stackable_with=["goods"])
    coupons = [(await shop.issue(offer_id="three")).coupon.coupon_id for _ in range(5)]
    small = _cart(("books", 1, 5_000), shipping=0)
    answer = await shop.evaluate(cart=small)
    assert (2, 0) == (len(answer.best), answer.total_amount.minor_units)
    held = [await shop.hold_cart(coupon_id, small) for coupon_id in coupons]
    assert ["APPLIED"] * 2 + ["NO_EFFECT"] * 3 == sorted(_names(held))
    assert 5_000 == sum(one.discount.minor_units for one in held)
    orders = [f"order-{number}" for number in range(2, 34)]
    free = next(one for one, answer in zip(coupons, held, strict=True) if answer.outcome != 1)
    raced = await asyncio.gather(*[shop.hold_cart(free, order_id=order) for order in orders])
    assert 1 == _names(raced).count("APPLIED")


async def test_coupons_held_at_the_same_time_never_take_more_than_the_order(shop: Any) -> None:
    """Holds that did not see each other may promise 6,000 off 5,000; redeeming then needs the
    cart, and with it gives 5,000, in each of 20 rounds (mall #1003 with its race)."""
    await shop.add_offer("three", minimum_order=None, stackable_with=["goods"])
    small = _cart(("books", 1, 5_000), shipping=0)
    for number in range(20):
        order_id = f"order-{number}"
        pair = [(await shop.issue(offer_id="three")).coupon.coupon_id for _ in range(2)]
        held = await asyncio.gather(
            *[shop.hold_cart(each, small, order_id=order_id) for each in pair]
        )
        assert ["APPLIED"] * 2 == _names(held)
        if 5_000 < sum(one.discount.minor_units for one in held):
            blind = [await shop.redeem(each, order_id=order_id) for each in pair]
            assert ["NEEDS_CART"] * 2 == _names(blind)
        used = await asyncio.gather(
            *[shop.redeem(each, order_id=order_id, cart=small) for each in pair]
        )
        assert ["APPLIED"] * 2 == _names(used)
        assert 5_000 == sum(one.coupon.redeemed_amount.minor_units for one in used)


async def test_exclusive_coupons_held_at_the_same_time_are_not_both_used(shop: Any) -> None:
    """At most one is redeemed with the cart, and after the other's release one always can."""
    await shop.add_offer("alone", minimum_order=None)
    for number in range(20):
        order_id = f"order-{number}"
        pair = [(await shop.issue(offer_id="alone")).coupon.coupon_id for _ in range(2)]
        await asyncio.gather(*[shop.hold_cart(each, order_id=order_id) for each in pair])
        used = await asyncio.gather(
            *[shop.redeem(each, order_id=order_id, cart=_cart()) for each in pair]
        )
        assert _names(used).count("APPLIED") <= 1
        await asyncio.gather(*[shop.release(each, order_id=order_id) for each in pair])
        if "APPLIED" not in _names(used):
            await shop.hold_cart(pair[0], order_id=order_id)
            last = await shop.redeem(pair[0], order_id=order_id, cart=_cart())
            assert ["APPLIED"] == _names([last])


@pytest.mark.parametrize(
    ("cart", "field"),
    [
        (pb.Cart(currency_code="KRW"), "cart.lines"),
        (_cart(("shoes", 0, 1)), "cart.lines[0].quantity"),
        (_cart(("shoes", 1, -1)), "cart.lines[0].unit_price_minor_units"),
        (_cart(shipping=-1), "cart.shipping_minor_units"),
        (_cart(("shoes", 1_000_000, 1_000_000_000)), "cart.lines"),
        (_cart(*[("shoes", 1, 1)] * 201), "cart.lines"),
        (
            pb.Cart(currency_code="KRW", lines=[*_cart().lines, _cart().lines[0]]),
            "cart.lines[2].line_id",
        ),
    ],
)
async def test_bad_carts_are_named(shop: Any, cart: pb.Cart, field: str) -> None:
    """Negative prices, no lines, too many, two of one name."""
    with pytest.raises(RpcFailure) as refused:
        await shop.evaluate(cart=cart)
    assert (Code.FIELD_INVALID, field) == (refused.value.code, refused.value.field)


async def test_a_cart_in_another_currency(shop: Any) -> None:
    """No coupon applies; a hold says so."""
    coupon_id = await _give(shop, "three")
    dollars = _cart(currency="USD")
    assert {"three": "WRONG_CURRENCY"} == _verdicts(await shop.evaluate(cart=dollars))
    assert ["WRONG_CURRENCY"] == _names([await shop.hold_cart(coupon_id, dollars)])


async def test_a_hold_is_for_an_amount_or_a_cart(shop: Any) -> None:
    """Neither and both are refused."""
    coupon_id = await _give(shop, "three")
    for order_amount in (None, _won(1)):
        cart = _cart() if order_amount else None
        with pytest.raises(RpcFailure) as refused:
            await shop.hold(coupon_id, order_amount=order_amount, cart=cart)
        assert (Code.FIELD_INVALID, "order_amount") == (refused.value.code, refused.value.field)
