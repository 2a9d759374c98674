"""What the server of examples/storefront does over the gateway, as any shop's server would."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from dangol_service_kit.auth import Role

# Every request's id follows from what it is for: done twice, it changes nothing twice.
_IDS = uuid.UUID("2f7f0f0e-4a1c-4f5e-8a64-6f1f8f3c9d10")
_CURRENCY = "KRW"
_OFFER = "storefront-welcome"
_SEGMENT = "storefront-curious"
# Product id -> name, category, price in won.
PRODUCTS: Mapping[str, tuple[str, str, int]] = {
    "storefront-shoes": ("러닝화", "shoes", 89_000),
    "storefront-socks": ("양말", "socks", 6_000),
    "storefront-cap": ("모자", "caps", 24_000),
}
_REFUSED = "... on Refused { code message }"
_UPSERT = f"""mutation($input: UpsertProductsInput!) {{
    upsertProducts(input: $input) {{ __typename {_REFUSED} }} }}"""
_CREATE_OFFER = f"""mutation($input: CreateOfferInput!) {{
    createOffer(input: $input) {{ __typename {_REFUSED} }} }}"""
_CREATE_SEGMENT = f"""mutation($input: CreateSegmentInput!) {{
    createSegment(input: $input) {{ __typename {_REFUSED} }} }}"""
_IDENTIFY = f"""mutation($input: IdentifyInput!) {{
    identify(input: $input) {{ ... on IdentifySuccess {{ customer {{ id }} }} {_REFUSED} }} }}"""
_ISSUE = f"""mutation($input: IssueCouponInput!) {{
    issueCoupon(input: $input) {{ __typename {_REFUSED} }} }}"""
_REDEEM = f"""mutation($input: CouponStepInput!) {{
    redeemCoupon(input: $input) {{
        ... on RedeemCouponSuccess {{ coupon {{ redeemedAmount {{ minorUnits }} }} }} {_REFUSED}
    }} }}"""
_TRACK = f"""mutation($input: TrackInput!) {{
    track(input: $input) {{ __typename {_REFUSED} }} }}"""
_SET_UP = """query($offer: ID!, $segment: ID!) {
    offer(id: $offer) { id } segment(id: $segment) { id } }"""


class ShopError(Exception):
    """What the page is told: a stable code, a sentence, and a status of HTTP."""

    def __init__(self, code: str, message: str, status: int = 409) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class ReadError(ShopError):
    """The page sent what the server does not understand."""

    def __init__(self, message: str) -> None:
        super().__init__("REQUEST_INVALID", message, 400)


@dataclass(frozen=True)
class Order:
    """An order as the page sends it: product ids with quantities, and coupons held for it."""

    order_id: str
    lines: tuple[tuple[str, int], ...]
    coupon_ids: tuple[str, ...]

    @property
    def goods(self) -> int:
        """What it comes to before coupons, in won."""
        return sum(PRODUCTS[product_id][2] * quantity for product_id, quantity in self.lines)

    @property
    def items(self) -> list[dict[str, Any]]:
        """Its lines at the shop's own prices."""
        return [
            {
                "productId": product_id,
                "category": PRODUCTS[product_id][1],
                "quantity": quantity,
                "unitPriceMinorUnits": PRODUCTS[product_id][2],
            }
            for product_id, quantity in self.lines
        ]


def read_name(body: Any) -> str:
    """The member who signs in; raises ReadError."""
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9-]{1,40}", name):
        raise ReadError("name: 1 to 40 lower-case letters, digits and dashes")
    return name


def read_order(body: Any) -> Order:
    """An order of 1 to 20 lines of known products; raises ReadError."""
    try:
        lines = tuple((one["productId"], one["quantity"]) for one in body["lines"])
        order = Order(str(uuid.UUID(body["orderId"])), lines, tuple(map(str, body["couponIds"])))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ReadError("send orderId (a UUID), lines and couponIds") from None
    if not 1 <= len(lines) <= 20 or len(order.coupon_ids) > 20:
        raise ReadError("lines: 1 to 20; couponIds: at most 20")
    for product_id, quantity in lines:
        if not isinstance(product_id, str) or product_id not in PRODUCTS:
            raise ReadError("lines: a product that the shop does not sell")
        if type(quantity) is not int or not 1 <= quantity <= 99:
            raise ReadError("lines: quantity is a whole number from 1 to 99")
    return order


class Shop:
    """The shop as a client of the gateway. token: signs one of the shop's own for a role."""

    def __init__(self, graphql_url: str, token: Callable[[Role], str]) -> None:
        self._token = token
        self._url = graphql_url
        self._http = httpx.AsyncClient(trust_env=False, timeout=30)
        self._set_up = False

    async def welcome(self, name: str) -> str:
        """The id of the member's customer, who has the coupon that the shop welcomes with."""
        await self._prepare()
        identifiers = [{"namespace": "member", "value": name}]
        identified = await self._change(
            Role.PARTNER,
            _IDENTIFY,
            requestId=_id("member", name),
            identifiers=identifiers,
            displayName=name,
        )
        customer_id: str = identified["customer"]["id"]
        await self._change(
            Role.MARKETER,
            _ISSUE,
            requestId=_id("welcome", customer_id),
            offerId=_OFFER,
            customerId=customer_id,
        )
        return customer_id

    async def sell(self, authorization: str, order: Order) -> dict[str, Any]:
        """Uses the order's coupons up and records the purchase; what was paid, and saved.

        Sent again, it answers the same. Coupons have to be held for the order, which only their
        owner can do, and their discounts come from the shop's own prices.
        """
        me = await self._post(authorization, "{ me { customer { id } } }", {})
        if me["me"]["customer"] is None:
            raise ShopError("ROLE_NOT_ALLOWED", "customers order, nobody else", 403)
        discount = 0
        for place, coupon_id in enumerate(order.coupon_ids, start=1):
            redeemed = await self._change(
                Role.PARTNER,
                _REDEEM,
                requestId=_id("redeem", order.order_id, coupon_id),
                couponId=coupon_id,
                orderId=order.order_id,
                cart=_cart(order),
                combinedCouponIds=list(order.coupon_ids[place:]),
            )
            discount += int(
                (redeemed["coupon"]["redeemedAmount"] or {"minorUnits": 0})["minorUnits"]
            )
        await self._record(me["me"]["customer"]["id"], order, order.goods - discount)
        return {"total": _won(order.goods - discount), "discount": _won(discount)}

    async def _record(self, customer_id: str, order: Order, paid: int) -> None:
        event = {
            "eventId": _id("purchase", order.order_id),
            "customer": {"namespace": "customer", "value": customer_id},
            "type": "purchase",
            "occurredAt": datetime.now(UTC).isoformat(),
            "channel": "WEB",
            "orderId": order.order_id,
            "items": order.items,
            "amount": _won(paid),
        }
        await self._change(Role.PARTNER, _TRACK, events=[event])

    async def _prepare(self) -> None:
        """The shop's products, its welcoming offer and a segment, where they are not there yet."""
        if self._set_up:
            return
        token = self._token(Role.MARKETER)
        variables = {"offer": _OFFER, "segment": _SEGMENT}
        found = await self._post(f"Bearer {token}", _SET_UP, variables)
        products = [
            {"id": product_id, "name": name, "category": category, "price": _won(price)}
            for product_id, (name, category, price) in PRODUCTS.items()
        ]
        await self._change(Role.MARKETER, _UPSERT, requestId=str(uuid.uuid4()), products=products)
        if found["offer"] is None:
            await self._change(
                Role.MARKETER,
                _CREATE_OFFER,
                requestId=_id("offer"),
                offerId=_OFFER,
                benefit={"percentBasisPoints": 1000},
                displayNames=[{"language": "ko", "text": "환영 10 % 할인"}],
                validForDays=30,
                giftable=True,
            )
        if found["segment"] is None:
            await self._change(
                Role.MARKETER,
                _CREATE_SEGMENT,
                requestId=_id("segment"),
                segmentId=_SEGMENT,
                rule="count(product_view, 7d) >= 2",
            )
        self._set_up = True

    async def _change(self, role: Role, query: str, **given: Any) -> dict[str, Any]:
        data = await self._post(f"Bearer {self._token(role)}", query, {"input": given})
        result: dict[str, Any] = next(iter(data.values()))
        if "code" in result:
            raise ShopError(result["code"], result["message"])
        return result

    async def _post(self, authorization: str, query: str, variables: Any) -> dict[str, Any]:
        headers = {"authorization": authorization}
        body = {"query": query, "variables": variables}
        try:
            answer = (await self._http.post(self._url, json=body, headers=headers)).json()
        except (httpx.HTTPError, ValueError):
            raise ShopError("UNAVAILABLE", "the gateway does not answer", 503) from None
        if "errors" in answer:
            error = answer["errors"][0]
            code = error.get("extensions", {}).get("code", "UNKNOWN")
            raise ShopError(code, error["message"], 503 if code == "UNAVAILABLE" else 403)
        data: dict[str, Any] = answer["data"]
        return data


def _cart(order: Order) -> dict[str, Any]:
    lines = [{"lineId": str(place), **item} for place, item in enumerate(order.items, start=1)]
    return {"currencyCode": _CURRENCY, "lines": lines}


def _won(amount: int) -> dict[str, Any]:
    return {"currencyCode": _CURRENCY, "minorUnits": amount}


def _id(*parts: str) -> str:
    return str(uuid.uuid5(_IDS, "/".join(parts)))
