"""Collection `accounts`: one document an account, {_id: {t, a}, v, state, ..., hash, entries}.

Of an account whose journal grows without end the oldest entries are in store_pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import bson
import msgspec
from bson.errors import BSONError
from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, IndexModel, InsertOne, UpdateOne, WriteConcern
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from offers_service import journal, pages, store_entries, store_errors
from offers_service.budget_account import BudgetAccount
from offers_service.code_account import CodeAccount
from offers_service.codes import Secrets
from offers_service.commit import DamagedError
from offers_service.coupon_account import AccountKey, CouponAccount, CouponState
from offers_service.gift_account import GiftAccount
from offers_service.gift_days import GiftDay
from offers_service.invitations import InvitationAccount
from offers_service.inviters import InviterAccount
from offers_service.journal import Entry
from offers_service.pages import Page
from offers_service.place_account import ClosedPlace
from offers_service.points_account import PointsAccount
from offers_service.points_gifts import PointsGiftAccount
from offers_service.staff_discounts import StaffAccount
from offers_service.store_orders import OrderStore
from offers_service.store_pages import PageStore

NAME = "accounts"
AnyAccount = (
    CouponAccount
    | GiftAccount
    | GiftDay
    | ClosedPlace
    | BudgetAccount
    | PointsAccount
    | PointsGiftAccount
    | InviterAccount
    | InvitationAccount
    | StaffAccount
    | CodeAccount
)
# Kinds whose journals are cut into pages.
PAGED = (BudgetAccount, PointsAccount)
outages = store_errors.outages
_WRITE_TIMEOUT_MS = 15_000
_DUE = "due_ms"
# Taken off beside the steps (mark_settled), so that a step that leaves them as it read them has to
# write them again.
_MARKS = frozenset({"owes", "settle_ms"})
INDEXES = [
    # A customer's coupons and the gifts that a customer gave, in order of id.
    IndexModel([("_id.t", ASCENDING), ("owner", ASCENDING), ("kind", ASCENDING), ("_id.a", 1)]),
    # Codes and tokens by keyed hash. Not unique: on a sharded cluster it could not be.
    IndexModel([("lookup", ASCENDING)]),
    IndexModel([("_id.t", 1), (_DUE, 1)], partialFilterExpression={_DUE: {"$exists": True}}),
    # Gifts meant for a customer, and those that one claimed.
    *[
        IndexModel(
            [("_id.t", ASCENDING), (field, ASCENDING), ("_id.a", ASCENDING)],
            partialFilterExpression={field: {"$exists": True}},
        )
        for field in ("recipient", "claimer")
    ],
    # Coupons whose budget may be behind them.
    IndexModel(
        [("_id.t", ASCENDING), ("settle_ms", ASCENDING)],
        partialFilterExpression={"settle_ms": {"$exists": True}},
    ),
    *store_entries.ACCOUNT_INDEXES,
]


class UnstorableError(ValueError):
    """A request holds something that BSON cannot."""


def encode_key(key: AccountKey) -> dict[str, str]:
    """The key as MongoDB's _id; the order of its fields matters."""
    return {"t": key.t, "a": key.a}


def decode(document: Mapping[str, Any]) -> AnyAccount:
    """An account as stored. Raises msgspec.ValidationError for what is none."""
    return msgspec.convert(document, AnyAccount)  # type: ignore[no-any-return]


def encode(account: AnyAccount) -> dict[str, Any]:
    """An account as it is stored."""
    document: dict[str, Any] = msgspec.to_builtins(account, builtin_types=(bytes,))
    return document


def encode_entry(entry: Entry) -> dict[str, Any]:
    """One line of the journal as it is stored."""
    document: dict[str, Any] = msgspec.to_builtins(entry, builtin_types=(bytes,))
    return document


def admit(content: msgspec.Struct) -> None:
    """Encodes a request's content, so that what BSON cannot hold fails alone and at once.

    Raises UnstorableError.
    """
    try:
        bson.encode({"content": msgspec.to_builtins(content, builtin_types=(bytes,))})
    except (BSONError, OverflowError, UnicodeError, msgspec.ValidationError) as error:
        raise UnstorableError(type(error).__name__) from None


def _update(before: AnyAccount, after: AnyAccount, cut: Sequence[Page] = ()) -> UpdateOne:
    """The step from one state to the next, which drops `cut`, pages that are stored."""
    added = [encode_entry(entry) for entry in after.entries[len(before.entries) :]]
    pushed: dict[str, Any] = {"$each": added}
    if cut and isinstance(after, PAGED):
        after = pages.without(after, cut)
        pushed["$slice"] = -len(after.entries)
    assigned: dict[str, Any] = {}
    removed: dict[str, str] = {}
    for field in after.__struct_fields__:
        value = getattr(after, field)
        same = value == getattr(before, field) and not (value and field in _MARKS)
        if field == "entries" or same:
            continue
        if value:
            assigned[field] = msgspec.to_builtins(value, builtin_types=(bytes,))
        else:
            removed[field] = ""
    change = {"$set": assigned, "$push": {"entries": pushed}}
    if removed:
        change["$unset"] = removed
    return UpdateOne({"_id": encode_key(after.key), "v": before.v}, change)


def issue_documents(
    sample: CouponAccount, secrets: Secrets, coupon_id: Callable[[str], str], owners: Sequence[str]
) -> list[dict[str, Any]]:
    """What `sample`, an issued coupon, would be for each of `owners`: documents to insert.

    Everything that the coupons share is computed once; each costs four hashes and two dicts.
    """
    tenant_id, first = sample.key.t, sample.entries[0]
    document, entry = encode(sample), encode_entry(first)
    head = journal.frame_head(first)
    documents = []
    for owner in owners:
        account = coupon_id(owner)
        digest = journal.chain(journal.genesis(tenant_id, account), head, owner)
        documents.append(
            {
                **document,
                "_id": {"t": tenant_id, "a": account},
                "owner": owner,
                "lookup": secrets.code_lookup(account, 0),
                "hash": digest,
                "entries": [{**entry, "owner": owner, "hash": digest}],
            }
        )
    return documents


class AccountStore:
    """Reads are majority reads, writes majority and journaled. Full pages are sealed by the step
    that comes after them; page_entries and kept_entries as in pages.full_pages."""

    def __init__(
        self,
        database: Any,
        *,
        page_entries: int = pages.PAGE_ENTRIES,
        kept_entries: int = pages.KEPT_ENTRIES,
    ) -> None:
        self._database = database
        self._sizes = page_entries, kept_entries
        self.pages = PageStore(database)
        self.orders = OrderStore(database)
        self._accounts = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True, wtimeout=_WRITE_TIMEOUT_MS),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection and its indexes; harmless to repeat."""
        await create_collections(self._database, [NAME])
        await self._accounts.create_indexes(INDEXES)
        await self.pages.prepare()
        await self.orders.prepare()

    async def load(
        self, keys: Sequence[AccountKey]
    ) -> Mapping[AccountKey, AnyAccount | DamagedError]:
        """Accounts by key; missing ones are left out, damaged ones say so."""
        wanted = {"_id": {"$in": [encode_key(key) for key in keys]}}
        with outages():
            found = await self._accounts.find(wanted).to_list(None)
        accounts: dict[AccountKey, AnyAccount | DamagedError] = {}
        for document in found:
            key = AccountKey(document["_id"]["t"], document["_id"]["a"])
            try:
                accounts[key] = decode(document)
            except msgspec.ValidationError:
                accounts[key] = DamagedError(key.a)
        return accounts

    async def save(
        self, changes: Sequence[tuple[AnyAccount | None, AnyAccount]]
    ) -> set[AccountKey]:
        """One unordered bulk write; answers the keys whose account was no longer as before, whose
        page is not what a page of it has to be, or whose document the database refuses."""
        operations: list[InsertOne[Any] | UpdateOne] = []
        for before, after in changes:
            try:
                cut = await self._seal(before)
            except DamagedError:
                continue
            operations.append(
                InsertOne(encode(after)) if before is None else _update(before, after, cut)
            )
        if not operations:
            return {after.key for _, after in changes}
        with outages():
            try:
                result = await self._accounts.bulk_write(operations, ordered=False)
                done = result.matched_count + result.inserted_count
            except BulkWriteError as error:
                done = store_errors.surviving(error, refused=True)
            return await self._lost(changes) if done < len(changes) else set()

    async def _seal(self, stored: AnyAccount | None) -> Sequence[Page]:
        """Pages that the account, as it is stored, is full of; now they are stored as well."""
        if not isinstance(stored, PAGED):
            return ()
        cut = pages.full_pages(stored, *self._sizes)
        return await self.pages.seal(stored, cut) if cut else ()

    async def _lost(self, changes: Sequence[tuple[Any, AnyAccount]]) -> set[AccountKey]:
        """Those whose last entry is not in the journal: hashes tell one writer from another."""
        stored = await self.load([after.key for _, after in changes])
        return {
            after.key
            for _, after in changes
            if await self._hash(stored.get(after.key), after.v) != after.hash
        }

    async def _hash(self, account: AnyAccount | DamagedError | None, number: int) -> bytes | None:
        """The hash of one entry of an account, wherever that is."""
        if account is None or isinstance(account, DamagedError) or account.v < number:
            return None
        sealed = account.v - len(account.entries)
        if number > sealed:
            return account.entries[number - sealed - 1].hash
        entry = await self.pages.entry(account.key, number)
        return entry.hash if entry else None

    async def insert_many(self, documents: Sequence[Mapping[str, Any]]) -> int:
        """Inserts new accounts; answers how many of them were new.

        Raises OutcomeUnknownError.
        """
        with outages():
            try:
                await self._accounts.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                return store_errors.surviving(error)
        return len(documents)

    async def existing(self, tenant_id: str, account_ids: Sequence[str]) -> set[str]:
        """Which of these accounts exist."""
        wanted = {"_id": {"$in": [{"t": tenant_id, "a": one} for one in account_ids]}}
        with outages():
            found = await self._accounts.find(wanted, {"_id": 1}).to_list(None)
        return {one["_id"]["a"] for one in found}

    async def get(self, key: AccountKey) -> AnyAccount | None:
        """One account. Raises DamagedError."""
        account = (await self.load([key])).get(key)
        if isinstance(account, DamagedError):
            raise account
        return account

    async def find(self, tenant_id: str, lookup: bytes) -> AnyAccount | None:
        """The account of a code or token by its keyed hash; None also when it is ambiguous."""
        with outages():
            query = {"lookup": lookup, "_id.t": tenant_id}
            found = await self._accounts.find(query).limit(2).to_list(None)
        return decode(found[0]) if len(found) == 1 else None

    async def owned(
        self,
        tenant_id: str,
        owner: str,
        kind: str,
        *,
        after: str,
        limit: int,
        narrowed: Mapping[str, Any] | None = None,
    ) -> list[AnyAccount]:
        """Accounts of one owner in order of id, beyond the id `after`; `narrowed` by fields."""
        query = {"_id.t": tenant_id, "owner": owner, "kind": kind, "_id.a": {"$gt": after}}
        with outages():
            cursor = self._accounts.find({**query, **(narrowed or {})})
            found = await cursor.sort("_id.a", ASCENDING).limit(limit).to_list(None)
        return [decode(document) for document in found]

    async def gifts_by(
        self,
        tenant_id: str,
        field: str,
        customer_ids: Sequence[str],
        *,
        after: str,
        limit: int,
        narrowed: Mapping[str, Any] | None = None,
    ) -> list[GiftAccount]:
        """Gifts of which `field` (owner, recipient, claimer) is one of the customers, in order of
        id, beyond the id `after`; `narrowed` by fields."""
        query = {"_id.t": tenant_id, field: {"$in": list(customer_ids)}, "kind": "gift"}
        with outages():
            cursor = self._accounts.find({**query, "_id.a": {"$gt": after}, **(narrowed or {})})
            found = await cursor.sort("_id.a", ASCENDING).limit(limit).to_list(None)
        accounts = [decode(document) for document in found]
        return [account for account in accounts if isinstance(account, GiftAccount)]

    async def of_people(
        self, tenant_id: str, customer_ids: Sequence[str], limit: int
    ) -> list[AnyAccount]:
        """Coupons that one of the customers owns, and gifts that one of them gave or claimed."""
        owned = {"owner": {"$in": customer_ids}, "kind": {"$in": ["coupon", "gift"]}}
        claimed = {"claimer": {"$in": customer_ids}, "kind": "gift"}
        found: list[Mapping[str, Any]] = []
        with outages():
            for query in (owned, claimed):
                cursor = self._accounts.find({"_id.t": tenant_id, **query}).limit(limit)
                found += await cursor.to_list(None)
        return [decode(document) for document in found]

    async def due(
        self, tenant_id: str, now_ms: int, limit: int, kinds: Sequence[str] = ("coupon", "gift")
    ) -> list[tuple[AccountKey, str]]:
        """Accounts of which something has run out, oldest first: key, and the coupon's id."""
        query = {
            "_id.t": tenant_id,
            _DUE: {"$gt": 0, "$lte": now_ms},
            "kind": {"$in": list(kinds)},
        }
        with outages():
            cursor = self._accounts.find(query, {"coupon": 1})
            found = await cursor.sort(_DUE, ASCENDING).limit(limit).to_list(None)
        return [
            (AccountKey(one["_id"]["t"], one["_id"]["a"]), one.get("coupon", one["_id"]["a"]))
            for one in found
        ]

    async def next_due_ms(self, tenant_id: str) -> int | None:
        """When the next hold or escrow runs out; None when there is none."""
        with outages():
            found = await self._accounts.find_one(
                {"_id.t": tenant_id, _DUE: {"$gt": 0}}, {_DUE: 1}, sort=[(_DUE, ASCENDING)]
            )
        return int(found[_DUE]) if found else None

    async def unsettled(self, tenant_id: str, now_ms: int, limit: int) -> list[CouponAccount]:
        """Coupons whose budget may not have followed them, longest ago first."""
        return await self._marked(
            {"_id.t": tenant_id, "settle_ms": {"$gt": 0, "$lte": now_ms}}, limit
        )

    async def asking(self, tenant_id: str, campaign: str, limit: int) -> list[CouponAccount]:
        """Coupons of a campaign whose budget has not answered them yet, longest ago first."""
        query = {"_id.t": tenant_id, "settle_ms": {"$gt": 0}, "campaign": campaign}
        return await self._marked({**query, "state": CouponState.HOLDING.value}, limit)

    async def _marked(self, query: Mapping[str, Any], limit: int) -> list[CouponAccount]:
        with outages():
            cursor = self._accounts.find(query).sort("settle_ms", ASCENDING).limit(limit)
            found = [decode(document) for document in await cursor.to_list(None)]
        return [account for account in found if isinstance(account, CouponAccount)]

    async def mark_settled(self, coupons: Sequence[CouponAccount]) -> None:
        """Takes the marks off coupons whose budget has followed, if they are as they were. Where
        that is lost recovery looks in vain, so it need not be durable."""
        unmark = {"$unset": dict.fromkeys(_MARKS, "")}
        updates = [
            UpdateOne({"_id": encode_key(coupon.key), "v": coupon.v}, unmark) for coupon in coupons
        ]
        lightly = self._accounts.with_options(write_concern=WriteConcern(1))
        with outages():
            await lightly.bulk_write(updates, ordered=False)
