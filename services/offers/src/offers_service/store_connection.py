"""The connection to MongoDB."""

from __future__ import annotations

from typing import Any

from dangol_service_kit.mongodb import command_spans
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener


def connect(uri: str, *, traced: bool) -> Any:
    """A client of the replica set. traced: commands become spans of the calls they belong to."""
    return AsyncIOMotorClient(
        uri,
        maxPoolSize=32,
        serverSelectionTimeoutMS=5_000,
        appname="offers",
        event_listeners=[command_spans(CommandListener)] if traced else [],
    )
