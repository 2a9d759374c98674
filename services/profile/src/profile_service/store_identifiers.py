"""Who owns which identifier: collection `identifiers`, {_id: keyed hash, t, c, ns, v, k, l4, g,
gone}.

The document is the lock: an identifier belongs to the customer whose insert came first, and moves
only by a merge. v is the sealed value and k the sealed data key of this identifier, under which the
events sent with it are sealed too, so that a merge re-seals nothing. l4, of telephone numbers
alone, is the keyed hash of the last four digits. When its owner is erased, v, k and l4 go, c
becomes empty, g counts up, and gone says until when events under it stay out; whoever claims it
next gets it with a key of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from profile_service.records import Identity, NewIdentity
from profile_service.sealing import Vault
from profile_service.search import SearchKind, last_four
from profile_service.store import IDENTIFIERS, database_errors, insert_new

_VALUE = b"identifier\0"
_UNREAD = {"v": 0, "t": 0, "l4": 0}
_NAMED = {"c": 1, "ns": 1}
# The driver's first batch of 101 would be a second round trip for a page of customers.
_FIND_BATCH = 5_000


class IdentifierStore:
    """Finds, claims and moves identifiers."""

    def __init__(self, database: Any, vault: Vault) -> None:
        self._identifiers = database[IDENTIFIERS]
        self._vault = vault

    async def find(self, hashes: Sequence[bytes]) -> dict[bytes, Identity]:
        """The known ones among these hashes. Hashes are keyed by tenant, so no tenant is needed."""
        if not hashes:
            return {}
        condition = {"_id": {"$in": list(hashes)}}
        with database_errors():
            cursor = self._identifiers.find(condition, _UNREAD, batch_size=_FIND_BATCH)
            found = await cursor.to_list(None)
        return {one["_id"]: _from_document(one) for one in found}

    async def claim(self, tenant_id: str, wanted: Sequence[NewIdentity]) -> dict[bytes, Identity]:
        """Gives identifiers to customers; answers those that were won, not those taken before."""
        documents = [self._to_document(tenant_id, one) for one in wanted]
        taken = await insert_new(self._identifiers, documents) if documents else set()
        taken -= {position for position in taken if await self._revive(documents[position])}
        return {
            one.identifier_hash: _from_document(document)
            for position, (one, document) in enumerate(zip(wanted, documents, strict=True))
            if position not in taken
        }

    async def _revive(self, document: dict[str, Any]) -> bool:
        """Gives an identifier whose owner was erased to a new one; False when somebody has it."""
        change = {name: one for name, one in document.items() if name not in ("_id", "t")}
        with database_errors():
            result = await self._identifiers.update_one(
                {"_id": document["_id"], "c": ""}, {"$set": change}
            )
        return bool(result.matched_count)

    async def values(self, tenant_id: str, customer_id: str) -> list[tuple[str, str]]:
        """(namespace, value) of every identifier of a customer, opened, in order."""
        condition = {"t": tenant_id, "c": customer_id}
        with database_errors():
            found = await self._identifiers.find(condition).to_list(None)
        opened = []
        for one in found:
            key = self._vault.open_key(tenant_id, one["_id"], one["k"])
            opened.append((one["ns"], key.open(one["v"], _VALUE + one["_id"]).decode()))
        return sorted(opened)

    async def erase(self, tenant_id: str, customer_ids: Sequence[str], gone_ms: int) -> int:
        """Takes the identifiers from these customers, and destroys their values and keys."""
        change = {
            "$set": {"c": "", "ns": "", "gone": gone_ms},
            "$unset": {"v": "", "k": "", "l4": ""},
            "$inc": {"g": 1},
        }
        condition = {"t": tenant_id, "c": {"$in": [one for one in customer_ids if one]}}
        with database_errors():
            result = await self._identifiers.update_many(condition, change)
        return int(result.modified_count)

    async def of_customers(
        self, tenant_id: str, customer_ids: Iterable[str]
    ) -> dict[str, list[Identity]]:
        """Every identifier of each customer; customers without any are left out."""
        # Those of nobody have an empty owner.
        condition = {"t": tenant_id, "c": {"$in": [one for one in customer_ids if one]}}
        owned: dict[str, list[Identity]] = {}
        with database_errors():
            cursor = self._identifiers.find(condition, _UNREAD, batch_size=_FIND_BATCH)
            for found in await cursor.to_list(None):
                owned.setdefault(found["c"], []).append(_from_document(found))
        return owned

    async def names(
        self, tenant_id: str, customer_ids: Iterable[str]
    ) -> dict[str, list[tuple[bytes, str]]]:
        """(hash, namespace) of every identifier of each customer; who has none is left out."""
        condition = {"t": tenant_id, "c": {"$in": [one for one in customer_ids if one]}}
        names: dict[str, list[tuple[bytes, str]]] = {}
        with database_errors():
            cursor = self._identifiers.find(condition, _NAMED, batch_size=_FIND_BATCH)
            for found in await cursor.to_list(None):
                names.setdefault(found["c"], []).append((found["_id"], found["ns"]))
        return names

    async def move(self, tenant_id: str, source_id: str, target_id: str) -> None:
        """Gives all identifiers of one customer to another. Doing it twice does no harm."""
        with database_errors():
            await self._identifiers.update_many(
                {"t": tenant_id, "c": source_id}, {"$set": {"c": target_id}}
            )

    def _to_document(self, tenant_id: str, wanted: NewIdentity) -> dict[str, Any]:
        name = wanted.identifier_hash
        key, value = self._vault.seal_new(tenant_id, name, wanted.value.encode(), _VALUE + name)
        digits = last_four(wanted.value) if wanted.namespace == "phone" else ""
        kind = SearchKind.PHONE.value
        found = {"l4": self._vault.search_key(tenant_id, kind, digits)} if digits else {}
        return {
            "_id": name,
            "t": tenant_id,
            "c": wanted.customer_id,
            "ns": wanted.namespace,
            "v": value,
            "k": key,
            **found,
        }


def open_value(vault: Vault, tenant_id: str, found: dict[str, Any]) -> str:
    """What was sent as the identifier of a document. Raises SealBrokenError."""
    key = vault.open_key(tenant_id, found["_id"], found["k"])
    return key.open(found["v"], _VALUE + found["_id"]).decode()


def _from_document(found: dict[str, Any]) -> Identity:
    return Identity(
        found["_id"],
        found["c"],
        found["ns"],
        found.get("k", b""),
        found.get("g", 0),
        found.get("gone", -1),
    )
