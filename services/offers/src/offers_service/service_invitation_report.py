"""The report of who brings whom by invitation codes, and what the relay tells invitations."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from offers_service import spread
from offers_service.coupon_account import AccountKey
from offers_service.gift_account import GiftState
from offers_service.invitation_terms import Reward, Terms
from offers_service.invitations import InvitationAccount, InvitationState, Left, Qualify
from offers_service.journal import Request
from offers_service.points import of_order
from offers_service.points_account import Kind
from offers_service.report_figures import NO_ARM, Bought
from offers_service.reports import Purchases, Window
from offers_service.service_invitations import InvitationDesk
from offers_service.service_lineage import Lineage
from offers_service.service_points import PointsBook
from offers_service.spread import Buyers, SentGift, Spread
from offers_service.store_invitations import InvitationStore

_ACTOR = "system:orders"
_NO_TERMS = Terms(0, Reward(), Reward())


class InvitationReport(NamedTuple):
    """See dangol.offers.v1.ReportInvitationsResponse."""

    accepted_count: int
    qualified_count: int
    reversed_count: int
    capped_count: int
    reward_points: int
    newcomers: Buyers
    spread: Spread
    bought: Mapping[str, Bought]


class InvitationReporter:
    """Reads only. Raises RpcFailure without profile, OutcomeUnknownError without the database."""

    def __init__(self, store: InvitationStore, lineage: Lineage, purchases: Purchases) -> None:
        self._store = store
        self._lineage = lineage
        self._purchases = purchases

    async def report(
        self, tenant_id: str, from_ms: int, until_ms: int, window_ms: int
    ) -> InvitationReport:
        """Of invitations that were accepted in that time, 0 for no bound."""
        found = await self._store.accepted(tenant_id, from_ms, until_ms)
        ids = {one for each in found for one in (each.owner, each.claimer)}
        people = await self._lineage.people(tenant_id, sorted(ids))
        claims = [_as_claim(one) for one in found]
        traced = await asyncio.to_thread(spread.trace, claims, people.roots, 0)
        firsts = list(traced.firsts.values())
        windows = [
            Window(one.person, one.claimed_at_ms, one.claimed_at_ms + window_ms) for one in firsts
        ]
        measured = await self._purchases.measure(tenant_id, windows)
        bought = {one.person: each for one, each in zip(firsts, measured, strict=True)}
        newcomers = Buyers()
        for person in traced.parents:
            newcomers.add(bought[person])
        states = [one.state for one in found]
        return InvitationReport(
            accepted_count=len(found),
            qualified_count=len(states) - states.count(InvitationState.ACCEPTED),
            reversed_count=states.count(InvitationState.REVERSED),
            capped_count=sum(one.capped for one in found),
            reward_points=sum(_points(one) for one in found),
            newcomers=newcomers,
            spread=traced,
            bought=bought,
        )


def _as_claim(one: InvitationAccount) -> SentGift:
    """Who brought whom is traced as with gifts."""
    return SentGift(
        gift_id=one.key.a,
        giver=one.owner,
        claimer=one.claimer,
        state=GiftState.CLAIMED,
        offered_ms=one.accepted_ms,
        closed_ms=one.accepted_ms,
        expire_ms=0,
        opened=True,
        opened_by_customer=True,
        new_member=True,
        arm=NO_ARM,
    )


def _points(one: InvitationAccount) -> int:
    if one.state is not InvitationState.QUALIFIED:
        return 0
    return one.newcomer_reward.points + (0 if one.capped else one.inviter_reward.points)


class InvitationFollower:
    """Hears of orders and returns by the points' journal, and finishes what was cut off."""

    name = "invitations"

    def __init__(self, desk: InvitationDesk, book: PointsBook) -> None:
        self._desk = desk
        self._book = book

    def concerns(self, account_id: str, entries: Sequence[Mapping[str, Any]]) -> bool:
        """Whether it is an invitation, or an order was reported or came back."""
        orders = (Kind.ORDER, Kind.RETURN_ORDER)
        return account_id.startswith("in_") or any(one["kind"] in orders for one in entries)

    async def follow(
        self, tenant_id: str, account_id: str, entries: Sequence[Mapping[str, Any]]
    ) -> None:
        """Of a points account or an invitation."""
        if account_id.startswith("in_"):
            await self._desk.settle(AccountKey(tenant_id, account_id))
            return
        for entry in entries:
            request = Request(f"{account_id}/{entry['n']}", _ACTOR, b"")
            if entry["kind"] == Kind.ORDER:
                command = Qualify(
                    request=request,
                    order=entry["order"],
                    # The driver answers 64-bit integers as a type of its own.
                    net=int(entry.get("discount", 0)),
                    terms=_NO_TERMS,
                    now_ms=int(entry["at_ms"]),
                )
                await self._desk.ordered(tenant_id, entry["owner"], command)
            elif entry["kind"] == Kind.RETURN_ORDER:
                await self._returned(tenant_id, account_id, entry, request)

    async def _returned(
        self, tenant_id: str, account_id: str, entry: Mapping[str, Any], request: Request
    ) -> None:
        account = await self._book.get(AccountKey(tenant_id, account_id))
        if account is None:
            return
        order = entry["order"]
        past = await self._book.past(account, order)
        bought = sum(one.discount for one in of_order(account, past, order, Kind.ORDER))
        back = sum(one.discount for one in of_order(account, past, order, Kind.RETURN_ORDER))
        command = Left(request, order, bought - back, int(entry["at_ms"]))
        await self._desk.returned(tenant_id, entry["owner"], command)
