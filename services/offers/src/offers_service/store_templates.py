"""Templates in MongoDB: collection `message_templates`, _id {t: tenant, i: template, v: version};
settings of messages: collection `messaging_settings`, _id tenant.

A version is inserted once and never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, DESCENDING, IndexModel, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.message_settings import MessagingSettings
from offers_service.store_accounts import outages
from offers_service.templates import Template

_TEMPLATES, _SETTINGS = "message_templates", "messaging_settings"
_CACHE_MAX = 2_000
_INDEXES = [
    IndexModel([("_id.t", ASCENDING), ("_id.i", ASCENDING), ("_id.v", DESCENDING)]),
    IndexModel([("_id.t", ASCENDING), ("_id.i", ASCENDING), ("request", ASCENDING)], unique=True),
]


class TemplateStore:
    """Reads are majority reads, writes majority and journaled. Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        options = {
            "write_concern": WriteConcern("majority", j=True),
            "read_concern": ReadConcern("majority"),
        }
        self._templates = database.get_collection(_TEMPLATES, **options)
        self._settings = database.get_collection(_SETTINGS, **options)
        self._known: dict[tuple[str, str, int], Template] = {}

    async def prepare(self) -> None:
        """Makes the collections and indexes; harmless to repeat."""
        await create_collections(self._database, [_TEMPLATES, _SETTINGS])
        await self._templates.create_indexes(_INDEXES)

    async def add(self, tenant_id: str, template: Template, request_id: str) -> bool:
        """Inserts a version; False when there is one, or when the request made one before."""
        key = {"t": tenant_id, "i": template.template_id, "v": template.version}
        document = {"_id": key, "request": request_id, "content": msgspec.to_builtins(template)}
        with outages():
            try:
                await self._templates.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    async def of_request(
        self, tenant_id: str, template_id: str, request_id: str
    ) -> Template | None:
        """The version that a request made."""
        query = {"_id.t": tenant_id, "_id.i": template_id, "request": request_id}
        with outages():
            found = await self._templates.find_one(query)
        return None if found is None else _to_template(found)

    async def read(self, tenant_id: str, template_id: str, version: int = 0) -> Template | None:
        """A version, or with 0 the newest."""
        known = self._known.get((tenant_id, template_id, version))
        if known is not None:
            return known
        query: dict[str, Any] = {"_id.t": tenant_id, "_id.i": template_id}
        if version:
            query["_id.v"] = version
        with outages():
            found = await self._templates.find_one(query, sort=[("_id.v", DESCENDING)])
        if found is None:
            return None
        template = _to_template(found)
        if len(self._known) >= _CACHE_MAX:
            self._known.clear()
        self._known[(tenant_id, template_id, template.version)] = template
        return template

    async def page(self, tenant_id: str, after_id: str, limit: int) -> list[Template]:
        """The newest versions in order of id, from after after_id."""
        match = {"_id.t": tenant_id, "_id.i": {"$gt": after_id}}
        order = {"_id.i": ASCENDING, "_id.v": DESCENDING}
        pipeline = [
            {"$match": match},
            {"$sort": order},
            {"$group": {"_id": "$_id.i", "content": {"$first": "$content"}}},
            {"$sort": {"_id": ASCENDING}},
            {"$limit": limit},
        ]
        with outages():
            return [_to_template(found) async for found in self._templates.aggregate(pipeline)]

    async def count(self, tenant_id: str) -> int:
        """How many templates the tenant has."""
        with outages():
            found: int = await self._templates.count_documents({"_id.t": tenant_id, "_id.v": 1})
        return found

    async def settings(self, tenant_id: str) -> MessagingSettings:
        """The tenant's settings; empty ones until some were written."""
        with outages():
            found = await self._settings.find_one({"_id": tenant_id})
        if found is None:
            return MessagingSettings()
        return msgspec.convert(dict(found), MessagingSettings)

    async def save_settings(
        self, tenant_id: str, before: MessagingSettings, after: MessagingSettings
    ) -> bool:
        """Writes what followed from `before`; False when that has changed since."""
        document = {"_id": tenant_id, **msgspec.to_builtins(after)}
        with outages():
            if before.version == 0:
                try:
                    await self._settings.insert_one(document)
                except DuplicateKeyError:
                    return False
                return True
            key = {"_id": tenant_id, "version": before.version}
            return bool((await self._settings.replace_one(key, document)).matched_count)


def _to_template(document: Mapping[str, Any]) -> Template:
    return msgspec.convert(document["content"], Template)
