"""What MongoDB itself takes to insert the documents that a run has stored."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern

AT_ONCE = 4


async def bare_insert_seconds(
    uri: str, source: tuple[str, str], batch_size: int, *, limit: int
) -> float:
    """Seconds to insert `limit` documents of (database, collection) into an empty copy of it.

    The same documents, the same indexes, majority and journaled, four batches at a time.
    """
    client: Any = AsyncIOMotorClient(uri)
    stored = client[source[0]][source[1]]
    copy = client["bench_bare"].get_collection(
        source[1], write_concern=WriteConcern("majority", j=True)
    )
    await client["bench_bare"].create_collection(source[1])
    async for index in stored.list_indexes():
        options = {name: index[name] for name in ("unique", "sparse") if name in index}
        if "partialFilterExpression" in index:
            options["partialFilterExpression"] = index["partialFilterExpression"].to_dict()
        if index["name"] != "_id_":
            await copy.create_index(list(index["key"].items()), **options)
    documents = await stored.find().limit(limit).to_list(limit)
    if len(documents) != limit:
        raise RuntimeError(f"{len(documents)} documents to copy, not {limit}")
    batches = [documents[start : start + batch_size] for start in range(0, limit, batch_size)]
    started = time.perf_counter()
    for start in range(0, len(batches), AT_ONCE):
        group = batches[start : start + AT_ONCE]
        await asyncio.gather(*(copy.insert_many(batch, ordered=False) for batch in group))
    seconds = time.perf_counter() - started
    client.close()
    return seconds
