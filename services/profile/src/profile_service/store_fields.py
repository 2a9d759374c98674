"""What tenants declare: collection `field_schemas`, {_id: tenant, version, fields, survivors,
requests}; changes compare versions."""

from __future__ import annotations

from typing import Any

from profile_service.domain import AnsweredRequest
from profile_service.fields import Declaration, FieldSchema, FieldType
from profile_service.store import FIELD_SCHEMAS, database_errors, insert_new
from profile_service.survivorship import Survivor


class FieldStore:
    """One document a tenant."""

    def __init__(self, database: Any) -> None:
        self._schemas = database[FIELD_SCHEMAS]

    async def get(self, tenant_id: str) -> FieldSchema:
        """The tenant's; an empty one where nothing was declared."""
        with database_errors():
            found = await self._schemas.find_one({"_id": tenant_id})
        return _from_document(found) if found else FieldSchema(tenant_id)

    async def save(self, changed: FieldSchema, version: int) -> bool:
        """Saves a schema if the stored version is still `version`; 0 is none stored."""
        document = _to_document(changed)
        if not version:
            return not await insert_new(self._schemas, [document])
        condition = {"_id": changed.tenant_id, "version": version}
        with database_errors():
            result = await self._schemas.replace_one(condition, document)
        return bool(result.matched_count)


def _to_document(schema: FieldSchema) -> dict[str, Any]:
    return {
        "_id": schema.tenant_id,
        "version": schema.version,
        "fields": [
            {
                "name": one.name,
                "type": one.type.value,
                "personal": one.personal,
                "options": list(one.options),
                "description": one.description,
                "survivor": one.survivor.value,
                "retired": one.retired,
            }
            for one in schema.declared.values()
        ],
        "survivors": {name: one.value for name, one in schema.survivors.items()},
        "requests": [{"k": one.key, "f": one.fingerprint} for one in schema.requests],
    }


def _from_document(found: dict[str, Any]) -> FieldSchema:
    declared = {
        one["name"]: Declaration(
            one["name"],
            FieldType(one["type"]),
            one["personal"],
            tuple(one["options"]),
            one["description"],
            Survivor(one["survivor"]),
            one["retired"],
        )
        for one in found["fields"]
    }
    return FieldSchema(
        found["_id"],
        found["version"],
        declared,
        {name: Survivor(one) for name, one in found["survivors"].items()},
        tuple(AnsweredRequest(one["k"], one["f"]) for one in found["requests"]),
    )
