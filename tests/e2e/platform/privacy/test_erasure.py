"""An erasure reaches every service, and the journal still verifies."""

from __future__ import annotations

import uuid

import pytest
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import ledger_service_pb2 as ledger
from dangol.offers.v1 import offer_service_pb2 as offers
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import privacy_service_pb2 as privacy
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.keys import from_file
from profile_service.sealing import Vault
from pymongo import AsyncMongoClient

from tests.e2e.platform.privacy.canaries import Planted, found, plant, record
from tests.e2e.platform.privacy.shop import Shop
from tests.integration.profile.harness import eventually
from tests.integration.profile.privacy.opening import opened, take_dump

pytestmark = pytest.mark.timeout(180)


async def issue(shop: Shop, customer_id: str) -> str:
    """A coupon for the customer; its id."""
    offer = offers.Offer(
        offer_id=f"offer-{uuid.uuid4().hex[:8]}",
        display_names={"en": "Ten off"},
        percent_basis_points=1000,
        valid_for_seconds=86_400,
    )
    request = offers.CreateOfferRequest(request_id=str(uuid.uuid4()), offer=offer)
    made = await shop.admin.call(shop.admin.offers.CreateOffer, request)
    issue = coupons.IssueCouponRequest(
        request_id=str(uuid.uuid4()), offer_id=made.offer.offer_id, customer_id=customer_id
    )
    answer = await shop.admin.call(shop.admin.coupons.IssueCoupon, issue)
    coupon_id: str = answer.coupon.coupon_id
    return coupon_id


async def _state(shop: Shop, coupon_id: str) -> str:
    request = coupons.GetCouponRequest(coupon_id=coupon_id)
    answer = await shop.admin.call(shop.admin.coupons.GetCoupon, request)
    return coupons.CouponState.Name(answer.coupon.state)


async def _plain(shop: Shop) -> bytes:
    """Everything that opens with the keys of this very installation."""
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(shop.stack.mongodb_uri)
    dump = await take_dump(client["dangol_profile"])
    await client.close()
    return opened(dump, Vault(from_file(shop.stack.keys / "master.key"))).encode()


async def _verified(shop: Shop) -> ledger.VerifyJournalResponse:
    stream = shop.admin.ledger.VerifyJournal(
        ledger.VerifyJournalRequest(), metadata=shop.admin.metadata(), timeout=60
    )
    return [answer async for answer in stream][-1]


async def test_an_erasure_reaches_every_service_and_the_journal_still_verifies(
    shop: Shop, planted: list[Planted]
) -> None:
    """Nothing decrypts her canaries, and everybody else's stay; her coupon ends in the journal."""
    kim = await plant(shop, 7)
    others = {value for one in planted for value in one.canaries.values()}
    coupon_id = await issue(shop, kim.customer_id)
    assert {*kim.canaries.values(), *others} == found(
        {*kim.canaries.values(), *others}, [await _plain(shop)]
    )
    assert kim.customer_id in await shop.members()
    stub = PrivacyServiceStub(shop.connection.profile)
    await shop.admin.call(
        stub.EraseCustomer,
        privacy.EraseCustomerRequest(
            request_id=str(uuid.uuid4()), customer_id=kim.customer_id, reason="withdrawal"
        ),
    )

    async def complete() -> bool:
        request = privacy.GetErasureRequest(customer_id=kim.customer_id)
        answer = await shop.admin.call(stub.GetErasure, request)
        return bool(answer.erasure.HasField("complete_time"))

    await eventually(complete)
    text = await _plain(shop)
    assert set() == found(kim.canaries.values(), [text])
    assert others == found(others, [text])
    assert kim.customer_id not in await shop.members()
    assert "COUPON_STATE_REVOKED" == await _state(shop, coupon_id)
    last = await _verified(shop)
    assert (True, 0) == (last.done, last.fault_count)
    assert {"CUSTOMER_ERASED"} == set(await record(shop, kim))
    listed = await shop.admin.call(
        shop.admin.customers.ListCustomers, customers.ListCustomersRequest(tag=kim.control)
    )
    assert [] == list(listed.customers)
