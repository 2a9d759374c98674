"""Use cases of gifts of points: offer, look, claim, cancel, list. Raises as service_ledger.py does.

The giver's account decides. The gift's own account and the claimer's points follow before the
answer goes out; whoever finds them behind (a repeat, the relay) brings them up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from offers_service import points_gifts
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request
from offers_service.points import NeedsPast, Past, PointsDecision, lapse
from offers_service.points_account import Kind, PointsAccount, instant, points_account_id
from offers_service.points_gifts import (
    CancelPoints,
    ClaimPoints,
    GiftDecision,
    GivePoints,
    PointsGiftAccount,
    PointsGiftState,
    of_gift,
    state_of,
)
from offers_service.points_outcomes import PointsGiftOutcome
from offers_service.points_program import Program
from offers_service.service_gifts import People
from offers_service.service_group import Group
from offers_service.service_lineage import Lineage
from offers_service.service_points import PointsBook
from offers_service.store_accounts import AccountStore, AnyAccount, admit


class PointsGift(msgspec.Struct, frozen=True):
    """A gift of points as the giver's journal tells it."""

    gift_id: str
    giver: str
    points: int
    state: PointsGiftState
    offered_ms: int
    expire_ms: int
    claimer: str = ""
    closed_ms: int = 0


class GiftAnswer(msgspec.Struct, frozen=True):
    """What came of a step, and the gift after it."""

    outcome: PointsGiftOutcome
    gift: PointsGift | None = None


class _Followed(msgspec.Struct, frozen=True):
    account: PointsGiftAccount | None


class PointsGiftDesk:
    """A claimer has to be a member, and another person than the giver under merged identifiers."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: Group,
        book: PointsBook,
        people: People,
        lineage: Lineage,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._accounts = accounts
        self._group = group
        self._book = book
        self._people = people
        self._lineage = lineage
        self._secrets_of = secrets_of

    async def offer(self, tenant_id: str, giver: str, command: GivePoints) -> GiftAnswer:
        """Puts points into escrow; the gift's token is Secrets.token of its id."""
        admit(command)
        program = await self._book.programs.get(tenant_id)
        if program is None:
            return GiftAnswer(PointsGiftOutcome.NO_PROGRAM)
        person = await self._people.find(tenant_id, giver)
        if person is None or not person.member:
            return GiftAnswer(PointsGiftOutcome.NOT_A_MEMBER)
        key = await self._book.key_under(tenant_id, giver, person.customer_id, command.now_ms)

        def decide(account: Any, program: Program, past: Past) -> points_gifts.Step:
            return points_gifts.give(account, command, program, past)

        return await self._finished(key, await self._book.step(key, program, decide))

    async def look(self, tenant_id: str, token: str, now_ms: int) -> PointsGift | None:
        """The gift of a token, without touching it."""
        gift = await self._find(tenant_id, token)
        return await self._told(gift, now_ms) if gift else None

    async def claim(
        self, tenant_id: str, token: str, request: Request, claimer: str, now_ms: int
    ) -> GiftAnswer:
        """Gives the points to a member other than the giver."""
        gift = await self._find(tenant_id, token)
        if gift is None:
            return GiftAnswer(PointsGiftOutcome.NOT_FOUND)
        person = await self._people.find(tenant_id, claimer)
        if person is None or not person.member:
            return GiftAnswer(PointsGiftOutcome.NOT_A_MEMBER)
        giver = await self._people.find(tenant_id, gift.owner)
        command = ClaimPoints(
            request=request,
            gift_id=gift.key.a,
            claimer=person.customer_id,
            now_ms=now_ms,
            same_person=giver is not None and giver.customer_id == person.customer_id,
        )
        admit(command)

        def decide(account: Any, program: Program, past: Past) -> points_gifts.Step:
            return points_gifts.claim(account, command, program, past)

        return await self._closed(gift, decide)

    async def cancel(self, tenant_id: str, giver: str, command: CancelPoints) -> GiftAnswer:
        """Takes an open gift back to its giver."""
        admit(command)
        found = await self._accounts.get(AccountKey(tenant_id, command.gift_id))
        if not isinstance(found, PointsGiftAccount):
            return GiftAnswer(PointsGiftOutcome.NOT_FOUND)
        person = await self._people.find(tenant_id, giver)
        owner = person and await self._people.find(tenant_id, found.owner)
        if person is None or owner is None or person.customer_id != owner.customer_id:
            return GiftAnswer(PointsGiftOutcome.NOT_OWNER)

        def decide(account: Any, program: Program, past: Past) -> points_gifts.Step:
            return points_gifts.cancel(account, command, program, past)

        return await self._closed(found, decide)

    async def given(
        self, tenant_id: str, giver: str, *, after: str, limit: int, now_ms: int
    ) -> list[PointsGift]:
        """Gifts of one giver in order of id, beyond the id `after`; open ones as the giver's
        account, which may be ahead, tells them."""
        found: list[AnyAccount] = []
        for owner in (giver, *await self._lineage.sources(tenant_id, giver)):
            found += await self._accounts.owned(
                tenant_id, owner, "points_gift", after=after, limit=limit
            )
        gifts = [gift for gift in found if isinstance(gift, PointsGiftAccount)]
        gifts.sort(key=lambda gift: gift.key.a)
        return [await self._told(gift, now_ms) for gift in gifts[:limit]]

    async def finish(self, key: AccountKey, gift_id: str) -> None:
        """Brings the gift's account, and the claimer's points, up to what the giver's account
        says; harmless to repeat."""
        giver = await self._book.get(key)
        if giver is None:
            return
        told = of_gift(giver, await self._book.past(giver, gift_id), gift_id)
        gift_key = AccountKey(key.t, gift_id)
        secrets = self._secrets_of(key.t)

        def decide(gift: Any) -> _Followed:
            return _Followed(points_gifts.follow(gift, key, told, secrets))

        await self._group.submit(gift_key, decide)
        for entry in told:
            if entry.kind == Kind.GIVEN:
                await self._receive(key.t, entry)

    async def _receive(self, tenant_id: str, given: Entry) -> None:
        key = await self._book.key_of(tenant_id, given.origin, given.at_ms)

        def decide(account: Any, program: Program, past: Past) -> PointsDecision | NeedsPast:
            return points_gifts.receive(account, key, given, program, past)

        await self._book.step(key, await self._book.terms(tenant_id), decide)

    async def _closed(self, gift: PointsGiftAccount, decide: Any) -> GiftAnswer:
        key = AccountKey(gift.key.t, points_account_id(gift.owner))
        program = await self._book.terms(gift.key.t)
        return await self._finished(key, await self._book.step(key, program, decide))

    async def _finished(self, key: AccountKey, decided: GiftDecision) -> GiftAnswer:
        """A repeat finishes as well: the first try may have stopped before."""
        entry, account = decided.entry, decided.account
        if entry is None or account is None:
            return GiftAnswer(decided.outcome)
        if decided.outcome is PointsGiftOutcome.APPLIED:
            await self.finish(key, entry.gift)
        told = of_gift(account, await self._book.past(account, entry.gift), entry.gift)
        # The end of a gift whose time is over may not be written yet: the sweeper does that.
        upto = next((at for at, one in enumerate(told) if one.hash == entry.hash), len(told))
        return GiftAnswer(decided.outcome, _tell((*told[:upto], entry)))

    async def _find(self, tenant_id: str, token: str) -> PointsGiftAccount | None:
        lookup = self._secrets_of(tenant_id).lookup_of_token(token)
        account = await self._accounts.find(tenant_id, lookup) if lookup else None
        return account if isinstance(account, PointsGiftAccount) else None

    async def _told(self, gift: PointsGiftAccount, now_ms: int) -> PointsGift:
        if gift.state is PointsGiftState.OFFERED:
            key = AccountKey(gift.key.t, points_account_id(gift.owner))
            giver = await self._book.get(key)
            if giver is not None:
                return await self._led(giver, gift, now_ms)
        return _stored(gift)

    async def _led(self, giver: PointsAccount, gift: PointsGiftAccount, now_ms: int) -> PointsGift:
        program = await self._book.terms(gift.key.t)
        current = lapse(giver, program, instant(giver, now_ms))
        told = of_gift(current, await self._book.past(giver, gift.key.a), gift.key.a)
        return _tell(told) or _stored(gift)


def _tell(told: tuple[Entry, ...]) -> PointsGift | None:
    opening = next((entry for entry in told if entry.kind == Kind.GIVE), None)
    if opening is None:
        return None
    closing = next((entry for entry in told if entry.kind != Kind.GIVE), None)
    state = state_of(closing)
    return PointsGift(
        gift_id=opening.gift,
        giver=opening.owner,
        points=opening.amount,
        state=state,
        offered_ms=opening.at_ms,
        expire_ms=opening.until_ms,
        claimer=closing.origin if closing and state is PointsGiftState.CLAIMED else "",
        closed_ms=closing.at_ms if closing else 0,
    )


def _stored(gift: PointsGiftAccount) -> PointsGift:
    return PointsGift(
        gift_id=gift.key.a,
        giver=gift.owner,
        points=gift.points,
        state=gift.state,
        offered_ms=gift.offered_ms,
        expire_ms=gift.expire_ms,
        claimer=gift.claimer,
        closed_ms=gift.closed_ms,
    )
