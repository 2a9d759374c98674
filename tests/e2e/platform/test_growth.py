"""Who brings whom, and staff's own discounts, over real services: profile knows what came of it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from dangol.events.v1.event_pb2 import CustomerRef, Money
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import invitation_service_pb2 as invitations
from dangol.offers.v1 import offer_service_pb2 as offers
from dangol.offers.v1 import points_service_pb2 as points
from dangol.offers.v1 import staff_discount_service_pb2 as staff
from dangol.offers.v1.invitation_service_pb2_grpc import InvitationServiceStub
from dangol.offers.v1.points_service_pb2_grpc import PointsServiceStub
from dangol.offers.v1.staff_discount_service_pb2_grpc import StaffDiscountServiceStub
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import tenant_service_pb2 as tenants
from dangol_dev.client import Client, Connection
from dangol_dev.demo import connect
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role

SHOP = "growing"

pytestmark = pytest.mark.timeout(600)


def won(amount: int) -> Money:
    """Korean won."""
    return Money(currency_code="KRW", minor_units=amount)


def new_id() -> str:
    """A fresh request id."""
    return str(uuid.uuid4())


def ref(namespace: str, value: str) -> CustomerRef:
    """An identifier."""
    return CustomerRef(namespace=namespace, value=value)


class Shop:
    """One tenant on a running stack."""

    def __init__(self, stack: Stack, connection: Connection) -> None:
        self.stack = stack
        self.connection = connection
        self.admin = self.client(Role.ADMIN)
        self.invitations: Any = InvitationServiceStub(connection.offers)
        self.points: Any = PointsServiceStub(connection.offers)
        self.staff: Any = StaffDiscountServiceStub(connection.offers)

    def client(self, role: Role, subject: str = "someone") -> Client:
        """Whoever calls."""
        return Client(self.connection, lambda: self.stack.token(SHOP, role, subject))

    async def open(self) -> None:
        """The tenant, an offer, points, and what inviters and newcomers get."""
        operator = Client(self.connection, lambda: self.stack.token("*", Role.OPERATOR))
        tenant = tenants.Tenant(
            tenant_id=SHOP,
            display_name="Growing",
            time_zone="Asia/Seoul",
            currency_code="KRW",
            language="ko",
            clock_mode=tenants.CLOCK_MODE_WALL,
        )
        await operator.call(
            operator.tenants.CreateTenant, tenants.CreateTenantRequest(tenant=tenant)
        )
        offer = offers.Offer(offer_id="fixed", fixed_amount=won(3_000), giftable=True)
        await self.ask(
            self.admin.offers.CreateOffer,
            offers.CreateOfferRequest(request_id=new_id(), offer=offer),
        )
        program = points.PointsProgram(points=10, per_amount=won(1_000))
        await self.ask(
            self.points.SetPointsProgram,
            points.SetPointsProgramRequest(request_id=new_id(), program=program),
        )
        rewards = invitations.InvitationProgram(
            inviter_reward={"points": 500},
            newcomer_reward={"points": 300, "offer_id": "fixed"},
            minimum_order=won(10_000),
            rewards_max=2,
        )
        await self.ask(
            self.invitations.SetInvitationProgram,
            invitations.SetInvitationProgramRequest(request_id=new_id(), program=rewards),
        )

    async def ask(self, method: Any, request: Any, caller: Client | None = None) -> Any:
        """One call, by an admin unless said otherwise."""
        return await (caller or self.admin).call(method, request)

    async def identify(self, *names: CustomerRef) -> str:
        """The customer who has these identifiers."""
        request = customers.IdentifyCustomerRequest(request_id=new_id(), identifiers=names)
        answer = await self.ask(self.admin.customers.IdentifyCustomer, request)
        customer_id: str = answer.customer.customer_id
        return customer_id

    async def find(self, name: CustomerRef) -> str:
        """The same without making one."""
        request = customers.GetCustomerRequest(identifier=name)
        answer = await self.ask(self.admin.customers.GetCustomer, request)
        customer_id: str = answer.customer.customer_id
        return customer_id

    async def available(self, customer_id: str) -> int:
        """A customer's points."""
        request = points.GetPointsRequest(customer_id=customer_id)
        answer = await self.ask(self.points.GetPoints, request)
        return int(answer.balance.available_points)

    async def wallet(self, customer_id: str) -> list[Any]:
        """A customer's coupons."""
        request = coupons.ListWalletRequest(customer_id=customer_id)
        return list((await self.ask(self.admin.coupons.ListWallet, request)).coupons)

    async def told(self, customer_id: str, event_type: str) -> Any:
        """The first event of a type on the customer's timeline, once profile has heard of it."""
        request = customers.ListTimelineRequest(customer_id=customer_id, page_size=100)
        while True:
            page = await self.ask(self.admin.customers.ListTimeline, request)
            for event in page.events:
                if event.type == event_type:
                    return event
            await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """A stack with one tenant."""
    async with Stack(tmp_path_factory.mktemp("growth"), mongod_cache_gb=0.25) as stack:
        connection = connect(stack)
        made = Shop(stack, connection)
        await made.open()
        yield made
        await connection.close()


async def test_an_invitation_rewards_who_brings_whom(shop: Shop) -> None:
    """The newcomer signs up with the code in profile; the first order that is reported for points
    rewards both, over the relay, and both timelines tell of it."""
    inviter = await shop.identify(ref("member", "ann"))
    asked = invitations.GetInvitationCodeRequest(customer_id=inviter)
    code = (await shop.ask(shop.invitations.GetInvitationCode, asked)).code
    accept = invitations.AcceptInvitationRequest(
        request_id=new_id(), code=code, identifiers=[ref("member", "bob"), ref("device", "bob-s")]
    )
    till = shop.client(Role.PARTNER, "till")
    accepted = await shop.ask(shop.invitations.AcceptInvitation, accept, till)
    newcomer = accepted.customer_id
    assert invitations.INVITATION_OUTCOME_APPLIED == accepted.outcome
    assert [newcomer] * 2 == [
        await shop.find(name) for name in (ref("member", "bob"), ref("device", "bob-s"))
    ]
    earn = points.EarnPointsRequest(
        request_id=new_id(), customer_id=newcomer, order_id="order-1", net_amount=won(20_000)
    )
    assert points.POINTS_OUTCOME_APPLIED == (await shop.ask(shop.points.EarnPoints, earn)).outcome
    qualified = await shop.told(newcomer, "invitation_qualified")
    assert inviter == qualified.properties["inviter_id"].text
    await shop.told(newcomer, "invitation_accepted")
    await shop.told(inviter, "invitation_rewarded")
    # Of the order itself 200, and 300 for having come.
    assert [500, 500] == [await shop.available(inviter), await shop.available(newcomer)]
    assert ["fixed"] == [coupon.offer_id for coupon in await shop.wallet(newcomer)]
    again = invitations.AcceptInvitationRequest(
        request_id=new_id(), code=code, identifiers=[ref("member", "ann")]
    )
    refused = await shop.ask(shop.invitations.AcceptInvitation, again, till)
    assert invitations.INVITATION_OUTCOME_APPLIED != refused.outcome


async def test_a_discount_of_staff_links_the_customers_online_account(shop: Shop) -> None:
    """Somebody known by a loyalty card alone claims it online: card and account are one customer in
    profile from then on, with the coupon, and the timeline tells of it."""
    allowance = staff.StaffAllowance(
        offer_id="fixed", once_max=won(5_000), day_max=won(12_000), month_max=won(20_000)
    )
    allow = staff.SetStaffAllowanceRequest(request_id=new_id(), allowance=allowance)
    await shop.ask(shop.staff.SetStaffAllowance, allow)
    card, online = ref("pos_card", "4711"), ref("member", "nora")
    in_store, account = await shop.identify(card), await shop.identify(online)
    assert in_store != account
    give = staff.GiveStaffDiscountRequest(
        request_id=new_id(), amount=won(4_000), store_id="gangnam", identifiers=[card]
    )
    given = await shop.ask(shop.staff.GiveStaffDiscount, give, shop.client(Role.STAFF, "sue"))
    assert staff.STAFF_DISCOUNT_OUTCOME_APPLIED == given.outcome
    claim = staff.ClaimStaffDiscountRequest(
        request_id=new_id(), code=given.code, customer_id=account
    )
    nora = shop.client(Role.CUSTOMER, account)
    claimed = await shop.ask(shop.staff.ClaimStaffDiscount, claim, nora)
    assert (staff.STAFF_DISCOUNT_OUTCOME_APPLIED, True) == (
        claimed.outcome,
        claimed.discount.linked,
    )
    assert [account, account] == [await shop.find(card), await shop.find(online)]
    [coupon] = await shop.wallet(account)
    assert claimed.discount.coupon_id == coupon.coupon_id
    told = await shop.told(account, "staff_discount_claimed")
    assert given.discount.discount_id == told.properties["discount_id"].text
