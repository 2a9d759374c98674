"""Lines on campaigns' budgets: which stripe is asked, what is known of their room."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from offers_service import budgets
from offers_service.budget_account import Measure, Move, stripe_limit
from offers_service.budgets import NO_LIMITS, Fund, Line, LineDecision, Terms
from offers_service.coupon_account import AccountKey
from offers_service.coupons import Room
from offers_service.journal import Entry, Request
from offers_service.pages import NOT_LOOKED, Looked, NeedsPages
from offers_service.service_group import Group
from offers_service.service_pages import PagedSteps
from offers_service.store_budgets import BudgetStore, Standing
from offers_service.store_pages import PageStore

_KNOWN_MAX = 10_000
_SEEN_MAX = 64
_SEEN_EVERY = 16

Decide = Callable[[Any, Looked], LineDecision | NeedsPages]


class TermsSource(Protocol):
    """What campaigns say of their budgets; CampaignStore."""

    async def budget(self, tenant_id: str, campaign_id: str) -> Terms | None:
        """The campaign's budget, which never changes; None for no such campaign."""
        ...


class Taking(msgspec.Struct, frozen=True):
    """`amount` of a fund, asked for by `request`; refers: the entry's references. since: a tick
    before the cause of the request was made, for `BudgetDesk.line`."""

    fund: Fund
    request: Request
    amount: int
    now_ms: int
    refers: Entry | None = None
    since: int | None = None
    partly: bool = False


class _Seen:
    """What this process last saw of a stripe, and when it saw which version."""

    __slots__ = ("free", "ticks", "version")

    def __init__(self) -> None:
        self.version = 0
        self.free = 0
        self.ticks: deque[tuple[int, int]] = deque(maxlen=_SEEN_MAX)


class BudgetDesk:
    """One per process. Times are Unix milliseconds."""

    def __init__(
        self, group: Group, pages: PageStore, store: BudgetStore, source: TermsSource
    ) -> None:
        self._steps = PagedSteps(group, pages)
        self._store = store
        self._source = source
        self._terms: OrderedDict[tuple[str, str], Terms] = OrderedDict()
        self._stripes: OrderedDict[AccountKey, _Seen] = OrderedDict()
        self._ticks = itertools.count(1)
        self._reads: dict[Fund, asyncio.Task[list[Standing]]] = {}

    def tick(self) -> int:
        """A point in this process' time, for `line`."""
        return next(self._ticks)

    async def terms(self, tenant_id: str, campaign_id: str) -> Terms:
        """What the campaign may spend; no limits where there is no such campaign."""
        known = self._terms.get((tenant_id, campaign_id))
        if known is not None:
            return known
        found = await self._source.budget(tenant_id, campaign_id) if campaign_id else NO_LIMITS
        if found is None:
            return NO_LIMITS
        if len(self._terms) >= _KNOWN_MAX:
            self._terms.popitem(last=False)
        self._terms[tenant_id, campaign_id] = found
        return found

    async def fund(self, tenant_id: str, campaign_id: str, measure: Measure) -> Fund:
        """One budget of a campaign; its limit is 0 where there is none."""
        terms = await self.terms(tenant_id, campaign_id)
        return Fund(tenant_id, campaign_id, measure, terms.limit(measure))

    async def line(self, key: AccountKey, decide: Decide, since: int | None = None) -> LineDecision:
        """Writes a line. since: a tick after which whatever causes the line was made, so that it
        cannot be older than what this process had seen of the stripe by then."""
        looked = NOT_LOOKED if since is None else Looked(self._version(key, since))
        decided = await self._steps.submit(key, decide, looked)
        if decided.account is not None:
            self._note(key, decided.account.v, decided.account.free)
        return decided

    async def take(
        self, asked: Taking, stripes: Sequence[int]
    ) -> tuple[tuple[int, LineDecision], ...]:
        """Asks the stripes one after the other for all of it, until one pays: which one, and its
        line; empty when none did. partly: each for as much as it has, until that is enough."""
        taken, missing = [], asked.amount
        for stripe in stripes:
            line = Line(asked.fund, stripe, asked.request, asked.now_ms, asked.refers)

            def decide(account: Any, looked: Looked, line: Line = line, a: int = missing) -> Any:
                return budgets.take(account, line, a, partly=asked.partly, looked=looked)

            paid = await self.line(asked.fund.key(stripe), decide, asked.since)
            if paid.amount:
                taken.append((stripe, paid))
                missing -= paid.amount
            if missing <= 0:
                break
        return tuple(taken)

    async def recall(self, fund: Fund, stripe: int, request: Request) -> Entry | None:
        """The line that a request has on a stripe; None for none."""
        line = Line(fund, stripe, request, 0)

        def decide(account: Any, looked: Looked) -> Any:
            return budgets.recall(account, line, looked=looked)

        return (await self.line(fund.key(stripe), decide)).entry

    async def gather(self, fund: Fund, target: int, request: Request, now_ms: int) -> int:
        """Brings what the other stripes have free together on one: how much that was."""
        total = 0
        for stripe in range(fund.stripes):
            if stripe == target:
                continue
            lending = Line(fund, stripe, _part(request, "/lend"), now_ms)

            def lend(account: Any, looked: Looked, line: Line = lending) -> Any:
                return budgets.lend(account, line, looked=looked)

            lent = (await self.line(fund.key(stripe), lend)).amount
            total += lent
            if not lent:
                continue
            borrowing = Line(fund, target, _part(request, f"/borrow/{stripe}"), now_ms)

            def borrow(account: Any, looked: Looked, line: Line = borrowing, a: int = lent) -> Any:
                return budgets.borrow(account, line, a, looked=looked)

            await self.line(fund.key(target), borrow)
        return total

    async def settle(self, line: Line, moves: Sequence[Move], since: int | None = None) -> None:
        """A line that cannot be refused."""

        def decide(account: Any, looked: Looked) -> Any:
            return budgets.settle(account, line, moves, looked=looked)

        await self.line(line.fund.key(line.stripe), decide, since)

    def room(self, fund: Fund) -> Room | None:
        """What this process last saw of all stripes; None if it has not seen them all."""
        found = [self._stripes.get(fund.key(stripe)) for stripe in range(fund.stripes)]
        free = [stripe.free for stripe in found if stripe is not None]
        return Room(sum(free), _largest(free)) if len(free) == len(found) else None

    def known_room(self, tenant_id: str, campaign_id: str) -> Room | None:
        """The same of a campaign's budget of money; None also while its terms are unknown."""
        terms = self._terms.get((tenant_id, campaign_id))
        if terms is None:
            return None
        return self.room(Fund(tenant_id, campaign_id, Measure.MONEY, terms.money))

    async def read_room(self, fund: Fund, version: int) -> Room:
        """What is left of all stripes together at one instant, also of what is on its way from one
        to another; for a step on a coupon of this version."""
        standings = await self.standings(fund)
        for stripe, standing in enumerate(standings):
            self._note(fund.key(stripe), standing.version, standing.free)
        left = sum(one.limit - one.held - one.spent for one in standings)
        return Room(left, _largest([one.free for one in standings]), version)

    async def uses(self, tenant_id: str, campaign_id: str) -> dict[Measure, list[Standing]]:
        """All stripes by measure, of one instant each; no stripes where there is no limit."""
        funds = [await self.fund(tenant_id, campaign_id, measure) for measure in Measure]
        return {fund.measure: await self.standings(fund) if fund.limit else [] for fund in funds}

    async def standings(self, fund: Fund) -> list[Standing]:
        """All stripes at one instant of the call, in their order."""
        reading = self._reads.get(fund)
        if reading is None:
            reading = asyncio.get_running_loop().create_task(self._read(fund))
            self._reads[fund] = reading
        return await asyncio.shield(reading)

    async def _read(self, fund: Fund) -> list[Standing]:
        """Once for all who ask in this turn of the loop: before any of them nothing was read."""
        await asyncio.sleep(0)
        del self._reads[fund]
        keys = [fund.key(stripe) for stripe in range(fund.stripes)]
        found = await self._store.standings(keys)
        return [
            found.get(key) or Standing(0, stripe_limit(fund.limit, stripe), 0, 0, 0)
            for stripe, key in enumerate(keys)
        ]

    def _note(self, key: AccountKey, version: int, free: int) -> None:
        seen = self._stripes.get(key)
        if seen is None:
            if len(self._stripes) >= _KNOWN_MAX:
                self._stripes.popitem(last=False)
            seen = self._stripes[key] = _Seen()
        if version >= seen.version:
            seen.version, seen.free = version, free
            # Not each of them: the last ones have to reach back behind all that is on its way.
            if not seen.ticks or version >= seen.ticks[-1][1] + _SEEN_EVERY:
                seen.ticks.append((self.tick(), version))

    def _version(self, key: AccountKey, since: int) -> int:
        """The newest version that was seen before the tick; 0 for none."""
        seen = self._stripes.get(key)
        ticks = seen.ticks if seen else ()
        return max((version for tick, version in ticks if tick < since), default=0)


def _part(request: Request, part: str) -> Request:
    return Request(request.request_id + part, request.actor, request.print)


def _largest(free: Sequence[int]) -> int:
    return max(range(len(free)), key=free.__getitem__)
