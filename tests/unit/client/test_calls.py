"""Calls as values: which carry an id, which may be sent twice, and which are none."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from dangol.events.v1 import event_pb2 as events
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import delivery_service_pb2 as deliveries
from dangol_client import Addresses, Call, Timing, Tls, batches, call, event, flows, ref
from dangol_client.connections import Channels, blocking_channel
from dangol_client.events import BATCH_BYTES_MAX

HOLD = "dangol.offers.v1.CouponService/HoldCoupon"


def test_a_write_gets_a_request_id_once() -> None:
    """Two calls differ; one that is given, or stands in the request, stays."""
    calls = [flows.redeem("c", order_id="o") for _ in range(2)]
    ids = {one.request_id for one in calls}
    assert 2 == len({uuid.UUID(one) for one in ids})
    given = str(uuid.uuid4())
    assert given == flows.redeem("c", order_id="o", request_id=given).request_id
    request = coupons.HoldCouponRequest(request_id=given)
    assert given == call(HOLD, request, coupons.HoldCouponResponse).request_id


def test_a_call_is_not_changed_by_what_becomes_of_its_request() -> None:
    """Else a repetition would not be the same request."""
    request = coupons.HoldCouponRequest(coupon_id="c")
    made = call(HOLD, request, coupons.HoldCouponResponse)
    request.coupon_id = "another"
    assert coupons.HoldCouponRequest(request_id=made.request_id, coupon_id="c") == made.request


def test_reads_and_writes_with_ids_may_be_sent_twice_and_others_may_not() -> None:
    """Posting a message is known by its message id alone, which the caller knows about."""
    post = call(
        "dangol.offers.v1.DeliveryService/PostMessage",
        deliveries.PostMessageRequest(),
        deliveries.PostMessageResponse,
    )
    cart = coupons.Cart(currency_code="KRW")
    repeatable: list[Call[Any]] = [
        flows.wallet("c"),
        flows.coupon(code="ABC"),
        flows.customer(ref("member", "1")),
        flows.evaluate_cart(cart),
        flows.hold("c", customer_id="k", order_id="o", cart=cart),
        flows.track(event("visit", ref("member", "1"))),
        flows.acknowledge(flows.word("m", deliveries.FEEDBACK_SENT)),
        flows.claim_gift("t", sign_up=[ref("member", "1")]),
    ]
    assert [True] * 8 == [one.repeatable for one in repeatable]
    assert not post.repeatable
    assert ["profile", "offers"] == [repeatable[2].service, post.service]


def test_a_method_that_does_not_fit_is_refused_where_it_is_written() -> None:
    """Unknown ones, streams, and messages of another method."""
    hold = coupons.HoldCouponRequest()
    for method, request, answer, fix in (
        ("dangol.offers.v1.CouponService/Hold", hold, coupons.HoldCouponResponse, "no method"),
        ("nothing", hold, coupons.HoldCouponResponse, "package.Service/Method"),
        (HOLD, hold, coupons.RedeemCouponResponse, "answers HoldCouponResponse"),
        (HOLD, coupons.Coupon(), coupons.HoldCouponResponse, "takes HoldCouponRequest"),
        (
            "dangol.offers.v1.DeliveryService/Watch",
            deliveries.WatchRequest(),
            deliveries.WatchResponse,
            "is a stream",
        ),
    ):
        with pytest.raises(ValueError, match=fix):
            call(method, request, answer)


def test_an_event_is_written_as_people_think_of_it() -> None:
    """With a time, an id and values of three kinds."""
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    made = event(
        "purchase",
        ref("pos_card", "77"),
        occurred_at=at,
        amount=events.Money(currency_code="KRW", minor_units=9_000),
        properties={"till": "3", "staff": False, "bags": 2, "weight": Decimal("1E-3")},
    )
    assert at == made.occurred_at.ToDatetime(tzinfo=UTC)
    uuid.UUID(made.event_id)
    kinds = {name: value.WhichOneof("kind") for name, value in made.properties.items()}
    assert {"till": "text", "staff": "flag", "bags": "number", "weight": "number"} == kinds
    assert ["2", "0.001"] == [made.properties[name].number for name in ("bags", "weight")]
    with pytest.raises(ValueError, match="has no zone"):
        event("visit", ref("member", "1"), occurred_at=datetime(2026, 1, 2))


def test_batches_keep_the_order_and_the_limits() -> None:
    """No batch has more events than asked for or more bytes than the server takes."""
    long = events.Item(product_id="p" * 100, category="c" * 100)
    made = [events.Event(event_id=str(number), items=[long] * 400) for number in range(120)]
    found = list(batches(made, 50))
    assert [one.event_id for batch in found for one in batch] == [str(n) for n in range(120)]
    assert all(len(batch) <= 50 for batch in found)
    assert all(sum(one.ByteSize() for one in batch) <= BATCH_BYTES_MAX for batch in found)


def test_a_batch_size_beyond_the_server_s_limit_is_refused() -> None:
    """The limit of 1,000 events is the server's."""
    with pytest.raises(ValueError, match="1 to 1000"):
        list(batches([events.Event()], 1001))


def test_what_cannot_connect_says_what_to_give() -> None:
    """A service without an address, half a pair of TLS files, no time."""
    channels = Channels(Addresses(offers="localhost:1"), lambda to: blocking_channel(to, Tls()))
    assert channels.to("offers") is channels.to("offers")
    with pytest.raises(ValueError, match="Addresses has no profile: give its host:port"):
        channels.to("profile")
    for channel in channels.take_all():
        channel.close()
    with pytest.raises(ValueError, match="go together"):
        Tls(key=b"key")
    with pytest.raises(ValueError, match="above 0"):
        Timing(deadline_seconds=0)
