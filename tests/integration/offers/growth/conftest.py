"""The ledger's running service, and what makes customers bring customers with short arguments."""

import time
from typing import Any

import pytest
from dangol.events.v1.event_pb2 import CustomerRef
from dangol.offers.v1 import growth_service_pb2 as pb
from dangol.offers.v1 import invitation_service_pb2 as invitation_pb
from dangol.offers.v1.growth_service_pb2_grpc import GrowthServiceStub
from dangol.offers.v1.invitation_service_pb2_grpc import InvitationServiceStub
from dangol_service_kit.auth import Role
from offers_service.commit import GroupCommit
from offers_service.coupon_account import AccountKey
from offers_service.invitation_terms import Reward, Terms
from offers_service.invitations import Left, Qualify, invitation_id
from offers_service.journal import Request
from offers_service.service_followers import GiftFollower
from offers_service.service_invitations import InvitationDesk, Rewards
from offers_service.service_ledger import CouponLedger
from offers_service.service_points import PointsBook
from offers_service.service_reversals import Reversals
from offers_service.store_accounts import AccountStore, AnyAccount
from offers_service.store_audit import AuditStore

from tests.integration.offers.ledger.conftest import new_id, shop, won
from tests.integration.offers.ledger.points.conftest import Points

__all__ = ["growth", "invites", "shop"]


class Growth:
    """Every call is made as a marketer unless said otherwise."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.stub = GrowthServiceStub(shop.channel)

    async def spread(self, token: str = "", **wanted: Any) -> Any:
        """The report of all gifts, or of those that are named."""
        request = pb.ReportSpreadRequest(**wanted)
        token = token or self.shop.token(Role.MARKETER)
        return await self.shop.send(self.stub.ReportSpread, request, token)


class Invitations:
    """Calls are made as a partner, programmes and reports as an admin, unless said otherwise."""

    def __init__(self, shop: Any, points: Points) -> None:
        self.shop = shop
        self.points = points
        self.stub = InvitationServiceStub(shop.channel)

    def name(self, answer: Any) -> str:
        """The outcome's name."""
        name: str = invitation_pb.InvitationOutcome.Name(answer.outcome)
        return name.removeprefix("INVITATION_OUTCOME_")

    async def set_program(self, version: int, token: str = "", reward: int = 500) -> Any:
        """500 points for an inviter, at most twice; 300 and a coupon for a newcomer, from an order
        of 10,000 won."""
        program = invitation_pb.InvitationProgram(
            inviter_reward={"points": reward},
            newcomer_reward={"points": 300, "offer_id": "fixed"},
            minimum_order=won(10_000),
            rewards_max=2,
        )
        request = invitation_pb.SetInvitationProgramRequest(
            request_id=new_id(), program=program, expected_version=version
        )
        token = token or self.shop.token(Role.ADMIN)
        return await self.shop.send(self.stub.SetInvitationProgram, request, token)

    async def code_answer(self, customer_id: str, token: str = "") -> Any:
        """With its outcome."""
        request = invitation_pb.GetInvitationCodeRequest(customer_id=customer_id)
        return await self.shop.send(self.stub.GetInvitationCode, request, token)

    async def code(self, customer_id: str, token: str = "") -> str:
        """A member's code."""
        code: str = (await self.code_answer(customer_id, token)).code
        return code

    async def accept(
        self, code: str, member: str, token: str = "", device: str = "", request_id: str = ""
    ) -> Any:
        """Somebody signs up as that member, perhaps on a device."""
        names = [("member", member), *([("device", device)] if device else [])]
        refs = [CustomerRef(namespace=namespace, value=value) for namespace, value in names]
        request = invitation_pb.AcceptInvitationRequest(
            request_id=request_id or new_id(), code=code, identifiers=refs
        )
        return await self.shop.send(self.stub.AcceptInvitation, request, token)

    async def bring(self, inviter: str, member: str) -> str:
        """A newcomer's customer id."""
        answer = await self.accept(await self.code(inviter), member)
        assert "APPLIED" == self.name(answer)
        customer_id: str = answer.customer_id
        return customer_id

    async def order(self, customer_id: str, order_id: str, net: int, token: str = "") -> Any:
        """An order of so many won."""
        request = invitation_pb.ReportInvitedOrderRequest(
            request_id=new_id(), customer_id=customer_id, order_id=order_id, net_amount=won(net)
        )
        return await self.shop.send(self.stub.ReportInvitedOrder, request, token)

    async def give_back(self, customer_id: str, order_id: str, left: int) -> Any:
        """So many won are left of the order."""
        request = invitation_pb.ReportInvitedReturnRequest(
            request_id=new_id(), customer_id=customer_id, order_id=order_id, left_amount=won(left)
        )
        return await self.shop.send(self.stub.ReportInvitedReturn, request)

    async def listed(self, inviter: str, token: str = "") -> Any:
        """Whom a member invited, read in pages of one."""
        found: list[Any] = []
        page_token = ""
        while True:
            request = invitation_pb.ListInvitationsRequest(
                inviter_customer_id=inviter, page_size=1, page_token=page_token
            )
            page = await self.shop.send(self.stub.ListInvitations, request, token)
            found += page.invitations
            page_token = page.next_page_token
            if not page_token:
                return found

    async def report(self, token: str = "") -> Any:
        """Of all invitations."""
        request = invitation_pb.ReportInvitationsRequest()
        token = token or self.shop.token(Role.ADMIN)
        return await self.shop.send(self.stub.ReportInvitations, request, token)

    async def relay(self, account_id: str) -> None:
        """The relay shows its followers everything that an account has."""
        document = await self.shop.accounts.find_one({"_id.a": account_id})
        for follower in self.shop.parts.growth.followers:
            await follower.follow("shop", account_id, document["entries"])

    def desk(self, accounts: AccountStore, group: GroupCommit[AnyAccount]) -> InvitationDesk:
        """Another process' desk, over a store of its own."""
        base, parts = self.shop.parts.base, self.shop.parts.all
        shared: dict[str, Any] = {"group": group, "offers": parts.offers}
        follower = GiftFollower(group, parts.keyring)
        ledger = CouponLedger(
            accounts=accounts,
            audit=AuditStore(base.mongodb, base.database),
            follower=follower,
            secrets_of=parts.keyring,
            ancestry=parts.lineage,
            **shared,
        )
        book = PointsBook(
            accounts=accounts,
            group=group,
            programs=parts.points.book.programs,
            directory=base.directory,
            lineage=parts.lineage,
        )
        reversals = Reversals(follower=follower, secrets_of=parts.keyring, **shared)
        rewards = Rewards(
            group=group, ledger=ledger, reversals=reversals, book=book, secrets_of=parts.keyring
        )
        return InvitationDesk(
            accounts=accounts,
            store=self.shop.parts.growth.invitations,
            people=parts.people,
            sign_ups=parts.people,
            lineage=parts.lineage,
            rewards=rewards,
            secrets_of=parts.keyring,
            **shared,
        )

    async def ordered(self, desk: InvitationDesk, customer_id: str, order: str) -> None:
        """An order that qualifies, told to one process."""
        terms = Terms(0, Reward(), Reward())
        request = Request(f"ordered-{order}", "partner:till", b"")
        command = Qualify(request, order, 20_000, terms, time.time_ns() // 1_000_000)
        await desk.ordered("shop", customer_id, command)

    async def returned(self, desk: InvitationDesk, customer_id: str, order: str) -> None:
        """Nothing is left of it."""
        request = Request(f"returned-{order}", "partner:till", b"")
        command = Left(request, order, 0, time.time_ns() // 1_000_000)
        await desk.returned("shop", customer_id, command)

    async def finish(self, customer_id: str, order: str, *, undo: bool) -> None:
        """The relay comes by an invitation; where nothing was written yet it is asked for again."""
        key = AccountKey("shop", invitation_id(customer_id))
        parts = self.shop.parts.all
        account = await parts.accounts.get(key)
        if account.state.value == ("qualified" if undo else "accepted"):
            step = self.returned if undo else self.ordered
            await step(self.desk(parts.accounts, parts.group), customer_id, order)
        await self.relay(key.a)


@pytest.fixture
async def growth(shop: Any) -> Growth:
    """A shop whose gifts are reported."""
    return Growth(shop)


@pytest.fixture
async def invites(shop: Any) -> Invitations:
    """A shop with points, an offer and an invitation programme."""
    points = Points(shop)
    await points.set_program()
    await shop.add_offer()
    made = Invitations(shop, points)
    await made.set_program(0)
    return made
