"""Addresses among the identifiers, and who was told them: collection `reveals`, {_id: random,
t, c: customer, ch: channel, m: message, p: purpose, by, to, n: how many, at}.

An entry is inserted and never changed; it goes after two years.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from profile_service.contacts import ADDRESSES_MAX, Reveal
from profile_service.sealing import Vault
from profile_service.store import IDENTIFIERS, REVEALS, database_errors
from profile_service.store_identifiers import open_value


class ContactStore:
    """Opens addresses, and keeps the log of it."""

    def __init__(self, database: Any, vault: Vault) -> None:
        self._identifiers = database[IDENTIFIERS]
        self._reveals = database[REVEALS]
        self._vault = vault

    async def addresses(
        self, tenant_id: str, customer_ids: Iterable[str], namespaces: Sequence[str]
    ) -> dict[str, list[str]]:
        """By customer, in an order that stays; customers without any are left out."""
        condition = {
            "t": tenant_id,
            "c": {"$in": list(customer_ids)},
            "ns": {"$in": list(namespaces)},
        }
        owned: dict[str, list[str]] = {}
        with database_errors():
            async for found in self._identifiers.find(condition).sort("_id", 1):
                addresses = owned.setdefault(found["c"], [])
                if len(addresses) < ADDRESSES_MAX:
                    addresses.append(open_value(self._vault, tenant_id, found))
        return owned

    async def log(self, tenant_id: str, reveals: Sequence[Reveal]) -> None:
        """Writes entries. Raises StoreUnavailableError: then nobody may be told."""
        documents = [
            {
                "t": tenant_id,
                "c": one.customer_id,
                "ch": one.channel,
                "m": one.message_id,
                "p": one.purpose,
                "by": one.caller,
                "to": one.recipient,
                "n": one.address_count,
                "at": datetime.fromtimestamp(one.at_ms / 1000, UTC),
            }
            for one in reveals
        ]
        if documents:
            with database_errors():
                await self._reveals.insert_many(documents, ordered=False)

    async def page(
        self, tenant_id: str, customer_id: str, before: str, limit: int
    ) -> tuple[list[Reveal], str]:
        """Entries newest first, beyond `before`, and the position of the last while more follow."""
        condition: dict[str, Any] = {"t": tenant_id, "c": customer_id}
        if before:
            condition["_id"] = {"$lt": ObjectId(before)}
        with database_errors():
            query = self._reveals.find(condition).sort("_id", -1).limit(limit + 1)
            found = await query.to_list(None)
        last = str(found[limit - 1]["_id"]) if len(found) > limit else ""
        return [_from_document(one) for one in found[:limit]], last


def _from_document(found: dict[str, Any]) -> Reveal:
    at_ms = round(found["at"].replace(tzinfo=UTC).timestamp() * 1000)
    return Reveal(
        found["c"],
        found["ch"],
        found["m"],
        found["p"],
        found["by"],
        found["to"],
        found["n"],
        at_ms,
    )
