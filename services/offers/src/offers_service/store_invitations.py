"""Collection `invitation_programs`: {_id: tenant, version, ...terms}, one a tenant; and what the
report reads of the invitations in `accounts`."""

from __future__ import annotations

from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service import store_accounts
from offers_service.invitation_terms import Terms
from offers_service.invitations import InvitationAccount
from offers_service.store_accounts import outages

NAME = "invitation_programs"
# Ids of invitations, and what comes behind them.
_FIRST, _BEHIND = "in_", "in`"


class InvitationStore:
    """A change of the programme is one conditional write on the version that was read. Raises
    OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        options = {"read_concern": ReadConcern("majority")}
        self._programs = database.get_collection(
            NAME, write_concern=WriteConcern("majority", j=True), **options
        )
        self._accounts = database.get_collection(store_accounts.NAME, **options)

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [NAME])

    async def terms(self, tenant_id: str) -> Terms | None:
        """The tenant's programme; None while there is none."""
        with outages():
            found = await self._programs.find_one({"_id": tenant_id})
        return msgspec.convert(found, Terms) if found else None

    async def put(self, tenant_id: str, terms: Terms) -> bool:
        """Puts version n in the place of version n - 1; False when another one is there."""
        document = msgspec.to_builtins(terms)
        with outages():
            if terms.version == 1:
                try:
                    await self._programs.insert_one({"_id": tenant_id, **document})
                except DuplicateKeyError:
                    return False
                return True
            before = {"_id": tenant_id, "version": terms.version - 1}
            replaced = await self._programs.replace_one(before, document)
        return bool(replaced.matched_count)

    async def accepted(
        self, tenant_id: str, from_ms: int, until_ms: int
    ) -> list[InvitationAccount]:
        """Invitations that were accepted from from_ms to before until_ms, 0 for no bound."""
        first, behind = ({"t": tenant_id, "a": one} for one in (_FIRST, _BEHIND))
        query: dict[str, Any] = {"_id": {"$gte": first, "$lt": behind}}
        bounds = {"$gte": from_ms, "$lt": until_ms}
        if accepted := {name: at_ms for name, at_ms in bounds.items() if at_ms}:
            query["accepted_ms"] = accepted
        with outages():
            found = await self._accounts.find(query).to_list(None)
        accounts = [store_accounts.decode(document) for document in found]
        return [account for account in accounts if isinstance(account, InvitationAccount)]
