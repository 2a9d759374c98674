"""Partners of the running platform, and what a shop has prepared for them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import delivery_service_pb2 as deliveries
from dangol.offers.v1 import ledger_service_pb2 as ledger
from dangol.offers.v1 import messaging_service_pb2 as messaging
from dangol.offers.v1 import offer_service_pb2 as offers
from dangol_client import Addresses, AsyncDangol, Cart, CartLine, call, ref
from dangol_dev.stack import AUDIENCE, ISSUER, Stack
from dangol_service_kit.auth import Role, ServiceCredentials

from tests.integration.gateway.conftest import found_tenant
from tests.integration.gateway.partners.wire import Wire

CART = Cart(
    currency_code="KRW",
    lines=[CartLine(line_id="1", product_id="shoes", quantity=1, unit_price_minor_units=50_000)],
)


def addresses(stack: Stack) -> Addresses:
    """Of the stack's services."""
    return Addresses(**stack.targets)


@dataclass
class Shop:
    """The shop's own people, who make offers and issue coupons."""

    stack: Stack
    tenant: str
    admin: AsyncDangol
    offer_id: str

    def token(self, role: Role = Role.PARTNER, ttl_seconds: int = 3_600) -> str:
        """A token of the shop's."""
        return self.stack.token(self.tenant, role, None, ttl_seconds)

    async def customer(self) -> str:
        """A new member's id."""
        found = await self.admin.identify(ref("member", uuid.uuid4().hex))
        return found.customer.customer_id

    async def coupon(self, customer_id: str) -> str:
        """Ten percent off; answers its id."""
        issue = call(
            "dangol.offers.v1.CouponService/IssueCoupon",
            coupons.IssueCouponRequest(offer_id=self.offer_id, customer_id=customer_id),
            coupons.IssueCouponResponse,
        )
        issued = await self.admin.send(issue)
        assert coupons.COUPON_OUTCOME_APPLIED == issued.outcome
        return issued.coupon.coupon_id

    async def state(self, coupon_id: str) -> str:
        """AVAILABLE, HELD, REDEEMED, ..."""
        found = await self.admin.coupon(coupon_id=coupon_id)
        return coupons.CouponState.Name(found.coupon.state).removeprefix("COUPON_STATE_")


async def journal(shop: Shop, coupon_id: str) -> list[str]:
    """The kinds of the entries of a coupon's journal."""
    request = ledger.ListEntriesRequest(account_id=coupon_id)
    method = "dangol.offers.v1.LedgerService/ListEntries"
    found = await shop.admin.send(call(method, request, ledger.ListEntriesResponse))
    return [one.kind for one in found.entries]


@dataclass
class Outbox:
    """Posts messages on a channel, as a service of the platform does."""

    client: AsyncDangol
    customer_id: str
    channel: str
    template_id: str

    async def post(self) -> str:
        """An order's confirmation; answers the message's id."""
        message = deliveries.Message(
            message_id=uuid.uuid4().hex,
            customer_id=self.customer_id,
            channel=self.channel,
            purpose=deliveries.MESSAGE_PURPOSE_TRANSACTIONAL,
            template_id=self.template_id,
        )
        method = "dangol.offers.v1.DeliveryService/PostMessage"
        request = deliveries.PostMessageRequest(message=message)
        answer = await self.client.send(call(method, request, deliveries.PostMessageResponse))
        assert deliveries.POST_OUTCOME_POSTED == answer.outcome, answer
        return message.message_id

    async def is_sent(self, message_id: str) -> bool:
        """Whether its sender said so."""
        request = deliveries.GetMessageRequest(message_id=message_id)
        method = "dangol.offers.v1.DeliveryService/GetMessage"
        found = await self.client.send(call(method, request, deliveries.GetMessageResponse))
        return found.message.state == deliveries.MESSAGE_STATE_SENT


@asynccontextmanager
async def posting(shop: Shop, channel: str) -> AsyncIterator[Outbox]:
    """An outbox with a template and a customer of its own."""
    text = messaging.TemplateText(channel=channel, language="ko", text="주문되었습니다.")
    template = messaging.MessageTemplate(
        template_id=f"placed-{uuid.uuid4().hex[:8]}", display_name="placed", texts=[text]
    )
    create = call(
        "dangol.offers.v1.MessagingService/CreateTemplate",
        messaging.CreateTemplateRequest(template=template),
        messaging.CreateTemplateResponse,
    )
    await shop.admin.send(create)
    # Services sign their tokens themselves.
    own = ServiceCredentials(shop.stack.keys / "profile.pem", ISSUER, AUDIENCE, "profile")
    async with AsyncDangol(
        addresses(shop.stack), lambda: own.token(shop.tenant), tls=None
    ) as service:
        yield Outbox(service, await shop.customer(), channel, template.template_id)


@pytest.fixture(scope="module")
async def shop(stack: Stack) -> AsyncIterator[Shop]:
    """A tenant of its own, with an offer of ten percent that may be given away."""
    tenant = f"partners-{uuid.uuid4().hex[:8]}"
    await found_tenant(stack, tenant, "단골샵")
    token = stack.token(tenant, Role.ADMIN)
    async with AsyncDangol(addresses(stack), token, tls=None) as admin:
        offer = offers.Offer(
            offer_id="ten-percent",
            percent_basis_points=1_000,
            valid_for_days=30,
            giftable=True,
        )
        make = call(
            "dangol.offers.v1.OfferService/CreateOffer",
            offers.CreateOfferRequest(offer=offer),
            offers.CreateOfferResponse,
        )
        await admin.send(make)
        yield Shop(stack, tenant, admin, offer.offer_id)


@pytest.fixture
async def wire(stack: Stack) -> AsyncIterator[Wire]:
    """A line to offers."""
    line = Wire(stack.targets["offers"])
    await line.start()
    yield line
    await line.stop()
