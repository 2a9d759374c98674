"""Use cases of staff's own discounts. Raises as service_ledger.py does, and RpcFailure without
profile.

The allowance is taken first, then the discount is opened; the claim leads what follows from it: the
customer in the store and the claimer become one in profile, and the coupon is issued.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec.structs import replace

from offers_service import staff_allowances, staff_discounts
from offers_service.codes import Secrets, account_id
from offers_service.coupon_account import AccountKey, CouponAccount, CouponState
from offers_service.gift_days import day_of
from offers_service.journal import Request
from offers_service.service_claims import Identifiers, SignUps
from offers_service.service_gifts import People
from offers_service.service_group import Group
from offers_service.service_ledger import CouponLedger
from offers_service.service_points import Directory
from offers_service.staff_allowances import (
    Allowance,
    AllowanceOutcome,
    Given,
    StaffMonth,
    Taking,
    month_id,
)
from offers_service.staff_discounts import (
    DiscountDecision,
    DiscountState,
    Give,
    Link,
    StaffDiscount,
    StaffDiscountOutcome,
    shown_state,
)
from offers_service.store_accounts import AccountStore, admit
from offers_service.store_offers import OfferStore
from offers_service.store_staff import GivenBy, StaffStore

_NAMESPACE = uuid.UUID("9d0a3c52-5a7f-5a0c-8f0e-8f5b0c2f4e71")
_COUPONS_AT_ONCE = 1_000
_REFUSED = {
    AllowanceOutcome.ABOVE_ONCE: StaffDiscountOutcome.ABOVE_ONCE,
    AllowanceOutcome.DAY_SPENT: StaffDiscountOutcome.DAY_SPENT,
    AllowanceOutcome.MONTH_SPENT: StaffDiscountOutcome.MONTH_SPENT,
}


class Wanted(NamedTuple):
    """What a member of staff wants to give: identifiers are what is known of the customer."""

    request: Request
    store: str
    amount: int
    open_seconds: int
    identifiers: tuple[tuple[str, str], ...]
    now_ms: int


class Claiming(NamedTuple):
    """By a member, claimer, or by somebody who signs up in the claim under these identifiers."""

    request: Request
    claimer: str
    identifiers: tuple[tuple[str, str], ...]
    now_ms: int


class Left(NamedTuple):
    """An allowance and what was given of it; allowance None for none."""

    allowance: Allowance | None
    day_spent: int
    month_spent: int


@dataclass(slots=True)
class StaffFigures:
    """What became of the discounts of one member of staff; redeemed: what orders took off by them,
    in minor units, of which nothing came back."""

    staff: str
    given_count: int = 0
    given_minor_units: int = 0
    claimed_count: int = 0
    linked_count: int = 0
    cancelled_count: int = 0
    expired_count: int = 0
    redeemed_count: int = 0
    redeemed_minor_units: int = 0


class StaffDesk:
    """Members of staff go by "staff:<subject>"."""

    name = "staff_discounts"

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: Group,
        store: StaffStore,
        offers: OfferStore,
        ledger: CouponLedger,
        people: People,
        sign_ups: SignUps,
        directory: Directory,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._accounts = accounts
        self._group = group
        self.store = store
        self._offers = offers
        self._ledger = ledger
        self._people = people
        self._sign_ups = sign_ups
        self._directory = directory
        self._secrets_of = secrets_of

    async def left(self, tenant_id: str, staff: str, now_ms: int) -> Left:
        """What a member of staff may still give today and this month."""
        day = await self._day(tenant_id, now_ms)
        found = await self._accounts.get(AccountKey(tenant_id, month_id(staff, day[:7])))
        month = found if isinstance(found, StaffMonth) else None
        allowance = await self.store.of(tenant_id, staff)
        return Left(allowance, staff_allowances.spent(month, day), staff_allowances.spent(month))

    async def give(self, tenant_id: str, staff: str, wanted: Wanted) -> DiscountDecision:
        """A discount within the allowance, for whoever has its code; its code is Secrets.code of
        its id."""
        key = AccountKey(tenant_id, account_id("sd_", staff, wanted.request.request_id))
        known = await self._accounts.get(key)
        if isinstance(known, StaffDiscount):
            return await self._opened(known, wanted)
        allowance = await self.store.of(tenant_id, staff)
        offer = await self._offer(tenant_id, allowance, wanted) if allowance else ""
        if allowance is None or not offer:
            return DiscountDecision(StaffDiscountOutcome.NO_ALLOWANCE, None)
        customer = await self._customer(key, wanted.identifiers)
        if customer is None:
            return DiscountDecision(StaffDiscountOutcome.SIGN_UP_CONFLICT, None)
        taken = await self._take(key, staff, wanted, allowance)
        if taken in _REFUSED:
            return DiscountDecision(_REFUSED[taken], None)
        command = Give(
            key=key,
            request=wanted.request,
            store=wanted.store,
            customer=customer,
            offer=offer,
            amount=wanted.amount,
            open_seconds=wanted.open_seconds,
            now_ms=wanted.now_ms,
        )
        admit(command)
        secrets = self._secrets_of(tenant_id)

        def decide(account: Any) -> DiscountDecision:
            return staff_discounts.give(account, command, secrets)

        return await self._group.submit(key, decide)

    async def claim(self, tenant_id: str, code: str, claiming: Claiming) -> DiscountDecision:
        """Makes a discount the claimer's, and the customer in the store the claimer."""
        request, identifiers, now_ms = claiming.request, claiming.identifiers, claiming.now_ms
        lookup = self._secrets_of(tenant_id).lookup_of_code(code)
        found = await self._accounts.find(tenant_id, lookup) if lookup else None
        if not isinstance(found, StaffDiscount):
            return DiscountDecision(StaffDiscountOutcome.NOT_FOUND, None)
        preview = staff_discounts.claim(found, request, claiming.claimer, now_ms)
        if preview.outcome is not StaffDiscountOutcome.APPLIED:
            return preview
        if identifiers:
            name = str(uuid.uuid5(_NAMESPACE, f"{found.key.a}/{request.request_id}"))
            person = await self._sign_ups.sign_up(tenant_id, name, identifiers)
            if person is None:
                return DiscountDecision(StaffDiscountOutcome.SIGN_UP_CONFLICT, found)
        else:
            person = await self._people.find(tenant_id, claiming.claimer)
        if person is None or not person.member:
            return DiscountDecision(StaffDiscountOutcome.NOT_A_MEMBER, found)
        met = await self._people.find(tenant_id, found.customer) if found.customer else None
        if met is not None and met.member and met.customer_id != person.customer_id:
            return DiscountDecision(StaffDiscountOutcome.OTHER_CUSTOMER, found)
        member = person.customer_id

        def decide(account: Any) -> DiscountDecision:
            return staff_discounts.claim(account, request, member, now_ms)

        return await self._followed(await self._group.submit(found.key, decide))

    async def cancel(
        self, tenant_id: str, discount_id: str, request: Request, only: str, now_ms: int
    ) -> DiscountDecision:
        """Takes an open discount back; only: the member of staff whose it has to be, "" for any."""
        key = AccountKey(tenant_id, discount_id)
        found = await self._accounts.get(key)
        if not isinstance(found, StaffDiscount) or (only and found.owner != only):
            return DiscountDecision(StaffDiscountOutcome.NOT_FOUND, None)

        def decide(account: Any) -> DiscountDecision:
            return staff_discounts.cancel(account, request, now_ms)

        return await self._followed(await self._group.submit(key, decide))

    def concerns(self, account_id_: str, entries: Sequence[Mapping[str, Any]]) -> bool:
        """For the relay: whether it is a discount."""
        return account_id_.startswith("sd_") and bool(entries)

    async def follow(
        self, tenant_id: str, account_id_: str, entries: Sequence[Mapping[str, Any]]
    ) -> None:
        """For the relay: finishes what a claim or a cancellation was killed before."""
        if not self.concerns(account_id_, entries):
            return
        account = await self._accounts.get(AccountKey(tenant_id, account_id_))
        if isinstance(account, StaffDiscount):
            await self._finish(account)

    async def given(
        self, tenant_id: str, staff: str, *, after: str, limit: int
    ) -> list[StaffDiscount]:
        """Discounts of one member of staff in order of id, beyond the id `after`."""
        found = await self._accounts.owned(
            tenant_id, staff, "staff_discount", after=after, limit=limit
        )
        return [one for one in found if isinstance(one, StaffDiscount)]

    async def report(self, tenant_id: str, given: GivenBy, now_ms: int) -> list[StaffFigures]:
        """By member of staff in order of name, of discounts that were given in that time."""
        figures: dict[str, StaffFigures] = defaultdict(lambda: StaffFigures(""))
        async for found in self.store.given(tenant_id, given, _COUPONS_AT_ONCE):
            keys = [AccountKey(tenant_id, one.coupon) for one in found if one.coupon]
            coupons = {key.a: one for key, one in (await self._accounts.load(keys)).items()}
            for one in found:
                coupon = coupons.get(one.coupon)
                figures[one.owner].staff = one.owner
                known = coupon if isinstance(coupon, CouponAccount) else None
                _count(figures[one.owner], one, known, now_ms)
        return [figures[name] for name in sorted(figures)]

    async def _opened(self, known: StaffDiscount, wanted: Wanted) -> DiscountDecision:
        same = known.entries[0].print == wanted.request.print
        applied, conflict = StaffDiscountOutcome.APPLIED, StaffDiscountOutcome.REQUEST_CONFLICT
        return DiscountDecision(applied if same else conflict, known)

    async def _day(self, tenant_id: str, now_ms: int) -> str:
        return day_of(now_ms, (await self._directory.get(tenant_id)).time_zone)

    async def _offer(self, tenant_id: str, allowance: Allowance, wanted: Wanted) -> str:
        """The offer of that amount with the terms of the allowance's; made when first asked for."""
        terms = await self._offers.get(tenant_id, allowance.offer)
        if terms is None or not terms.fixed_minor_units:
            return ""
        offer_id = account_id("staff-", allowance.offer, str(wanted.amount))
        offer = replace(
            terms, offer_id=offer_id, fixed_minor_units=wanted.amount, per_customer_limit=0
        )
        if await self._offers.get(tenant_id, offer_id) is None:
            await self._offers.insert(tenant_id, offer)
        return offer_id

    async def _customer(self, key: AccountKey, identifiers: Identifiers) -> str | None:
        """Who stands in the store, known from now on; "" for nobody, None where they conflict."""
        if not identifiers:
            return ""
        name = str(uuid.uuid5(_NAMESPACE, f"{key.t}/{key.a}"))
        person = await self._sign_ups.sign_up(key.t, name, identifiers)
        return person.customer_id if person else None

    async def _take(
        self, key: AccountKey, staff: str, wanted: Wanted, allowance: Allowance
    ) -> AllowanceOutcome:
        day = await self._day(key.t, wanted.now_ms)
        given, month = Given(key.a, day, wanted.amount), AccountKey(key.t, month_id(staff, day[:7]))

        def decide(account: Any) -> Taking:
            return staff_allowances.take(
                account, month, staff, given, allowance, now_ms=wanted.now_ms
            )

        return (await self._group.submit(month, decide)).outcome

    async def _followed(self, decided: DiscountDecision) -> DiscountDecision:
        """A repeat follows as well: the first try may have stopped before."""
        if decided.outcome is not StaffDiscountOutcome.APPLIED or decided.account is None:
            return decided
        return DiscountDecision(decided.outcome, await self._finish(decided.account))

    async def _finish(self, account: StaffDiscount) -> StaffDiscount:
        """What follows from the end of a discount; harmless to repeat."""
        if account.state is DiscountState.CANCELLED:
            await self._give_back(account)
        if account.state is not DiscountState.CLAIMED or account.link:
            return account
        tenant_id = account.key.t
        link = await self._link(account)
        issued = await self._ledger.issue(
            tenant_id,
            offer_id=account.offer,
            customer_id=account.claimer,
            campaign_id="",
            cause=account.key.a,
            actor=account.owner,
            now_ms=account.claimed_ms,
        )

        def decide(found: Any) -> DiscountDecision:
            return staff_discounts.done(found, link, issued.coupon_id)

        noted = await self._group.submit(account.key, decide)
        return noted.account or account

    async def _link(self, account: StaffDiscount) -> Link:
        if not account.customer:
            return Link.NONE
        name = str(uuid.uuid5(_NAMESPACE, f"{account.key.t}/{account.key.a}/link"))
        both = [("customer", account.customer), ("customer", account.claimer)]
        person = await self._sign_ups.sign_up(account.key.t, name, both)
        return Link.LINKED if person else Link.CONFLICT

    async def _give_back(self, account: StaffDiscount) -> None:
        day = await self._day(account.key.t, account.given_ms)
        key = AccountKey(account.key.t, month_id(account.owner, day[:7]))
        at_ms = account.entries[-1].at_ms

        def decide(found: Any) -> Taking:
            return staff_allowances.free(found, account.key.a, now_ms=at_ms)

        await self._group.submit(key, decide)


def _count(
    figures: StaffFigures, one: StaffDiscount, coupon: CouponAccount | None, now_ms: int
) -> None:
    state = shown_state(one, now_ms)
    figures.given_count += 1
    figures.given_minor_units += one.amount
    figures.claimed_count += state is DiscountState.CLAIMED
    figures.linked_count += one.link == Link.LINKED
    figures.cancelled_count += state is DiscountState.CANCELLED
    figures.expired_count += state is DiscountState.EXPIRED
    if coupon is not None and coupon.state is CouponState.REDEEMED and not coupon.reversed:
        figures.redeemed_count += 1
        figures.redeemed_minor_units += coupon.discount
