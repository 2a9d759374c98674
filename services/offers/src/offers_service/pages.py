"""Sealed pages: a journal that grows without end is a small document and a row of pages. Pure.

Of an account whose journal grows (a budget, a customer's points) the document keeps its newest
entries. Once PAGE_ENTRIES more than KEPT_ENTRIES have gathered, the oldest PAGE_ENTRIES are a full
page: the page is inserted under an id that follows from account and page number, and then the next
step of the account, under its version check, drops them and keeps the page's last hash. A crash in
between leaves a page that the next attempt finds; nothing is ever removed from a page.

An account of a new kind takes part by having the fields of PagedAccount (pages, sealed and
sealed_hash default to 0, 0 and b""); the store seals by itself. Its decisions ask `answered`
whether a request was there before, with what was looked up in the pages (Looked) at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from offers_service import journal
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request

PAGE_ENTRIES = 200
# What every page leaves in the document: a request that is repeated soon is found there.
KEPT_ENTRIES = 100


class PagedAccount(Protocol):
    """pages: how many were sealed; sealed: number of the last entry in them, 0 for none;
    sealed_hash: its hash. entries: those after it, never empty."""

    @property
    def key(self) -> AccountKey: ...
    @property
    def v(self) -> int: ...
    @property
    def hash(self) -> bytes: ...
    @property
    def entries(self) -> tuple[Entry, ...]: ...
    @property
    def pages(self) -> int: ...
    @property
    def sealed(self) -> int: ...
    @property
    def sealed_hash(self) -> bytes: ...


P = TypeVar("P", bound=PagedAccount)


class PageKey(msgspec.Struct, frozen=True):
    """tenant, account, page from 1; the order of the fields is the order in MongoDB's _id."""

    t: str
    a: str
    p: int


class Page(msgspec.Struct, frozen=True):
    """Entries first to last of an account; before: the hash before them (the genesis for page 1),
    hash: that of the last one; requests: the ids of requests that they answer, for look-ups."""

    key: PageKey = msgspec.field(name="_id")
    first: int
    last: int
    before: bytes
    hash: bytes
    requests: tuple[str, ...]
    entries: tuple[Entry, ...]


class Looked(NamedTuple):
    """What the pages say of one request: there is `entry`, or none up to number `upto`.

    A caller that knows that its request cannot be older than version n of the account may say
    Looked(n) without having looked.
    """

    upto: int = 0
    entry: Entry | None = None


NOT_LOOKED = Looked()


class NeedsPages(msgspec.Struct, frozen=True):
    """The decision has to be taken again once the pages were searched for this request; nothing to
    save."""

    request: Request
    account: PagedAccount


def full_pages(
    account: PagedAccount, page_entries: int = PAGE_ENTRIES, kept_entries: int = KEPT_ENTRIES
) -> list[Page]:
    """The pages to seal of an account as it is stored, oldest first; mostly none."""
    found: list[Page] = []
    start, before = 0, account.sealed_hash or journal.genesis(account.key.t, account.key.a)
    while len(account.entries) - start >= page_entries + kept_entries:
        entries = account.entries[start : start + page_entries]
        number = account.pages + len(found) + 1
        found.append(_page(PageKey(account.key.t, account.key.a, number), before, entries))
        start, before = start + page_entries, entries[-1].hash
    return found


def _page(key: PageKey, before: bytes, entries: tuple[Entry, ...]) -> Page:
    requests = dict.fromkeys(entry.request for entry in entries if entry.request)
    return Page(
        key=key,
        first=entries[0].number,
        last=entries[-1].number,
        before=before,
        hash=entries[-1].hash,
        requests=tuple(requests),
        entries=entries,
    )


def fits(account: PagedAccount, pages: Sequence[Page]) -> bool:
    """Whether pages, as they are stored, hold just what the account's document holds next.

    False for pages that somebody tampered with, or that another release cut elsewhere so that
    they reach beyond the entries that are to stay.
    """
    start, before = 0, account.sealed_hash or journal.genesis(account.key.t, account.key.a)
    for page in pages:
        entries = account.entries[start : start + len(page.entries)]
        if page.before != before or page.entries != entries:
            return False
        start, before = start + len(entries), page.hash
    return 0 <= start < len(account.entries)


def without(account: P, pages: Sequence[Page]) -> P:
    """The account, or a later state of it, after stored pages were dropped from its document."""
    last = pages[-1]
    return replace(  # type: ignore[type-var]
        account,
        pages=last.key.p,
        sealed=last.last,
        sealed_hash=last.hash,
        entries=account.entries[last.last - account.sealed :],
    )


def answered(
    account: PagedAccount, request: Request, looked: Looked = NOT_LOOKED
) -> tuple[Entry, bool] | NeedsPages | None:
    """The entry that a request made before, and whether its content was the same; None for a new
    request; NeedsPages when that depends on pages that were not looked at."""
    # Up to `upto` there is none but the one that was found.
    unknown = account.entries[max(0, looked.upto - account.sealed) :]
    entry = looked.entry or next((one for one in unknown if _by(one, request)), None)
    if entry is not None:
        return entry, entry.print == request.print
    return NeedsPages(request, account) if account.sealed > looked.upto else None


def _by(entry: Entry, request: Request) -> bool:
    return entry.request == request.request_id and entry.actor == request.actor


def find(page: Page, request: Request) -> Entry | None:
    """The first entry of a page that a request made."""
    return next((entry for entry in page.entries if _by(entry, request)), None)


class Folding(Generic[P]):
    """Verifies one account from its first entry on, page by page, without holding them all.

    begin opens the state from the first entry; follow gives the state after a further one, or
    None if that entry is not legal. Feed every page, then finish with the document.
    """

    def __init__(
        self,
        key: AccountKey,
        begin: Callable[[AccountKey, Entry], P | None],
        follow: Callable[[P, Entry], P | None],
    ) -> None:
        self._key = key
        self._begin = begin
        self._follow = follow
        self._state: P | None = None
        self._hash = journal.genesis(key.t, key.a)
        self._at_ms = 0
        self._pages = 0
        self.count = 0
        self.fault: str | None = None

    def feed(self, page: Page) -> None:
        """The next sealed page; the first fault stays."""
        if self.fault is None:
            self.fault = self._page_fault(page) or self._entries_fault(page.entries)
        self._pages += 1

    def finish(self, account: P) -> str | None:
        """What is wrong with the account; None for nothing. Its pages were fed before."""
        if self.fault is None:
            self.fault = self._document_fault(account)
        return self.fault

    def _page_fault(self, page: Page) -> str | None:
        name = f"page {self._pages + 1}"
        if page.key.p != self._pages + 1:
            return f"{name} is missing"
        numbers = page.first, page.last, page.last - page.first + 1
        if not page.entries or numbers != (
            page.entries[0].number,
            page.entries[-1].number,
            len(page.entries),
        ):
            return f"{name} does not hold the entries that it names"
        if page != _page(page.key, page.before, page.entries):
            return f"{name} is not what its entries say"
        return None if page.before == self._hash else f"{name} does not follow the one before"

    def _document_fault(self, account: P) -> str | None:
        if account.pages > self._pages:
            return f"page {self._pages + 1} is missing"
        sealed = self._pages, self.count, self._hash if self.count else b""
        if sealed != (account.pages, account.sealed, account.sealed_hash):
            return "the document does not continue its last page"
        if fault := self._entries_fault(account.entries):
            return fault
        if self._state is None:
            return "no entries"
        if (account.v, account.hash) != (self.count, self._hash):
            return f"version {account.v} or hash is not that of entry {self.count}"
        folded = replace(  # type: ignore[type-var]
            self._state,
            entries=account.entries,
            pages=account.pages,
            sealed=account.sealed,
            sealed_hash=account.sealed_hash,
        )
        return journal.fold_fault(account, folded)  # type: ignore[type-var]

    def _entries_fault(self, entries: Sequence[Entry]) -> str | None:
        for entry in entries:
            number = self.count + 1
            if entry.number != number:
                return f"entry {number} is missing"
            if entry.at_ms < self._at_ms:
                return f"entry {number} is older than the one before it"
            if journal.entry_hash(self._hash, entry) != entry.hash:
                return f"entry {number} does not match its hash"
            state = self._next(entry)
            if state is None:
                return f"entry {number} does not follow from the one before"
            # The state alone goes on: entries are compared where they are stored.
            self._state = replace(state, entries=())  # type: ignore[type-var]
            self._hash, self._at_ms, self.count = entry.hash, entry.at_ms, number
        return None

    def _next(self, entry: Entry) -> P | None:
        if self._state is None:
            return self._begin(self._key, entry)
        return self._follow(self._state, entry)
