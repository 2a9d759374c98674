"""Why a query was not run: codes of the gateway's own, beside those of the services."""

from __future__ import annotations

from enum import StrEnum


class QueryCode(StrEnum):
    """Each with what it means; docs/errors.md lists them."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> QueryCode:
        """A text that knows what it means."""
        code = str.__new__(cls, value)
        code._value_ = value
        code.meaning = meaning
        return code

    INVALID = "QUERY_INVALID", "the query cannot be read, or asks for what the schema lacks"
    TOO_COMPLEX = "QUERY_TOO_COMPLEX", "the query asks for more than one query may: split it"
    INTROSPECTION = (
        "INTROSPECTION_NOT_ALLOWED",
        "this role does not read the schema; take it from schema.graphql",
    )
    NOT_LISTED = "QUERY_NOT_LISTED", "only listed queries are answered here: have this one listed"
    NOT_FOUND = (
        "PERSISTED_QUERY_NOT_FOUND",
        "no query is known by this hash: send its text with the hash once",
    )
    HASH_WRONG = "PERSISTED_QUERY_HASH_WRONG", "the hash is not the SHA-256 of the query's text"
