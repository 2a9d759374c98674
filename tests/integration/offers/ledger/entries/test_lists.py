"""Lists of entries over documents and sealed pages, against all that is stored."""

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service.commit import DamagedError
from offers_service.entries import Filter, Line, mark_of, place_of
from offers_service.journal import Entry
from offers_service.service_entries import EntryReader
from offers_service.store_accounts import AccountStore, encode_entry
from offers_service.store_entries import EntryStore

NOW_MS = 1_764_000_000_000
PAGE = 5
OF_ONE_INSTANT = 60
FILTERS = {
    "account": Filter(account="p_3"),
    "account and time": Filter(account="p_3", start_ms=NOW_MS + 200, end_ms=NOW_MS + 700),
    "order": Filter(order="order-4"),
    "order of an account": Filter(account="c_7", order="order-4"),
    "customer": Filter(customers=("ann",)),
    "customer and campaign": Filter(customers=("ann",), campaign="spring"),
    "campaign": Filter(campaign="spring"),
    "campaign and time": Filter(campaign="spring", start_ms=NOW_MS + 100, end_ms=NOW_MS + 500),
    "time": Filter(start_ms=NOW_MS + 100, end_ms=NOW_MS + 900),
    "one instant": Filter(start_ms=NOW_MS + 300, end_ms=NOW_MS + 301),
    "everything": Filter(),
    "nothing": Filter(customers=("nobody",)),
}


class Merges:
    """ben was merged into ann."""

    async def sources(self, tenant_id: str, root: str) -> tuple[str, ...]:
        """Of any tenant."""
        del tenant_id
        return ("ben",) if root == "ann" else ()


class Stored:
    """Accounts made at random: coupons, some changing hands, and points with sealed pages."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.accounts = AccountStore(database)
        self.reader = EntryReader(EntryStore(database), Merges())
        self.lines: list[Line] = []
        self._random = random.Random(20_261_127)

    async def fill(self) -> None:
        """The same every time."""
        await self.accounts.prepare()
        for number in range(40):
            await self.add(f"c_{number}", "coupon", self._random.randrange(1, 6))
        for number in range(8):
            await self.add(f"p_{number}", "points", self._random.randrange(12, 40))
        for number in range(OF_ONE_INSTANT):
            await self.add(f"c_list_{number:02}", "coupon", 1, at_ms=NOW_MS + 300)

    async def add(self, account: str, kind: str, count: int, at_ms: int = 0) -> None:
        """One account; of points all but the last few entries are in pages."""
        campaign = self._random.choice(["", "spring", "autumn"])
        entries = []
        for number in range(1, count + 1):
            at_ms = at_ms or NOW_MS + self._random.randrange(400)
            entries.append(self._entry(number, kind, campaign, at_ms))
            at_ms += self._random.choice([0, 0, 1, 40])
        self.lines += [Line(account, entry) for entry in entries]
        full = (count - 3) // PAGE if kind == "points" else 0
        for page in range(1, full + 1):
            await self.seal(account, page, entries[PAGE * (page - 1) : PAGE * page])
        # The last page was sealed, and not yet dropped from the document.
        kept = entries[PAGE * max(0, full - 1) :]
        stored = {"kind": kind, "entries": [encode_entry(entry) for entry in kept]}
        of_one = {"campaign": campaign} if campaign and kind == "coupon" else {}
        key = {"t": "shop", "a": account}
        await self.database.accounts.insert_one({"_id": key, **stored, **of_one})

    async def seal(self, account: str, number: int, entries: list[Entry]) -> None:
        """One page."""
        await self.database.pages.insert_one(
            {
                "_id": {"t": "shop", "a": account, "p": number},
                "first": entries[0].number,
                "last": entries[-1].number,
                "entries": [encode_entry(entry) for entry in entries],
            }
        )

    def _entry(self, number: int, kind: str, campaign: str, at_ms: int) -> Entry:
        of_many = self._random.choice(["", "spring", "autumn"])
        return Entry(
            number=number,
            kind="step",
            debit="available",
            credit="held",
            at_ms=at_ms,
            actor="partner:till",
            owner=self._random.choice(["ann", "ben", "cho", "dan"]),
            campaign=of_many if kind == "points" else campaign,
            order=self._random.choice(["", *[f"order-{order}" for order in range(12)]]),
        )

    def expected(self, wanted: Filter) -> list[Line]:
        """All that is asked for, looked for one by one."""
        if "ann" in wanted.customers:
            wanted = replace(wanted, customers=("ann", "ben"))
        key: Callable[[Line], Any] = mark_of if wanted.by_time else place_of
        return sorted([line for line in self.lines if wanted.takes(line)], key=key)


@pytest.fixture
async def stored(mongodb_uri: str, database_name: str) -> AsyncIterator[Stored]:
    """A hundred accounts and their pages."""
    mongodb: Any = AsyncIOMotorClient(mongodb_uri)
    made = Stored(mongodb[database_name])
    await made.fill()
    yield made
    mongodb.close()


async def _all(stored: Stored, wanted: Filter, size: int) -> list[Line]:
    pages = [page async for page in stored.reader.everything("shop", wanted, None, size)]
    assert {size} >= {len(lines) for lines, _ in pages[:-1]}
    return [line for lines, _ in pages for line in lines]


async def test_every_list_has_what_is_stored_on_pages_of_any_size(stored: Stored) -> None:
    """Each entry once, in order, whether its document or a page has it, and whoever was merged."""
    for name, wanted in FILTERS.items():
        expected = stored.expected(wanted)
        for size in (1, 7, 1_000):
            assert expected == await _all(stored, wanted, size), (name, size)
        assert ([], None) == await stored.reader.page("other", wanted, None, 10)
    assert len(stored.expected(FILTERS["one instant"])) > OF_ONE_INSTANT
    assert [] == stored.expected(FILTERS["nothing"])


async def test_pages_stand_still_while_entries_come_in(stored: Stored) -> None:
    """Between any two pages an entry is written before and one behind: nothing moves."""
    for name in ("customer", "time"):
        wanted, mark, seen = FILTERS[name], None, []
        expected = stored.expected(wanted)
        for round_ in range(1_000):
            lines, mark = await stored.reader.page("shop", wanted, mark, 20)
            seen += lines
            if mark is None:
                break
            await stored.add(f"c_!{name}{round_}", "coupon", 1, at_ms=NOW_MS + 101)
        known = [line for line in seen if not line.account.startswith("c_!")]
        assert expected == known
        assert len(set(map(mark_of, seen))) == len(seen)
        stored.lines = [line for line in stored.lines if not line.account.startswith("c_!")]


async def test_no_list_scans_what_it_does_not_answer(stored: Stored) -> None:
    """Every find of every list, as the database's profiler saw it: by an index, in its order, and
    a page of ten looks at few documents whatever the collection holds."""
    database = stored.database
    await database.command("profile", 2)
    for wanted in FILTERS.values():
        first, mark = await stored.reader.page("shop", wanted, None, 10)
        if mark is not None:
            await stored.reader.page("shop", wanted, mark, 10)
        assert len(first) <= 10
    await database.command("profile", 0)
    finds = await database["system.profile"].find({"op": "query"}).to_list(None)
    assert len(finds) > 2 * len(FILTERS)
    for find in finds:
        assert "COLLSCAN" not in find["planSummary"], find["command"]
        assert not find.get("hasSortStage"), find["command"]
        assert find["docsExamined"] <= 30, find["command"]


async def test_a_damaged_entry_is_not_left_out(stored: Stored) -> None:
    """A list with a hole would be taken for the truth."""
    await stored.database.accounts.update_one(
        {"_id.a": "c_list_07"}, {"$set": {"entries.0.kind": 7}}
    )
    with pytest.raises(DamagedError, match="c_list_07"):
        await _all(stored, FILTERS["one instant"], 10)
