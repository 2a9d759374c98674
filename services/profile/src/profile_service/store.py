"""The service's database: its connection, collections and indexes, and how its errors are read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pymongo
from dangol_service_kit.mongodb import command_spans, create_collections
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

TENANTS = "tenants"
CUSTOMERS = "customers"
IDENTIFIERS = "identifiers"
REQUESTS = "requests"
EVENTS = "events"
INTENTS = "intents"
CONSENTS = "consents"
KEY_ROTATIONS = "key_rotations"
ERASURES = "erasures"
REVEALS = "reveals"
NOTICES = "notices"
FIELD_SCHEMAS = "field_schemas"
MERGES = "merges"
STORES = "stores"
SURVEYS = "surveys"
SURVEY_RESPONSES = "survey_responses"
PRODUCTS = "products"
PRODUCT_NEWS = "product_news"
PRODUCT_INSIGHT = "product_insight"
PRODUCT_REFRESHES = "product_refreshes"
COST_RATES = "cost_rates"
STANDINGS = "standings"
STANDING_TOTALS = "standing_totals"
SHOP_TOTALS = "shop_totals"
SEARCHES = "searches"
READINGS = "readings"
SEARCH_COUNTS = "search_counts"
REINDEXED = "reindexed"
PUBLISHABLE_KEYS = "publishable_keys"
SANDBOXES = "sandboxes"

# Shorter than what the relay waits for a writer; long reads set their own.
_TIMEOUT_MS = 4_000
LONG_READ_SECONDS = 60
_LONG_WRITE_SECONDS = 25
_WHOLE_TENANT_READ_SECONDS = 1_800
_SET_UP_SECONDS = 600
_CONNECTIONS_MAX = 32
_DUPLICATE_KEY = 11000
_INTENT_KEPT_SECONDS = 3600
_REQUEST_KEPT_SECONDS = 7 * 24 * 3600
_REVEAL_KEPT_SECONDS = 2 * 365 * 24 * 3600

# Collection -> (name, keys, options). Events need few: ingestion pays for each.
_INDEXES: Mapping[str, Sequence[tuple[str, list[tuple[str, int]], dict[str, Any]]]] = {
    TENANTS: (),
    SHOP_TOTALS: (),
    SANDBOXES: (("ended", [("ended_ms", 1)], {"sparse": True}),),
    PUBLISHABLE_KEYS: (("newest", [("t", 1), ("at", -1), ("_id", 1)], {}),),
    CUSTOMERS: (
        ("terms", [("_id.t", 1), ("terms", 1), ("_id.c", 1)], {}),
        (
            "found",
            [("_id.t", 1), ("found", 1), ("_id.c", 1)],
            {"partialFilterExpression": {"found": {"$exists": True}}},
        ),
        ("numbers", [("_id.t", 1), ("numbers.k", 1), ("numbers.v", 1)], {}),
        ("live", [("_id.t", 1), ("merged_into", 1), ("_id.c", 1)], {}),
        (
            "merged",
            [("merged_ms", 1), ("_id", 1)],
            {"partialFilterExpression": {"merged_ms": {"$gt": 0}}},
        ),
        (
            "renewal",
            [("_id.t", 1), ("renew_ms", 1), ("_id.c", 1)],
            {"partialFilterExpression": {"renew_ms": {"$gt": 0}}},
        ),
    ),
    IDENTIFIERS: (
        ("customer", [("t", 1), ("c", 1)], {}),
        (
            "last_four",
            [("t", 1), ("l4", 1), ("c", 1)],
            {"partialFilterExpression": {"l4": {"$exists": True}}},
        ),
    ),
    REQUESTS: (("kept", [("at", 1)], {"expireAfterSeconds": _REQUEST_KEPT_SECONDS}),),
    EVENTS: (
        ("history", [("h", 1), ("at", 1), ("k", 1)], {}),
        (
            "purchases",
            [("h", 1), ("k", 1), ("at", 1), ("m", 1)],
            {"partialFilterExpression": {"k": "purchase"}},
        ),
        (
            "products",
            [("t", 1), ("p", 1), ("k", 1), ("h", 1), ("at", 1), ("g", 1)],
            {"partialFilterExpression": {"p": {"$exists": True}}},
        ),
    ),
    INTENTS: (
        ("open", [("open_ms", 1)], {"sparse": True}),
        ("touched", [("t", 1), ("at_ms", 1), ("_id", 1)], {}),
        ("kept", [("done_at", 1)], {"expireAfterSeconds": _INTENT_KEPT_SECONDS}),
    ),
    CONSENTS: (
        ("log", [("_id.t", 1), ("c", 1), ("at_ms", 1), ("_id.r", 1)], {}),
        ("open", [("open_ms", 1)], {"sparse": True}),
    ),
    KEY_ROTATIONS: (),
    FIELD_SCHEMAS: (),
    SEARCHES: (
        ("newest", [("t", 1), ("_id", -1)], {}),
        ("customer", [("t", 1), ("c", 1), ("_id", -1)], {}),
        ("kept", [("at", 1)], {"expireAfterSeconds": _REVEAL_KEPT_SECONDS}),
    ),
    READINGS: (
        ("newest", [("t", 1), ("_id", -1)], {}),
        ("customer", [("t", 1), ("c", 1), ("_id", -1)], {}),
        ("kept", [("at", 1)], {"expireAfterSeconds": _REVEAL_KEPT_SECONDS}),
    ),
    REINDEXED: (),
    SEARCH_COUNTS: (("kept", [("end", 1)], {"expireAfterSeconds": 0}),),
    MERGES: (("into", [("_id.t", 1), ("into", 1), ("at_ms", -1), ("_id.s", 1)], {}),),
    NOTICES: (("request", [("_id.t", 1), ("r", 1)], {}),),
    STORES: (),
    SURVEYS: (("request", [("_id.t", 1), ("r", 1)], {}),),
    SURVEY_RESPONSES: (
        ("respondent", [("_id.h", 1), ("_id.s", 1), ("_id.v", 1)], {}),
        ("funnel", [("_id.t", 1), ("_id.s", 1), ("_id.v", 1)], {}),
        ("open", [("open_ms", 1)], {"sparse": True}),
    ),
    COST_RATES: (),
    STANDINGS: (
        ("place", [("_id.t", 1), ("_id.g", 1), ("p", 1)], {}),
        ("customer", [("_id.t", 1), ("_id.c", 1)], {}),
    ),
    STANDING_TOTALS: (("newest", [("_id.t", 1), ("_id.g", -1)], {}),),
    ERASURES: (
        ("open", [("open_ms", 1)], {"sparse": True}),
        ("request", [("_id.t", 1), ("r", 1)], {}),
    ),
    REVEALS: (
        ("customer", [("t", 1), ("c", 1), ("_id", -1)], {}),
        ("kept", [("at", 1)], {"expireAfterSeconds": _REVEAL_KEPT_SECONDS}),
    ),
    PRODUCTS: (
        ("category", [("_id.t", 1), ("category", 1), ("_id.p", 1)], {}),
        ("pending", [("pending_ms", 1)], {"sparse": True}),
        (
            "launch",
            [("_id.t", 1), ("launch.at_ms", 1)],
            {"partialFilterExpression": {"launch.at_ms": {"$gt": 0}}},
        ),
    ),
    PRODUCT_NEWS: (
        ("product", [("_id.t", 1), ("_id.p", 1), ("at_ms", -1), ("_id.v", -1)], {}),
        ("open", [("open_ms", 1)], {"sparse": True}),
    ),
    PRODUCT_INSIGHT: (("weak", [("_id.t", 1), ("_id.r", 1), ("excess", -1), ("_id.p", 1)], {}),),
    PRODUCT_REFRESHES: (),
}


class StoreUnavailableError(Exception):
    """The database did not answer in time; what became of a write is unknown."""


class StoreRefusedError(Exception):
    """The database refused a write for a reason that is a bug of ours; holds its error code."""


def connect(uri: str, *, traced: bool = False) -> Any:
    """A client whose every operation is bounded in time and retried once after a failover."""
    return AsyncIOMotorClient(
        uri,
        timeoutMS=_TIMEOUT_MS,
        maxPoolSize=_CONNECTIONS_MAX,
        retryWrites=True,
        appname="dangol-profile",
        event_listeners=[command_spans(CommandListener)] if traced else [],
    )


def open_database(client: Any, name: str) -> Any:
    """The database with majority reads and writes: no answer rests on what may be rolled back."""
    return client.get_database(
        name, read_concern=ReadConcern("majority"), write_concern=WriteConcern("majority")
    )


async def set_up(database: Any) -> None:
    """Creates what is missing before anything is written: collections, then indexes."""
    with database_errors(), pymongo.timeout(_SET_UP_SECONDS):
        await asyncio.gather(*(_set_up_collection(database, name) for name in _INDEXES))


async def _set_up_collection(database: Any, name: str) -> None:
    await create_collections(database, [name])
    indexes = [
        pymongo.IndexModel(keys, name=index, **options) for index, keys, options in _INDEXES[name]
    ]
    if indexes:
        await database[name].create_indexes(indexes)


@contextmanager
def database_errors() -> Iterator[None]:
    """Turns outages and time-outs of the driver into StoreUnavailableError.

    The driver's texts are dropped: those of duplicate keys quote the key.
    """
    try:
        yield
    except (ConnectionFailure, WTimeoutError) as error:
        raise StoreUnavailableError(type(error).__name__) from None
    except PyMongoError as error:
        if error.timeout:
            raise StoreUnavailableError(type(error).__name__) from None
        raise StoreRefusedError(_describe(error)) from None


@contextmanager
def long_read() -> Iterator[None]:
    """As database_errors, for reads over whole histories, which may take a minute."""
    with database_errors(), pymongo.timeout(LONG_READ_SECONDS):
        yield


@contextmanager
def long_write() -> Iterator[None]:
    """What is written within counts as one, of a thousand customers, and has that long for all."""
    with pymongo.timeout(_LONG_WRITE_SECONDS):
        yield


@contextmanager
def whole_tenant_read() -> Iterator[None]:
    """As database_errors, for a job that reads everybody: half an hour for all of it."""
    with database_errors(), pymongo.timeout(_WHOLE_TENANT_READ_SECONDS):
        yield


async def insert_new(collection: Any, documents: list[dict[str, Any]]) -> set[int]:
    """Inserts documents, unordered; answers the positions of those whose key was taken.

    Raises StoreUnavailableError when the outcome is not known.
    """
    with database_errors():
        try:
            await collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            return _taken(error.details or {})
    return set()


def _taken(details: Mapping[str, Any]) -> set[int]:
    if details.get("writeConcernErrors"):
        raise StoreUnavailableError("WriteConcernError")
    taken = set()
    for failure in details.get("writeErrors", ()):
        if failure["code"] != _DUPLICATE_KEY:
            raise StoreRefusedError(f"code {failure['code']}")
        taken.add(failure["index"])
    return taken


def _describe(error: PyMongoError) -> str:
    return f"{type(error).__name__} code {getattr(error, 'code', None)}"
