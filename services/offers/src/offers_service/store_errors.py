"""What errors of the database mean for a step: whether it was written, or that nobody knows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from pymongo.errors import BulkWriteError, PyMongoError

from offers_service.commit import OutcomeUnknownError

_DUPLICATE_KEY = 11000


@contextlib.contextmanager
def outages() -> Iterator[None]:
    """Errors of the database: of a write it is not known what became of it."""
    try:
        yield
    except PyMongoError as error:
        raise OutcomeUnknownError(type(error).__name__) from None


def surviving(error: BulkWriteError) -> int:
    """How many of an unordered bulk write's operations took place, if the rest were duplicates.

    Raises OutcomeUnknownError for every other trouble; details stay out of messages, for they
    quote keys.
    """
    details: Mapping[str, Any] = error.details or {}
    failed = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or any(one["code"] != _DUPLICATE_KEY for one in failed):
        raise OutcomeUnknownError("write concern or write error") from None
    return int(details.get("nInserted", 0)) + int(details.get("nMatched", 0))
