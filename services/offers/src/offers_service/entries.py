"""Which entries an auditor asks for, their order, and where a page of them begins. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from offers_service import budget_account
from offers_service.journal import NEVER_MS, Entry

# Behind every entry of an account.
LAST_NUMBER = 2**53
_PRINT_BYTES = 6
_CLOSING = f"{budget_account.BOOKS_PREFIX}{budget_account.Measure.COUPONS.value}."


class Line(NamedTuple):
    """An entry and the account it is of."""

    account: str
    entry: Entry


class Place(NamedTuple):
    """An entry's place in the order of accounts; sorts as the lists do."""

    account: str
    number: int


class Mark(NamedTuple):
    """The last entry of a page: behind it the next one begins. Sorts as lists by time do."""

    at_ms: int
    account: str
    number: int


@dataclass(frozen=True, slots=True)
class Filter:
    """What has to hold of an entry; empty texts ask for nothing. customers: one, and whoever was
    merged into it. Entries at start_ms are in, those at end_ms are not."""

    account: str = ""
    order: str = ""
    customers: tuple[str, ...] = ()
    campaign: str = ""
    start_ms: int = 0
    end_ms: int = NEVER_MS

    @property
    def by_time(self) -> bool:
        """Whether only times are given, so that the list is in order of time."""
        return not (self.account or self.order or self.customers or self.campaign)

    def takes(self, line: Line) -> bool:
        """Whether the entry is asked for."""
        entry = line.entry
        return (
            self.account in ("", line.account)
            and self.order in ("", order_of(entry))
            and (not self.customers or entry.owner in self.customers)
            and self.campaign in ("", entry.campaign)
            and self.start_ms <= entry.at_ms < self.end_ms
        )


def order_of(entry: Entry) -> str:
    """The order that an entry is about; a budget of coupons keeps a line's number there."""
    return "" if entry.debit.startswith(_CLOSING) else entry.order


def place_of(line: Line) -> Place:
    """Where an entry stands in the order of accounts."""
    return Place(line.account, line.entry.number)


def mark_of(line: Line) -> Mark:
    """Where an entry stands in the order of time."""
    return Mark(line.entry.at_ms, line.account, line.entry.number)


def merged(lines: Iterable[Line]) -> list[Line]:
    """Lines by account and number, each once: a page that is being sealed is seen twice."""
    return [line for _, line in sorted({place_of(line): line for line in lines}.items())]


def in_time(lines: Iterable[Line]) -> list[Line]:
    """Lines by time, account and number, each once."""
    return [line for _, line in sorted({mark_of(line): line for line in lines}.items())]


def narrower(start_ms: int, stop_ms: int, firsts: Sequence[int], tried: int) -> int:
    """Where to stop instead when too much lies between start_ms and stop_ms; start_ms when only
    its own instant is left. firsts: when each account found in there begins to have entries.

    Found in order of time, everything before the last of them is known; a database that answers in
    another order is asked for half as much, again and again.
    """
    ordered = sorted(firsts)
    if tried == 0:
        return min(ordered[-1], stop_ms - 1)
    return min(ordered[len(ordered) // 2], start_ms + (stop_ms - start_ms) // 2)


def write_token(wanted: Filter, mark: Mark) -> str:
    """Where a page ends, as text for the caller; good for the same filter only."""
    text = f"{mark.at_ms}.{mark.number}.{mark.account}"
    return base64.urlsafe_b64encode(_print(wanted) + text.encode()).rstrip(b"=").decode()


def read_token(wanted: Filter, token: str) -> Mark:
    """The end of the page before. Raises ValueError for what is none of this filter's."""
    try:
        padded = token.encode() + b"=" * (-len(token) % 4)
        data = base64.b64decode(padded, altchars=b"-_", validate=True)
        at_ms, number, account = data[_PRINT_BYTES:].decode().split(".", 2)
        mark = Mark(int(at_ms), account, int(number))
    except (binascii.Error, UnicodeError, ValueError):
        raise ValueError("not a page token") from None
    legal = account and 0 <= mark.at_ms < NEVER_MS and 0 < mark.number <= LAST_NUMBER
    if data[:_PRINT_BYTES] != _print(wanted) or not legal:
        raise ValueError("a page token of another list")
    return mark


def _print(wanted: Filter) -> bytes:
    # Whoever was merged in between two pages does not change which list it is.
    customer = wanted.customers[0] if wanted.customers else ""
    texts = (wanted.account, wanted.order, customer, wanted.campaign)
    framed = "".join([f"{len(text)}:{text}" for text in texts])
    content = f"{framed}{wanted.start_ms}:{wanted.end_ms}".encode()
    return blake2b(content, digest_size=_PRINT_BYTES).digest()
