"""What may be done with one stripe of a budget: take, settle, lend, borrow. Pure.

Every function is one line: the same request again finds what it did, wherever its entry is by
now, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from offers_service import pages
from offers_service.budget_account import (
    BudgetAccount,
    Kind,
    Measure,
    Move,
    budget_id,
    line_entry,
    move,
    opened,
    stripe_limit,
    stripes_of,
)
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request
from offers_service.pages import NOT_LOOKED, Looked, NeedsPages


class Terms(msgspec.Struct, frozen=True):
    """What a campaign may spend: coupons issued, minor units of discount; 0 for no limit. currency
    is there where money is."""

    coupons: int = 0
    money: int = 0
    currency: str = ""

    def limit(self, measure: Measure) -> int:
        """The limit of one measure."""
        return self.coupons if measure is Measure.COUPONS else self.money


NO_LIMITS = Terms()


class Fund(msgspec.Struct, frozen=True):
    """One budget of a campaign."""

    tenant: str
    campaign: str
    measure: Measure
    limit: int

    @property
    def stripes(self) -> int:
        """How many stripes it has."""
        return stripes_of(self.limit)

    def key(self, stripe: int) -> AccountKey:
        """The account of one stripe, from 0."""
        return AccountKey(self.tenant, budget_id(self.campaign, self.measure, stripe))


class Line(msgspec.Struct, frozen=True):
    """What a request does to one stripe, which is opened if it does not exist yet. refers: the
    entry's references (coupon, offer, owner, order, ...), given as an entry."""

    fund: Fund
    stripe: int
    request: Request
    now_ms: int
    refers: Entry | None = None


class LineDecision(msgspec.Struct, frozen=True):
    """entry: the line as it stands in the journal, now or since an earlier copy of the request;
    None for what was not there and was not to be written. account: as it has to be saved."""

    entry: Entry | None
    account: BudgetAccount | None

    @property
    def amount(self) -> int:
        """What was paid, lent or moved; 0 for a refusal."""
        if self.entry is None or self.entry.kind == Kind.REFUSE:
            return 0
        return self.entry.amount


def take(
    account: BudgetAccount | None,
    line: Line,
    amount: int,
    *,
    partly: bool = False,
    looked: Looked = NOT_LOOKED,
) -> LineDecision | NeedsPages:
    """Holds `amount` (partly: as much of it as is free), or refuses: APPLIED or REFUSED, once."""
    stripe = account or _opened(line)
    if known := _known(stripe, account, line.request, looked):
        return known
    paid = min(stripe.free, amount) if partly else amount * (stripe.free >= amount)
    return _written(stripe, line, [Move(Kind.TAKE if paid > 0 else Kind.REFUSE, max(paid, 0))])


def recall(
    account: BudgetAccount | None, line: Line, *, looked: Looked = NOT_LOOKED
) -> LineDecision | NeedsPages:
    """The line that the request has, without writing one."""
    if account is None:
        return LineDecision(None, None)
    return _known(account, account, line.request, looked) or LineDecision(None, account)


def settle(
    account: BudgetAccount | None,
    line: Line,
    moves: Sequence[Move],
    *,
    looked: Looked = NOT_LOOKED,
) -> LineDecision | NeedsPages:
    """Spends, returns or refunds what was taken: nothing that could be refused."""
    stripe = account or _opened(line)
    if known := _known(stripe, account, line.request, looked):
        return known
    return _written(stripe, line, moves)


def lend(
    account: BudgetAccount | None, line: Line, *, looked: Looked = NOT_LOOKED
) -> LineDecision | NeedsPages:
    """Gives up all that is free, for another stripe to borrow; also of nothing there is a line,
    so that everybody who drives the request sees the same amount."""
    stripe = account or _opened(line)
    if known := _known(stripe, account, line.request, looked):
        return known
    return _written(stripe, line, [Move(Kind.LEND, stripe.free)])


def borrow(
    account: BudgetAccount | None, line: Line, amount: int, *, looked: Looked = NOT_LOOKED
) -> LineDecision | NeedsPages:
    """Adds what another stripe lent."""
    return settle(account, line, [Move(Kind.BORROW, amount)], looked=looked)


def _opened(line: Line) -> BudgetAccount:
    fund = line.fund
    limit = stripe_limit(fund.limit, line.stripe)
    return opened(fund.key(line.stripe), fund.campaign, fund.measure, limit, line.now_ms)


def _known(
    stripe: BudgetAccount, account: BudgetAccount | None, request: Request, looked: Looked
) -> LineDecision | NeedsPages | None:
    known = pages.answered(stripe, request, looked)
    if known is None or isinstance(known, NeedsPages):
        return known
    return LineDecision(known[0], account)


def _written(account: BudgetAccount, line: Line, moves: Sequence[Move]) -> LineDecision:
    """All movements of a line go into one write, so that it is there as a whole or not at all."""
    shared = line_entry(line.request, line.fund.campaign, line.now_ms)
    if line.refers is not None:
        refers = line.refers
        shared = replace(
            shared,
            owner=refers.owner,
            offer=refers.offer,
            order=refers.order,
            coupon=refers.coupon,
            origin=refers.origin,
            until_ms=refers.until_ms,
            cart=refers.cart,
        )
    number = account.v + 1
    for moved in moves:
        account = move(account, moved, shared)
    written = account.entries[number - account.v - 1] if moves else None
    return LineDecision(written, account)
