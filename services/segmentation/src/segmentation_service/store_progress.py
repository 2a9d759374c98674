"""How far the computation of a tenant's members has come: collection progress, one a tenant."""

from __future__ import annotations

from typing import Any

import msgspec


class Progress(msgspec.Struct):
    """Work on the rules of one version, over states of these epochs (their sum).

    after: the last customer, in order of id, up to whom everyone is done, except those pending.
    done counts customers without those merged away; changes what was announced. finished: the
    work has come to its end.
    """

    rules_version: int
    epochs: int
    total: int
    after: str = ""
    done: int = 0
    changes: int = 0
    pending: list[str] = []
    finished: bool = False


class ProgressStore:
    """The last known progress of each tenant. Only the holder of its lease saves."""

    def __init__(self, database: Any) -> None:
        self._progress = database.progress

    async def load_progress(self, tenant_id: str) -> Progress | None:
        """The last that was saved; None when there never was any."""
        document = await self._progress.find_one({"_id": tenant_id}, {"_id": 0})
        return msgspec.convert(document, Progress) if document else None

    async def save_progress(self, tenant_id: str, progress: Progress) -> None:
        """Replaces what was known."""
        await self._progress.replace_one(
            {"_id": tenant_id}, msgspec.to_builtins(progress), upsert=True
        )
