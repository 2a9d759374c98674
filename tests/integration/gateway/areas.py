"""What tests of offers' areas share: customers, offers and coupons with short arguments."""

import uuid
from typing import Any


def new_id() -> str:
    """A request id."""
    return str(uuid.uuid4())


def won(minor_units: int) -> dict[str, Any]:
    """An amount."""
    return {"currencyCode": "KRW", "minorUnits": minor_units}


def korean(text: str) -> list[dict[str, str]]:
    """A text by language."""
    return [{"language": "ko", "text": text}, {"language": "en", "text": text}]


async def done(frontend: Any, name: str, selection: str = "", **given: Any) -> dict[str, Any]:
    """A mutation that is not refused."""
    answer: dict[str, Any] = await frontend.change(name, selection, requestId=new_id(), **given)
    assert not answer["__typename"].endswith("Refused"), answer
    return answer


async def refused(frontend: Any, name: str, **given: Any) -> str:
    """The code of a mutation that is refused."""
    answer = await frontend.change(name, "", requestId=new_id(), **given)
    assert answer["__typename"].endswith("Refused"), answer
    code: str = answer["code"]
    return code


async def member(frontend: Any) -> str:
    """A new customer's id."""
    name = new_id()
    await frontend.buy(name)
    customer_id: str = await frontend.customer_id(name)
    return customer_id


async def offer(frontend: Any, **given: Any) -> str:
    """A new offer's id; ten percent and thirty days unless said otherwise."""
    offer_id = f"offer-{uuid.uuid4().hex[:8]}"
    terms: dict[str, Any] = {"benefit": {"percentBasisPoints": 1000}, "validForDays": 30}
    await done(frontend, "createOffer", offerId=offer_id, **(terms | given))
    return offer_id


async def coupon(frontend: Any, offer_id: str, customer_id: str) -> str:
    """A new coupon's id."""
    selection = "... on IssueCouponSuccess { coupon { id } }"
    answer = await done(
        frontend, "issueCoupon", selection, offerId=offer_id, customerId=customer_id
    )
    found: str = answer["coupon"]["id"]
    return found
