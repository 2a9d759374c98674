"""What follows from the journals of coupons and points: forward only, harmless to repeat.

The step that was asked for leads and does these at once; the relay, which sees every entry of the
journal, does them again for whoever was killed in between (relay.Follower). All raise what the
database or another service raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.client import call
from dangol_service_kit.errors import Code, RpcFailure

from offers_service import points
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.journal import Request
from offers_service.points import Grant, NeedsPast, Past, PointsDecision
from offers_service.points_account import Kind, owner_of
from offers_service.points_coupons import Line, lines
from offers_service.points_program import Program, tier_by_id
from offers_service.service_ledger import CouponLedger
from offers_service.service_points import PointsBook
from offers_service.service_points_gifts import PointsGiftDesk

if TYPE_CHECKING:
    from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceAsyncStub

_TAKING_BACK = frozenset({"reduce", "reverse", "keep"})
_GIVING = frozenset({Kind.GIVE.value, Kind.GIVEN.value, Kind.GIVE_BACK.value})
_TIMEOUT_SECONDS = 5.0
_ATTEMPTS_MAX = 5


class PointsPayer:
    """Pays out the points of coupons that were used, and takes them back. The coupon leads; the
    points account gets exactly one line for each of its entries that asks for one."""

    name = "points_of_coupons"

    def __init__(
        self, ledger: CouponLedger, book: PointsBook, secrets_of: Callable[[str], Secrets]
    ) -> None:
        self._ledger = ledger
        self._book = book
        self._secrets_of = secrets_of

    def concerns(self, account_id: str, entries: Sequence[Mapping[str, Any]]) -> bool:
        """Whether a coupon was used for points, or came back. Most are worth money, and of those
        that were used there is nothing to look up."""
        return account_id.startswith("c_") and any(_about_points(one) for one in entries)

    async def follow(
        self, tenant_id: str, account_id: str, entries: Sequence[Mapping[str, Any]]
    ) -> None:
        """Of a coupon's appended entries."""
        if not self.concerns(account_id, entries):
            return
        coupon = await self._ledger.get(tenant_id, account_id)
        if coupon is not None:
            await self.pay(coupon)

    async def pay(self, coupon: CouponAccount) -> None:
        """Brings the points up to what the coupon says."""
        for line in lines(coupon):
            await self._line(coupon.key, line)

    async def _line(self, coupon: AccountKey, line: Line) -> None:
        print_ = self._secrets_of(coupon.t).print(line.cause, line.owner, line.points)
        key = await self._book.key_of(coupon.t, line.owner, line.at_ms)
        command = Grant(
            key=key,
            request=Request(line.cause, "system:coupon", print_),
            owner=owner_of(key),
            points=abs(line.points),
            now_ms=line.at_ms,
            origin="coupon",
            order=line.order,
            coupon=coupon.a,
            campaign=line.campaign,
        )
        wanted = points.grant if line.points > 0 else points.ungrant

        def decide(account: Any, program: Program, past: Past) -> PointsDecision | NeedsPast:
            return wanted(account, command, program, past)

        await self._book.step(command.key, await self._book.terms(coupon.t), decide)


def _about_points(entry: Mapping[str, Any]) -> bool:
    kind = entry["kind"]
    return kind in _TAKING_BACK or (kind == "redeem" and bool(entry.get("points")))


class GiftFinisher:
    """Brings gifts of points, and their claimers, up to what the giver's account says."""

    name = "gifts_of_points"

    def __init__(self, desk: PointsGiftDesk) -> None:
        self._desk = desk

    def concerns(self, _account_id: str, entries: Sequence[Mapping[str, Any]]) -> bool:
        """Whether points were given, claimed or came back."""
        return any(one["kind"] in _GIVING for one in entries)

    async def follow(
        self, tenant_id: str, account_id: str, entries: Sequence[Mapping[str, Any]]
    ) -> None:
        """Of a giver's appended entries."""
        gift_ids = [one["gift"] for one in entries if one["kind"] in _GIVING]
        for gift_id in dict.fromkeys(gift_ids):
            await self._desk.finish(AccountKey(tenant_id, account_id), gift_id)


class PointsJoiner:
    """Brings what a merge took out of one account to the other."""

    name = "merged_points"

    def __init__(self, book: PointsBook) -> None:
        self._book = book

    def concerns(self, _account_id: str, entries: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the account was merged away."""
        return any(one["kind"] == Kind.MERGED for one in entries)

    async def follow(
        self, tenant_id: str, account_id: str, entries: Sequence[Mapping[str, Any]]
    ) -> None:
        """Of a tombstone's appended entries."""
        if self.concerns(account_id, entries):
            await self._book.get(AccountKey(tenant_id, account_id))


class TierKeeper:
    """Grants a promotion's offers, and writes the tier into the customer's profile, where rules
    see it."""

    name = "tiers"

    def __init__(
        self,
        *,
        book: PointsBook,
        ledger: CouponLedger,
        customers: CustomerServiceAsyncStub,
        token: Callable[[str], str],
        request_ids: Callable[[], str],
    ) -> None:
        self._book = book
        self._ledger = ledger
        self._customers = customers
        self._token = token
        self._request_ids = request_ids

    def concerns(self, _account_id: str, entries: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the tier changed."""
        return any(one["kind"] == Kind.TIER for one in entries)

    async def follow(
        self, tenant_id: str, account_id: str, entries: Sequence[Mapping[str, Any]]
    ) -> None:
        """Of a customer's appended entries."""
        changes = [one for one in entries if one["kind"] == Kind.TIER]
        for entry in changes:
            direction, _, tiers = entry["origin"].partition(":")
            if direction == "promoted":
                tier_id = tiers.partition(">")[2]
                await self._grant(tenant_id, account_id, entry, tier_id)
        # A merge may have left in profile whichever tier of the two.
        told = [one for one in entries if one["kind"] in {Kind.TIER, Kind.JOINED}]
        if told:
            await self._tell(AccountKey(tenant_id, account_id), told[-1]["owner"])

    async def _grant(
        self, tenant_id: str, account_id: str, entry: Mapping[str, Any], tier_id: str
    ) -> None:
        tier = tier_by_id(await self._book.terms(tenant_id), tier_id)
        for offer_id in tier.offers if tier else ():
            await self._ledger.issue(
                tenant_id,
                offer_id=offer_id,
                customer_id=entry["owner"],
                campaign_id="",
                cause=f"tier:{account_id}/{entry['n']}",
                actor="system:tier",
                # The driver answers 64-bit integers as a type of its own.
                now_ms=int(entry["at_ms"]),
            )

    async def _tell(self, key: AccountKey, customer_id: str) -> None:
        """Read after the customer was: another replica that knows of a newer tier would make the
        version another one, so an old tier never stays."""
        for _ in range(_ATTEMPTS_MAX):
            customer = await self._read(key.t, customer_id)
            account = await self._book.get(key)
            if customer is None or account is None or customer.tier == account.tier:
                return
            wanted = pb.UpdateCustomerRequest(request_id=self._request_ids())
            wanted.customer.customer_id = customer_id
            wanted.customer.version = customer.version
            wanted.customer.tier = account.tier
            wanted.update_mask.paths.append("tier")
            try:
                await self._call(key.t, self._customers.UpdateCustomer, wanted)
            except RpcFailure as failure:
                if failure.code is not Code.VERSION_CONFLICT:
                    raise
            else:
                return
        raise RpcFailure(Code.UNAVAILABLE, "the customer kept changing", retry_after_ms=1000)

    async def _read(self, tenant_id: str, customer_id: str) -> pb.Customer | None:
        """None also for one who was merged away: the tier is told of who is left."""
        wanted = pb.GetCustomerRequest(customer_id=customer_id)
        try:
            answer = await self._call(tenant_id, self._customers.GetCustomer, wanted)
        except RpcFailure as failure:
            if failure.code is Code.CUSTOMER_NOT_FOUND:
                return None
            raise
        customer: pb.Customer = answer.customer
        return customer if customer.customer_id == customer_id else None

    async def _call(self, tenant_id: str, method: Any, request: Any) -> Any:
        return await call(
            method, request, token=self._token(tenant_id), timeout_seconds=_TIMEOUT_SECONDS
        )
