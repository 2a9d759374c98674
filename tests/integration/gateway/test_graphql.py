"""What frontends do, through the gateway and the real services."""

import uuid
from typing import Any

from dangol_service_kit.auth import Role
from gateway_service.graphiql import examples
from graphql import OperationDefinitionNode, OperationType, parse


def _id() -> str:
    return str(uuid.uuid4())


async def test_tracking_moves_customers_between_segments(frontend: Any) -> None:
    """A purchase enters its segment at once, and the engine says why."""
    await frontend.create_segment("buyers", "count(purchase) >= 1")
    await frontend.settle()
    tracked = await frontend.buy("ann")
    assert tracked["results"] == [{"outcome": "RECORDED", "code": None, "field": None}]
    entered = [change for change in tracked["changes"] if change["segmentId"] == "buyers"]
    assert [change["kind"] for change in entered] == ["ENTERED"]
    query = """query($customer: ID!) {
      explain(customerId: $customer, segmentId: "buyers") { member parts { text holds } }
      customer(id: $customer) {
        revenue { minorUnits amount currencyCode }
        segments { segment { id } }
        timeline(first: 1) { nodes { type amount { amount } } }
      }
    }"""
    data = await frontend.ask(query, customer=entered[0]["customerId"])
    assert data["explain"] == {
        "member": True,
        "parts": [{"text": "count(purchase) >= 1", "holds": True}],
    }
    assert data["customer"]["revenue"] == {
        "minorUnits": 30000,
        "amount": "30000",
        "currencyCode": "KRW",
    }
    assert {"segment": {"id": "buyers"}} in data["customer"]["segments"]
    assert data["customer"]["timeline"]["nodes"] == [
        {"type": "purchase", "amount": {"amount": "30000"}}
    ]


async def test_bad_events_are_judged_one_by_one(frontend: Any) -> None:
    """Each rejection names its field, and the rest of the batch is kept."""
    good = {
        "eventId": _id(),
        "customer": {"namespace": "member", "value": "bob"},
        "type": "visit",
        "occurredAt": "2026-01-01T00:00:00Z",
    }
    bad = [
        {**good, "eventId": _id(), "customer": {"namespace": "shoe_size", "value": "1"}},
        {**good, "eventId": _id(), "type": ""},
        {**good, "eventId": _id(), "items": [{"productId": "a", "quantity": -1}]},
    ]
    answer = await frontend.change(
        "track",
        "... on TrackSuccess { results { outcome field } }",
        events=[good, *bad],
    )
    assert answer["results"] == [
        {"outcome": "RECORDED", "field": None},
        {"outcome": "REJECTED", "field": "customer.namespace"},
        {"outcome": "REJECTED", "field": "type"},
        {"outcome": "REJECTED", "field": "items[0].quantity"},
    ]


async def test_numbers_beyond_64_bits_are_refused(frontend: Any) -> None:
    """By the schema, with the place in the variables."""
    event = {
        "eventId": _id(),
        "customer": {"namespace": "member", "value": "bob"},
        "type": "purchase",
        "occurredAt": "2026-01-01T00:00:00Z",
        "amount": {"currencyCode": "KRW", "minorUnits": "9223372036854775808"},
    }
    query = "mutation($input: TrackInput!) { track(input: $input) { __typename } }"
    answer = await frontend.run(query, input={"events": [event]})
    assert answer["errors"][0]["extensions"]["code"] == "QUERY_INVALID"
    assert "minorUnits" in answer["errors"][0]["message"]


async def test_a_bad_rule_is_refused_with_its_place(frontend: Any) -> None:
    """Line, column and hint point into the text."""
    refused = await frontend.create_segment("broken", "count(purchase >= 1")
    assert (refused["__typename"], refused["code"], refused["field"]) == (
        "SegmentRefused",
        "RULE_INVALID",
        "segment.rule",
    )
    assert (refused["line"], refused["column"]) == (1, 16)


async def test_a_coupon_is_held_redeemed_and_refused(frontend: Any) -> None:
    """Success is one member of the union, each refusal the other with its code."""
    coupon_id, customer_id = await _issue(frontend, "carol")
    amount = {"currencyCode": "KRW", "minorUnits": 50000}
    held = await frontend.change(
        "holdCoupon",
        "... on HoldCouponSuccess { discount { amount } coupon { state orderId } }",
        requestId=_id(),
        couponId=coupon_id,
        customerId=customer_id,
        orderId="order-1",
        orderAmount=amount,
    )
    assert held == {
        "__typename": "HoldCouponSuccess",
        "discount": {"amount": "5000"},
        "coupon": {"state": "HELD", "orderId": "order-1"},
    }
    redeem = {"couponId": coupon_id, "orderId": "order-1"}
    selection = "... on RedeemCouponSuccess { coupon { state } }"
    first = await frontend.change("redeemCoupon", selection, requestId=_id(), **redeem)
    second = await frontend.change(
        "redeemCoupon", selection, requestId=_id(), couponId=coupon_id, orderId="order-2"
    )
    assert first == {"__typename": "RedeemCouponSuccess", "coupon": {"state": "REDEEMED"}}
    assert (second["__typename"], second["code"]) == ("CouponRefused", "ALREADY_REDEEMED")
    ledger = await frontend.ask("{ ledger { trialBalance { balanced } verify { faultCount } } }")
    assert ledger == {"ledger": {"trialBalance": {"balanced": True}, "verify": {"faultCount": 0}}}


async def test_a_gift_changes_hands(frontend: Any) -> None:
    """Offered, looked at without being claimed, claimed once."""
    coupon_id, giver = await _issue(frontend, "dora")
    await frontend.buy("emil")
    claimer = await frontend.customer_id("emil")
    offered = await frontend.change(
        "offerGift",
        "... on OfferGiftSuccess { token gift { state } }",
        requestId=_id(),
        couponId=coupon_id,
        giverCustomerId=giver,
    )
    token = offered["token"]
    for _ in range(2):
        seen = await _look(frontend, token)
        assert seen == "OFFERED"
    claims = [
        await frontend.change(
            "claimGift",
            "... on ClaimGiftSuccess { coupon { customerId generation } }",
            requestId=_id(),
            token=token,
            claimerCustomerId=claimer,
        )
        for _ in range(2)
    ]
    assert claims[0]["coupon"] == {"customerId": claimer, "generation": 1}
    assert (claims[1]["__typename"], claims[1]["code"]) == ("GiftRefused", "ALREADY_CLAIMED")


async def test_customers_are_identified_and_changed(frontend: Any) -> None:
    """A stale version is a refusal, not an error."""
    identified = await frontend.change(
        "identify",
        "... on IdentifySuccess { outcome customer { id version displayName } }",
        requestId=_id(),
        identifiers=[{"namespace": "member", "value": "fay"}],
        displayName="Fay",
    )
    assert identified["outcome"] == "CREATED"
    customer = identified["customer"]
    change = {
        "customerId": customer["id"],
        "version": customer["version"],
        "tags": ["running"],
        "birthDate": "1990-05-17",
        "fields": [{"name": "shoe", "number": "27.5"}],
    }
    selection = (
        "... on UpdateCustomerSuccess "
        "{ customer { displayName tags birthDate fields { name number } } }"
    )
    saved = await frontend.change("updateCustomer", selection, requestId=_id(), **change)
    assert saved["customer"] == {
        "displayName": "Fay",
        "tags": ["running"],
        "birthDate": "1990-05-17",
        "fields": [{"name": "shoe", "number": "27.5"}],
    }
    stale = await frontend.change("updateCustomer", selection, requestId=_id(), **change)
    assert (stale["__typename"], stale["code"]) == ("CustomerRefused", "VERSION_CONFLICT")


async def test_customers_see_only_themselves(frontend: Any) -> None:
    """A customer's own token reads that customer and nobody else."""
    for member in ("gus", "hal"):
        await frontend.buy(member)
    own, other = [await frontend.customer_id(member) for member in ("gus", "hal")]
    token = frontend.token(Role.CUSTOMER, own)
    query = """query($other: ID!) {
      me { customer { id } }
      timeline(customerId: $other, first: 1) { nodes { type } }
    }"""
    answer = await frontend.run(query, token, other=other)
    assert answer["data"] == {"me": {"customer": {"id": own}}, "timeline": None}


async def test_other_tenants_see_nothing(frontend: Any) -> None:
    """What belongs to another tenant looks like what does not exist."""
    await frontend.buy("ida")
    customer_id = await frontend.customer_id("ida")
    foreign = frontend.stack.token("elsewhere", Role.ADMIN)
    answer = await frontend.run(
        "query($id: ID!) { customer(id: $id) { id } }", foreign, id=customer_id
    )
    assert (answer["data"] or {}).get("customer") is None


async def test_pages_are_walked_by_cursor(frontend: Any) -> None:
    """Every customer is met once."""
    for member in ("jan", "kit", "lou"):
        await frontend.buy(member)
    seen: list[str] = []
    after = None
    query = """query($after: String) { customers(first: 2, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { id } } }"""
    while True:
        page = (await frontend.ask(query, after=after))["customers"]
        seen += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) == page["totalCount"]


async def test_wall_clocks_cannot_be_moved(frontend: Any) -> None:
    """A refusal with a stable code."""
    answer = await frontend.change(
        "advanceClock",
        "... on AdvanceClockSuccess { firedDeadlines }",
        now="2030-01-01T00:00:00Z",
    )
    assert (answer["__typename"], answer["code"]) == ("ClockRefused", "CLOCK_NOT_VIRTUAL")


async def test_the_tabs_of_graphiql_answer(frontend: Any) -> None:
    """Every query and mutation that the page opens with, for a customer and a segment."""
    await frontend.create_segment("tabbed", "consent.email and count(purchase, 30d) >= 1")
    await frontend.settle()
    await frontend.buy("max")
    customer_id = await frontend.customer_id("max")
    given = {"customer": customer_id, "segment": "tabbed", "request": _id()}
    answers = {}
    for text in examples():
        (operation,) = parse(text).definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name
        if operation.operation is not OperationType.SUBSCRIPTION:
            names = [one.variable.name.value for one in operation.variable_definitions or ()]
            data = await frontend.ask(text, **{name: given[name] for name in names})
            answers[operation.name.value] = data
    assert answers["Preview"]["previewSegment"]["exact"] is True
    assert len(answers["Starters"]["starterSegments"]) == 26
    assert answers["Why"]["explain"]["member"] is False
    assert answers["Allow"]["setConsent"]["customer"]["consents"] == [
        {"purpose": "marketing", "channel": "email"}
    ]


async def _look(frontend: Any, token: str) -> str:
    query = "query($given: String!) { gift(token: $given) { state } }"
    state: str = (await frontend.ask(query, given=token))["gift"]["state"]
    return state


async def _issue(frontend: Any, member: str) -> tuple[str, str]:
    """A giftable coupon of 10 % for a new customer: its id and the customer's."""
    await frontend.buy(member)
    customer_id = await frontend.customer_id(member)
    await frontend.change(
        "createOffer",
        "... on CreateOfferSuccess { offer { id } }",
        requestId=_id(),
        offerId="ten-percent",
        benefit={"percentBasisPoints": 1000},
        validForSeconds=864000,
        giftable=True,
    )
    issued = await frontend.change(
        "issueCoupon",
        "... on IssueCouponSuccess { coupon { id state offer { id } } }",
        requestId=_id(),
        offerId="ten-percent",
        customerId=customer_id,
    )
    assert issued["coupon"]["offer"] == {"id": "ten-percent"}
    return issued["coupon"]["id"], customer_id
