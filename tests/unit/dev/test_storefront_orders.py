"""What the storefront's server reads of a page, which anybody may have written."""

from typing import Any

import pytest
from dangol_dev.storefront_shop import PRODUCTS, Order, ReadError, read_name, read_order

ORDER_ID = "7c1e5d0e-6f0b-4a6e-9a55-0d3b1c1f4a10"
SOCKS = {"productId": "storefront-socks", "quantity": 2}


def _body(**changes: Any) -> dict[str, Any]:
    return {"orderId": ORDER_ID, "lines": [SOCKS], "couponIds": ["a"], **changes}


def test_prices_are_the_shops_own() -> None:
    """A price that the page sends is not even read."""
    order = read_order(_body(lines=[{**SOCKS, "unitPriceMinorUnits": 1}]))
    assert Order(ORDER_ID, (("storefront-socks", 2),), ("a",)) == order
    price = PRODUCTS["storefront-socks"][2]
    assert 2 * price == order.goods
    assert [price] == [item["unitPriceMinorUnits"] for item in order.items]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "orderId"),
        (_body(orderId="1"), "orderId"),
        (_body(lines=[]), "lines"),
        (_body(lines=[SOCKS] * 21), "lines"),
        (_body(lines=[{"productId": "storefront-socks"}]), "lines"),
        (_body(lines=[{**SOCKS, "productId": "car"}]), "lines"),
        (_body(lines=[{**SOCKS, "productId": []}]), "lines"),
        (_body(lines=[{**SOCKS, "quantity": 0}]), "quantity"),
        (_body(lines=[{**SOCKS, "quantity": 1.5}]), "quantity"),
        (_body(lines=[{**SOCKS, "quantity": True}]), "quantity"),
        (_body(couponIds=["a"] * 21), "couponIds"),
        (_body(couponIds=None), "couponIds"),
    ],
)
def test_a_bad_order_is_refused_and_told_why(body: Any, field: str) -> None:
    """The message names the field at fault."""
    with pytest.raises(ReadError, match=field):
        read_order(body)


@pytest.mark.parametrize("body", [None, {}, {"name": 1}, {"name": ""}, {"name": "A b"}])
def test_a_bad_name_is_refused(body: Any) -> None:
    """Names are what a member's number may be here."""
    with pytest.raises(ReadError, match="name"):
        read_name(body)
