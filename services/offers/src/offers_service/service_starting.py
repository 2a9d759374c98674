"""What has to be there before the service answers."""

from __future__ import annotations

import asyncio
from typing import Any

from dangol_service_kit import logs
from pymongo.errors import PyMongoError

_RETRY_SECONDS = 0.5

_log = logs.get_logger()


async def prepare(*stores: Any) -> None:
    """Makes collections and indexes before anything writes, however long the database takes."""
    while True:
        try:
            for store in stores:
                await store.prepare()
        except PyMongoError as error:
            _log.warning("database_not_ready", **logs.describe(error))
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return
