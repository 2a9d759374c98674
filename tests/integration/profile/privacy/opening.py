"""What whoever has the database and keys can read: every sealed value that still opens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dangol.events.v1.event_pb2 import Event
from profile_service.sealing import DataKey, SealBrokenError, Vault

Dump = Mapping[str, Sequence[Mapping[str, Any]]]


async def take_dump(database: Any) -> Dump:
    """Every document of the profile service's database, by collection."""
    return {
        name: [found async for found in database[name].find()]
        for name in await database.list_collection_names()
    }


def opened(dump: Dump, vault: Vault) -> str:
    """Everything that opens with these keys, one text."""
    texts: list[str] = []

    def open_with(key: DataKey | None, sealed: bytes, context: bytes) -> None:
        if key is not None and sealed:
            texts.append(key.open(sealed, context).decode(errors="replace"))

    for one in dump["customers"]:
        owner = one["_id"]["c"].encode()
        key = _key(vault, one["_id"]["t"], owner, one["data_key"])
        open_with(key, one["personal"], b"personal\0" + owner)
    identifiers: dict[bytes, DataKey | None] = {}
    for one in dump["identifiers"]:
        key = identifiers[one["_id"]] = _key(vault, one["t"], one["_id"], one.get("k", b""))
        open_with(key, one.get("v", b""), b"identifier\0" + one["_id"])
    for one in dump["events"]:
        key = identifiers.get(one["h"])
        if key is not None and one.get("s"):
            texts.append(str(Event.FromString(key.open(one["s"], one["_id"]))))
    for one in dump["survey_responses"]:
        place = one["_id"]
        context = b"survey\0" + f"{place['s']}@{place['v']}".encode()
        open_with(identifiers.get(place["h"]), one["x"], context)
    for one in dump["consents"]:
        request = one["_id"]["r"]
        key = _key(vault, one["_id"]["t"], request, one["k"])
        open_with(key, one["s"], b"sources\0" + request)
    # JSON may write what is not ASCII by escapes.
    return "\n".join([*texts, json.dumps(texts, ensure_ascii=False)])


def _key(vault: Vault, tenant_id: str, owner: bytes, sealed: bytes) -> DataKey | None:
    try:
        return vault.open_key(tenant_id, owner, sealed)
    except SealBrokenError:
        return None
