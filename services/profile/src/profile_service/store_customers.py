"""Customers: collection `customers`, {_id: {t, c}, version, ...}; changes compare versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dangol_rules.tree import Rule

from profile_service import filters
from profile_service.consents import Decision
from profile_service.domain import (
    AnsweredRequest,
    Attributes,
    Customer,
    FieldKind,
    FieldValue,
)
from profile_service.personal import pack, unpack
from profile_service.renewals import oldest_ms
from profile_service.sealing import Vault
from profile_service.search import name_keys
from profile_service.store import CUSTOMERS, database_errors, insert_new, long_read
from profile_service.store_filters import NUMBERS, TERMS, to_condition, to_number

# Greater than every id.
_LAST = "\U0010ffff"
# What customers are found by is never read back.
_UNREAD = {TERMS: 0, NUMBERS: 0, "found": 0}
_SEALED = {"personal": 0, "data_key": 0}
_PERSONAL = b"personal\0"
_FIND_BATCH = 5_000
_PLAIN = ("gender", "age_band", "tier", "region", "language")


@dataclass(frozen=True, slots=True)
class Merged:
    """A tombstone: whom the customer was merged into, and at what wall time."""

    tenant_id: str
    customer_id: str
    merged_into: str
    merged_ms: int


class CustomerStore:
    """Personal attributes are sealed under the customer's own key; the others are stored plain."""

    def __init__(self, database: Any, vault: Vault) -> None:
        self._customers = database[CUSTOMERS]
        self._vault = vault

    async def insert(self, customers: Sequence[Customer]) -> set[str]:
        """Inserts new customers; answers the ids of those that did not exist before."""
        if not customers:
            return set()
        taken = await insert_new(self._customers, [self._to_document(one) for one in customers])
        return {one.customer_id for position, one in enumerate(customers) if position not in taken}

    async def get(self, tenant_id: str, customer_id: str) -> Customer | None:
        """The customer, a tombstone too; None when there is none."""
        return (await self.get_many(tenant_id, [customer_id])).get(customer_id)

    async def get_many(
        self, tenant_id: str, customer_ids: Iterable[str], *, sealed: bool = True
    ) -> dict[str, Customer]:
        """Those of the customers that exist, by id.

        Without what is sealed they are only to be looked at: saving one would lose that.
        """
        condition = {"_id": {"$in": [_key(tenant_id, one) for one in customer_ids]}}
        with database_errors():
            cursor = self._customers.find(condition, _fields(sealed), batch_size=_FIND_BATCH)
            found = await cursor.to_list(None)
        return {one["_id"]["c"]: self._from_document(one) for one in found}

    async def replace(self, changed: Customer, version: int) -> bool:
        """Saves a customer if the stored version is still `version`.

        And if the data key is still sealed as it was read: a key that was sealed anew meanwhile
        must not come back as it was, so the caller reads again, and finds the same version.
        """
        document = self._to_document(changed)
        condition = {"_id": document["_id"], "version": version}
        if changed.data_key:
            condition["data_key"] = changed.data_key
        with database_errors():
            result = await self._customers.replace_one(condition, document)
        return bool(result.matched_count)

    async def page(
        self,
        tenant_id: str,
        after_id: str,
        limit: int,
        rule: Rule | None = None,
        tag: str = "",
        *,
        walked: bool = False,
        sealed: bool = True,
    ) -> list[Customer]:
        """Customers with greater ids, in their order, without those merged away.

        sealed: as in get_many. walked: everybody alive is looked at, in that order, until the page
        is full.
        """
        condition = {**to_condition(tenant_id, rule, tag), "_id.c": {"$gt": after_id}}
        options: dict[str, Any] = {}
        if walked:
            condition["merged_into"], options["hint"] = "", "live"
        with database_errors():
            cursor = self._customers.find(
                condition, _fields(sealed), batch_size=_FIND_BATCH, **options
            )
            found = await cursor.sort("_id.c", 1).limit(limit).to_list(None)
        return [self._from_document(one) for one in found]

    async def list_all(self, tenant_id: str, after_id: str, limit: int) -> Sequence[Customer]:
        """Customers with greater ids, in their order, tombstones included."""
        between = {"$gt": _key(tenant_id, after_id), "$lt": _key(tenant_id, _LAST)}
        with database_errors():
            cursor = self._customers.find({"_id": between}).sort("_id", 1).limit(limit)
            return [self._from_document(found) async for found in cursor]

    async def merged(
        self, tenant_id: str | None, after: tuple[int, str, str], limit: int
    ) -> list[Merged]:
        """Tombstones of one tenant or of all, by (time, tenant, customer), beyond `after`."""
        since_ms, after_tenant, after_id = after
        position = _key(after_tenant, after_id)
        later = [
            {"merged_ms": since_ms, "_id": {"$gt": position}},
            {"merged_ms": {"$gt": since_ms}},
        ]
        query: dict[str, Any] = {"merged_ms": {"$gt": 0, "$gte": since_ms}, "$or": later}
        if tenant_id is not None:
            query["_id.t"] = tenant_id
        with database_errors():
            cursor = self._customers.find(query, {"merged_into": 1, "merged_ms": 1})
            found = await cursor.sort([("merged_ms", 1), ("_id", 1)]).limit(limit).to_list(None)
        return [
            Merged(one["_id"]["t"], one["_id"]["c"], one["merged_into"], one["merged_ms"])
            for one in found
        ]

    async def renewing(
        self, tenant_id: str, began_before_ms: int, after: tuple[int, str], limit: int
    ) -> list[tuple[Customer, int]]:
        """Customers of whose consents to advertising the oldest began before an instant, with when
        that was, in order of (that time, id) behind a position."""
        since_ms, after_id = after
        later = [
            {"renew_ms": since_ms, "_id.c": {"$gt": after_id}},
            {"renew_ms": {"$gt": since_ms}},
        ]
        query = {
            "_id.t": tenant_id,
            "renew_ms": {"$gt": 0, "$gte": since_ms, "$lt": began_before_ms},
            "merged_into": "",
            "$or": later,
        }
        with database_errors():
            cursor = self._customers.find(query).sort([("renew_ms", 1), ("_id.c", 1)])
            found = await cursor.limit(limit).to_list(None)
        return [(self._from_document(one), one["renew_ms"]) for one in found]

    async def search(
        self, tenant_id: str, keys: Sequence[bytes], customer_ids: Sequence[str] | None, limit: int
    ) -> list[Customer]:
        """Those found under every key, among some ids or all, in order of id."""
        condition: dict[str, Any] = {"_id.t": tenant_id, "merged_into": ""}
        if keys:
            condition["found"] = {"$all": list(keys), "$exists": True}
        if customer_ids is not None:
            condition["_id"] = {"$in": [_key(tenant_id, one) for one in customer_ids]}
        with database_errors():
            cursor = self._customers.find(condition).sort("_id.c", 1).limit(limit)
            return [self._from_document(found) async for found in cursor]

    async def count(
        self, tenant_id: str, rule: Rule | None = None, tag: str = "", limit: int = 0
    ) -> int:
        """How many customers there are that were not merged away; limit bounds it."""
        condition = to_condition(tenant_id, rule, tag)
        options = {"limit": limit} if limit else {}
        with long_read():
            return int(await self._customers.count_documents(condition, **options))

    def _to_document(self, customer: Customer) -> dict[str, Any]:
        data_key, personal = self._seal(customer)
        attributes = customer.attributes
        return {
            "_id": _key(customer.tenant_id, customer.customer_id),
            "version": customer.version,
            "created_ms": customer.created_ms,
            "member": customer.member,
            "merged_into": customer.merged_into,
            "merged_ms": customer.merged_ms,
            "absorbed": list(customer.absorbed),
            "requests": [{"k": one.key, "f": one.fingerprint} for one in customer.requests],
            "consents": [[name, *one] for name, one in sorted(customer.consents.items())],
            "renew_ms": oldest_ms(customer.consents),
            "data_key": data_key,
            "personal": personal,
            **{name: getattr(attributes, name) for name in _PLAIN},
            "tags": list(attributes.tags),
            "preferences": {name: list(some) for name, some in attributes.preferences.items()},
            **self._found(customer),
            TERMS: filters.terms(customer),
            NUMBERS: [
                {"k": name, "v": to_number(value)} for name, value in filters.numbers(customer)
            ],
            "stamps": [list(one) for one in sorted(customer.stamps.items())],
            "fields": {
                name: {"k": one.kind.value, "v": one.value}
                for name, one in attributes.fields.items()
            },
        }

    def _found(self, customer: Customer) -> dict[str, Any]:
        """The keyed hashes under which staff find the name, of whoever has one and lives."""
        keys = [] if customer.merged_into else name_keys(customer.attributes.display_name)
        hashes = [
            self._vault.search_key(customer.tenant_id, kind.value, text) for kind, text in keys
        ]
        return {"found": hashes} if hashes else {}

    def _seal(self, customer: Customer) -> tuple[bytes, bytes]:
        """The customer's data key, sealed, and the personal attributes, sealed under it."""
        plain = pack(customer.attributes)
        if not plain:
            return customer.data_key, b""
        owner = customer.customer_id.encode()
        context = _PERSONAL + owner
        if not customer.data_key:
            return self._vault.seal_new(customer.tenant_id, owner, plain, context)
        key = self._vault.open_key(customer.tenant_id, owner, customer.data_key)
        return key.sealed, key.seal(plain, context)

    def _from_document(self, found: dict[str, Any]) -> Customer:
        tenant_id, customer_id = found["_id"]["t"], found["_id"]["c"]
        attributes = Attributes(
            gender=found["gender"],
            age_band=found["age_band"],
            tier=found["tier"],
            region=found["region"],
            language=found["language"],
            tags=tuple(found["tags"]),
            fields={
                name: FieldValue(FieldKind(one["k"]), one["v"])
                for name, one in found["fields"].items()
            },
            preferences={name: tuple(some) for name, some in found.get("preferences", {}).items()},
            **self._open(tenant_id, customer_id, found),
        )
        return Customer(
            tenant_id,
            customer_id,
            found["version"],
            found["created_ms"],
            found["member"],
            attributes,
            found["merged_into"],
            found.get("merged_ms", 0),
            tuple(found["absorbed"]),
            tuple([AnsweredRequest(one["k"], one["f"]) for one in found["requests"]]),
            found.get("data_key", b""),
            {name: Decision(*one) for name, *one in found.get("consents", ())},
            dict(found.get("stamps", ())),
        )

    def _open(self, tenant_id: str, customer_id: str, found: dict[str, Any]) -> dict[str, Any]:
        sealed = found.get("personal")
        if not sealed:
            return {}
        owner = customer_id.encode()
        data_key = found["data_key"]
        return unpack(self._vault.open(tenant_id, owner, data_key, sealed, _PERSONAL + owner))


def _fields(sealed: bool) -> dict[str, int]:
    return _UNREAD if sealed else _UNREAD | _SEALED


def _key(tenant_id: str, customer_id: str) -> dict[str, str]:
    """The order of the fields is part of the key."""
    return {"t": tenant_id, "c": customer_id}
