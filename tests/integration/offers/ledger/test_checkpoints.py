"""Checkpoints over real documents: what is taken, kept, handed out, and held against accounts."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from dangol.offers.v1 import ledger_service_pb2 as pb
from dangol_cli.ledger import LedgerError
from dangol_cli.ledger import verify as verify_files
from dangol_service_kit.auth import Role
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.errors import Code, RpcFailure
from offers_service.audit import Verification
from offers_service.budget_account import Measure
from offers_service.budgets import Fund, Line, LineDecision
from offers_service.budgets import take as take_line
from offers_service.checkpoints import PAGE_LEAVES, FaultKind
from offers_service.journal import Entry, Request, entry_hash
from offers_service.ledger_audit import AuditParts
from offers_service.pages import Looked, NeedsPages
from offers_service.service_pages import PagedSteps
from offers_service.store_audit import AuditStore
from offers_service.store_checkpoints import CheckpointStore, StoredCheckpoint

HOUR_MS = 3_600_000
FUND = Fund("shop", "spring", Measure.MONEY, 9_000)


async def _checkpoint(shop: Any, tenant: str = "shop") -> Any:
    return await shop.parts.audit.taker.take(tenant, early=True)


def _replica(shop: Any) -> AuditParts:
    """The auditors' part of another process, which has seen nothing yet."""
    base, parts = shop.parts.base, shop.parts
    audit = AuditStore(base.mongodb, base.database)
    return AuditParts.of(base, parts.accounts, audit, parts.keyring, parts.all.lineage)


async def _verdict(parts: Any, tenant: str = "shop", **kept: Any) -> Verification:
    progress, faults = Verification(), []
    async for progress in parts.verifier.tenant(tenant, **kept):
        faults += progress.fresh
    progress.fresh = faults
    return progress


async def _all(shop: Any, method: Any, request: Any) -> list[Any]:
    metadata = (("authorization", f"Bearer {shop.token(Role.ADMIN)}"),)
    return [answer async for answer in method(request, metadata=metadata)]


async def test_a_checkpoint_covers_every_account_and_is_checked_off_line(
    shop: Any, tmp_path: Path
) -> None:
    """Over several pages; with the public key, the notes and the list, and nothing else."""
    await shop.add_offer()
    count = 2 * PAGE_LEAVES + 100
    await shop.issue_list([f"customer-{number}" for number in range(count)])
    await _checkpoint(shop)
    await shop.used()
    second = await _checkpoint(shop)
    assert (2, count + 1, count + 3) == (second.number, second.size, second.entries)
    admin = shop.token(Role.ADMIN)
    key = await shop.send(shop.journal.GetCheckpointKey, pb.GetCheckpointKeyRequest(), admin)
    first = pb.ListCheckpointsRequest(page_size=1)
    page = await shop.send(shop.journal.ListCheckpoints, first, admin)
    rest = pb.ListCheckpointsRequest(page_token=page.next_page_token)
    last = await shop.send(shop.journal.ListCheckpoints, rest, admin)
    assert ([1], [2], "") == (
        [each.number for each in page.checkpoints],
        [each.number for each in last.checkpoints],
        last.next_page_token,
    )
    head, *parts = await _all(shop, shop.journal.ExportCheckpoint, pb.ExportCheckpointRequest())
    notes = [each.note for each in (*page.checkpoints, *last.checkpoints)]
    assert notes[1] == head.checkpoint.note
    (tmp_path / "key").write_text(key.verifier_key + "\n")
    (tmp_path / "notes").write_text("".join(notes))
    (tmp_path / "accounts").write_bytes(b"".join(part.accounts for part in parts))
    files = tmp_path / "key", [tmp_path / "notes"], tmp_path / "accounts"
    assert 3 == len(verify_files(*files))
    (tmp_path / "accounts").write_bytes(b"".join(part.accounts for part in parts[1:]))
    with pytest.raises(LedgerError, match="not those of checkpoint 2"):
        verify_files(*files)


async def test_accounts_that_are_new_or_further_on_are_no_fault(shop: Any) -> None:
    """The verdict says against which checkpoint accounts were held."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    await _checkpoint(shop)
    await shop.hold(coupon_id)
    newer = (await shop.issue()).coupon.coupon_id
    verdict = await shop.verify()
    assert (2, 0, 1) == (
        verdict.accounts_checked,
        verdict.fault_count,
        verdict.checkpoint_number,
    )
    assert verdict.checkpoint_time.ToMilliseconds() > 0
    for one in (coupon_id, newer):
        assert (1, 0, 1) == (
            (one_verdict := await shop.verify(one)).accounts_checked,
            one_verdict.fault_count,
            one_verdict.checkpoint_number,
        )


async def test_one_account_is_held_against_its_page(shop: Any) -> None:
    """Removed, or hidden behind an index of pages that was changed."""
    await shop.add_offer()
    count = 3 * PAGE_LEAVES
    await shop.issue_list([f"customer-{number}" for number in range(count)])
    await _checkpoint(shop)
    found = await shop.accounts.find({}, {"_id": 1}).sort("_id", 1).to_list(None)
    account_id = found[10]["_id"]["a"]
    assert 0 == (await shop.verify(account_id)).fault_count
    await shop.accounts.delete_one({"_id": found[10]["_id"]})
    verdict = await shop.verify(account_id)
    assert [(pb.JOURNAL_FAULT_KIND_ACCOUNT_MISSING, account_id, 1)] == [
        (fault.kind, fault.account_id, fault.checkpoint_number) for fault in verdict.new_faults
    ]
    lists = shop.parts.base.database.checkpoint_lists
    await lists.update_one({"_id.p": 0}, {"$set": {"first": "z"}})
    await lists.update_one({"_id.p": 1}, {"$set": {"first": "a"}})
    kinds = {
        fault.kind for fault in (await shop.parts.audit.verifier.account("shop", account_id)).fresh
    }
    assert {FaultKind.CHECKPOINT_ALTERED} == kinds - {FaultKind.ACCOUNT_MISSING}


async def test_another_process_finds_that_checkpoints_were_removed(shop: Any) -> None:
    """All of them by the age of the tenant, also when they begin anew; the newest by a copy that
    an auditor kept."""
    await shop.add_offer()
    await shop.issue()
    for _ in range(2):
        kept = await _checkpoint(shop)
    notes = await _replica(shop).book.page("shop", after=1, limit=1)
    checkpoints = shop.parts.base.database.checkpoints
    await checkpoints.delete_one({"_id": {"t": "shop", "n": 2}})
    other = _replica(shop)
    assert [] == (await _verdict(other)).fresh
    assert [(FaultKind.CHECKPOINT_MISSING, 2)] == [
        (fault.kind, fault.checkpoint) for fault in (await _verdict(other, known=[kept])).fresh
    ]
    request = pb.VerifyJournalRequest(known_checkpoints=[notes[0].note])
    *_, last = await _all(shop, shop.journal.VerifyJournal, request)
    assert [pb.JOURNAL_FAULT_KIND_CHECKPOINT_MISSING] * 2 == [
        fault.kind for fault in last.new_faults
    ]
    await checkpoints.delete_many({})
    late = _replica(shop)
    late.verifier._wall_ms = lambda: wall_ms() + 2 * HOUR_MS
    late.taker._wall_ms = late.verifier._wall_ms
    assert [FaultKind.CHECKPOINT_MISSING] == [fault.kind for fault in (await _verdict(late)).fresh]
    begun = await late.taker.take("shop")
    assert begun is not None
    assert 1 == begun.number
    assert ["checkpoint 1: it is the first, and the tenant is much older than it"] == (
        await _verdict(late)
    ).faults


async def test_two_replicas_take_one_checkpoint_a_time(shop: Any) -> None:
    """When it is due, and not before; whoever comes second finds it taken."""
    await shop.add_offer()
    await shop.issue()
    replicas = [_replica(shop) for _ in range(4)]
    taken = await asyncio.gather(*[replica.taker.take("shop") for replica in replicas])
    assert [1] == [each.number for each in taken if each]
    assert [None] * 4 == [await replica.taker.take("shop") for replica in replicas]
    for replica in replicas:
        replica.taker._wall_ms = lambda: wall_ms() + HOUR_MS
    taken = await asyncio.gather(*[replica.taker.take("shop") for replica in replicas])
    assert [2] == [each.number for each in taken if each]


class SlowStore(CheckpointStore):
    """Waits before it writes a checkpoint, as a replica does whose machine stands still."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.writing, self.gone_on = asyncio.Event(), asyncio.Event()

    async def add(self, tenant_id: str, checkpoint: StoredCheckpoint) -> bool:
        """After it was told to go on."""
        self.writing.set()
        await self.gone_on.wait()
        return await super().add(tenant_id, checkpoint)


async def test_the_loser_of_a_race_writes_nothing(shop: Any) -> None:
    """Its turn had run out, and another replica had written that number."""
    await shop.add_offer()
    await shop.issue()
    slow, fast = _replica(shop), _replica(shop)
    store = SlowStore(shop.parts.base.database)
    slow.taker._store = store
    waiting = asyncio.create_task(slow.taker.take("shop"))
    await store.writing.wait()
    fast.taker._wall_ms = lambda: wall_ms() + HOUR_MS
    written = await fast.taker.take("shop")
    assert written is not None
    assert 1 == written.number
    store.gone_on.set()
    assert await waiting is None
    assert [1] == await shop.parts.base.database.checkpoints.distinct("_id.n")
    assert 0 == (await _verdict(fast)).fault_count


class LateReader(CheckpointStore):
    """Has the next checkpoint written and seen after it read, and before it answers."""

    def __init__(self, shop: Any) -> None:
        super().__init__(shop.parts.base.database)
        self._shop = shop

    async def page(self, tenant_id: str, *, after: int, limit: int) -> list[StoredCheckpoint]:
        """What there was before."""
        found = await super().page(tenant_id, after=after, limit=limit)
        if found and found[0].number == 1:
            await _checkpoint(self._shop)
            return found
        return []


async def test_a_checkpoint_that_is_seen_while_others_are_read_is_not_missed(shop: Any) -> None:
    """Verification tells of what was seen before it began; later ones are not gone but new."""
    await shop.add_offer()
    await shop.issue()
    await _checkpoint(shop)
    book = shop.parts.audit.book
    store, book._store = book._store, LateReader(shop)
    chain = await book.whole("shop")
    assert ([], 1) == (chain.faults, chain.head.number)
    book._store = store
    assert 2 == (await book.whole("shop")).head.number


async def test_virtual_tenants_have_checkpoints_on_wall_time(shop: Any) -> None:
    """Entries of years ago are no sign that checkpoints were removed."""
    year_2017_ms = 1_483_228_800_000
    await shop.parts.base.clocks.advance("replay", year_2017_ms, year_2017_ms)
    await shop.add_offer(tenant="replay")
    await shop.issue(tenant="replay")
    assert 0 == (await _verdict(shop.parts.audit, "replay")).fault_count
    checkpoint = await _checkpoint(shop, "replay")
    assert checkpoint.taken_ms > year_2017_ms + HOUR_MS
    verdict = await _verdict(shop.parts.audit, "replay")
    assert (1, 0) == (verdict.accounts_checked, verdict.fault_count)


async def _spend(shop: Any, rounds: range) -> None:
    """A line an id on one budget, whose journal is cut into pages of 200."""
    steps = PagedSteps(shop.parts.group, shop.parts.accounts.pages)

    async def take(number: int) -> None:
        line = Line(FUND, 0, Request(f"r-{number}", "partner:till", b"p" * 16), wall_ms())

        def decide(account: Any, looked: Looked) -> LineDecision | NeedsPages:
            return take_line(account, line, 1, looked=looked)

        await steps.submit(FUND.key(0), decide)

    for start in range(rounds.start, rounds.stop, 100):
        await asyncio.gather(*[take(number) for number in range(start, start + 100)])


async def _recompute(shop: Any, first: int) -> None:
    """Rewrites entry `first` of the budget, and every hash behind it in pages and document."""
    database, key = shop.parts.base.database, FUND.key(0)
    previous = None
    pages = await database.pages.find({"_id.a": key.a}).sort("_id", 1).to_list(None)
    document = await shop.accounts.find_one({"_id.a": key.a})
    for holder in (*pages, document):
        holder["before"] = previous
        for stored in holder["entries"]:
            if stored["n"] == first:
                stored["actor"] = "admin:eve"
            if stored["n"] >= first:
                assert previous is not None
                stored["hash"] = entry_hash(previous, msgspec.convert(stored, Entry))
            previous = stored["hash"]
        holder["hash"] = previous
    for page in pages[1:]:
        await database.pages.replace_one({"_id": page["_id"]}, page)
    del document["before"]
    document["sealed_hash"] = pages[-1]["hash"]
    await shop.accounts.replace_one({"_id": document["_id"]}, document)


async def test_accounts_of_pages_are_checked_over_all_of_them(shop: Any) -> None:
    """Their leaves move forward over pages that were sealed since; a chain that is rewritten in an
    old page, recomputed up to the newest entry, is found."""
    await _spend(shop, range(700))
    first = await _checkpoint(shop)
    await _spend(shop, range(700, 1_500))
    second = await _checkpoint(shop)
    document = await shop.accounts.find_one({"_id.a": FUND.key(0).a})
    assert first.entries + 200 < document["sealed"]
    await _spend(shop, range(1_500, 1_800))
    verdict = await _verdict(shop.parts.audit)
    assert (1_501, 1_801, []) == (second.entries, verdict.entries_checked, verdict.faults)
    await _recompute(shop, 450)
    for found in (
        (await _verdict(shop.parts.audit)),
        await shop.parts.audit.verifier.account("shop", FUND.key(0).a),
    ):
        assert [(FaultKind.ACCOUNT_REWRITTEN, FUND.key(0).a)] == [
            (fault.kind, fault.account) for fault in found.fresh
        ]
    third = await _checkpoint(shop)
    assert (second.entries, second.root) == (third.entries, third.root)


async def test_only_auditors_of_the_tenant_read_its_checkpoints(shop: Any) -> None:
    """A foreign tenant finds none, tills and customers may not ask; a foreign note is no copy."""
    await shop.add_offer()
    await shop.issue()
    await _checkpoint(shop)
    listing = pb.ListCheckpointsRequest()
    foreign = await shop.send(
        shop.journal.ListCheckpoints, listing, shop.token(Role.ADMIN, tenant="other")
    )
    assert [] == list(foreign.checkpoints)
    for role in (Role.CUSTOMER, Role.PARTNER, Role.STAFF, Role.VISITOR):
        for method, request in (
            (shop.journal.ListCheckpoints, listing),
            (shop.journal.GetCheckpointKey, pb.GetCheckpointKeyRequest()),
        ):
            with pytest.raises(RpcFailure) as refused:
                await shop.send(method, request, shop.token(role))
            assert Code.ROLE_NOT_ALLOWED is refused.value.code
    note = (await shop.parts.audit.book.page("shop", after=0, limit=1))[0].note
    for wrong in ("other", note.replace("number 1", "number 2")):
        known = pb.VerifyJournalRequest(known_checkpoints=[wrong])
        with pytest.raises(Exception, match="as it came"):
            await _all(shop, shop.journal.VerifyJournal, known)
    with pytest.raises(Exception, match="no such checkpoint"):
        await _all(shop, shop.journal.ExportCheckpoint, pb.ExportCheckpointRequest(number=7))
