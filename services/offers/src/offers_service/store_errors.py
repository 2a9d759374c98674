"""What errors of the database mean for a step: whether it was written, or that nobody knows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from pymongo.errors import BulkWriteError, PyMongoError

from offers_service.commit import OutcomeUnknownError

_DUPLICATE_KEY = 11000
# What the server has against one document, whatever else is in the bulk: a bad value, a type that
# does not match, a path that is not viable, a failed validation, a document that would be too
# large (mongo/base/error_codes.yml and, for the last two, update_executor).
_OF_THE_DOCUMENT = frozenset({2, 14, 28, 121, 10334, 17419, 17420})


@contextlib.contextmanager
def outages() -> Iterator[None]:
    """Errors of the database: of a write it is not known what became of it."""
    try:
        yield
    except PyMongoError as error:
        raise OutcomeUnknownError(type(error).__name__) from None


def surviving(error: BulkWriteError, *, refused: bool = False) -> int:
    """How many of an unordered bulk write's operations took place, if the rest were duplicates;
    with `refused`, also if the server has something against single documents among the rest.

    Raises OutcomeUnknownError for every other trouble; details stay out of messages, for they
    quote keys.
    """
    details: Mapping[str, Any] = error.details or {}
    known = {_DUPLICATE_KEY, *(_OF_THE_DOCUMENT if refused else ())}
    failed = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or any(one["code"] not in known for one in failed):
        raise OutcomeUnknownError("write concern or write error") from None
    return int(details.get("nInserted", 0)) + int(details.get("nMatched", 0))
