"""Collection `points_programs`: {_id: tenant, version, ...terms}, one programme a tenant."""

from __future__ import annotations

from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.points_program import Program
from offers_service.store_accounts import outages

NAME = "points_programs"


class ProgramStore:
    """A change is one conditional write on the version that was read."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._programs = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [NAME])

    async def get(self, tenant_id: str) -> Program | None:
        """The tenant's programme; None while there is none."""
        with outages():
            found = await self._programs.find_one({"_id": tenant_id})
        return msgspec.convert(found, Program) if found else None

    async def put(self, tenant_id: str, program: Program) -> bool:
        """Puts version n in the place of version n - 1; False when another one is there."""
        document = msgspec.to_builtins(program)
        with outages():
            if program.version == 1:
                try:
                    await self._programs.insert_one({"_id": tenant_id, **document})
                except DuplicateKeyError:
                    return False
                return True
            before = {"_id": tenant_id, "version": program.version - 1}
            replaced = await self._programs.replace_one(before, document)
        return bool(replaced.matched_count)
