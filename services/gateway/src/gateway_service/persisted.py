"""Queries known by the SHA-256 of their text.

Automatic: a client sends the hash alone, and the text with it once when the gateway does not know
it. The protocol is Apollo's, extensions.persistedQuery of a request. Listed: an operator names a
file of queries, and nothing else is answered; the file is what Apollo's generator of persisted
query manifests writes.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dangol_service_kit.query_codes import QueryCode

from gateway_service.refusals import refusal

_MANIFEST = "apollo-persisted-query-manifest"
_KNOWN_MAX = 1_000
_TEXTS_CHARACTERS_MAX = 8 * 1024 * 1024


def hash_of(text: str) -> str:
    """The hash by which a text is known: SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


class AutomaticQueries:
    """Texts that clients sent with their hash: the latest 1,000, and 8 million characters."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def resolve(self, text: str, extensions: Mapping[str, Any] | None) -> str:
        """The text to run. Raises GraphQLError."""
        given = _hash_in(extensions)
        if given is None:
            return text
        if text:
            self._learn(given, text)
            return text
        known = self._texts.get(given)
        if known is None:
            # Clients of the protocol look for this message as well as for the code.
            raise refusal(QueryCode.NOT_FOUND, "PersistedQueryNotFound")
        self._texts.move_to_end(given)
        return known

    def _learn(self, given: str, text: str) -> None:
        if given != hash_of(text):
            raise refusal(QueryCode.HASH_WRONG)
        if given in self._texts:
            return
        self._texts[given] = text
        self._characters += len(text)
        while len(self._texts) > _KNOWN_MAX or self._characters > _TEXTS_CHARACTERS_MAX:
            _, dropped = self._texts.popitem(last=False)
            self._characters -= len(dropped)


class ListedQueries:
    """The queries of a manifest, by the ids it gives them and by their hashes."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)
        self._allowed = frozenset(texts.values())

    def resolve(self, text: str, extensions: Mapping[str, Any] | None) -> str:
        """The text to run. Raises GraphQLError."""
        given = _hash_in(extensions)
        if text:
            if text in self._allowed and given in {None, hash_of(text)}:
                return text
            raise refusal(QueryCode.NOT_LISTED)
        known = self._texts.get(given or "")
        if known is None:
            raise refusal(QueryCode.NOT_LISTED)
        return known


def listed_in(path: Path) -> ListedQueries:
    """The queries that a manifest lists. Raises ValueError, naming the file and what is wrong."""
    try:
        manifest = json.loads(path.read_text("utf-8"))
        if manifest["format"] != _MANIFEST or manifest["version"] != 1:
            raise ValueError("its format or version is another")
        operations = [(str(one["id"]), str(one["body"])) for one in manifest["operations"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no {_MANIFEST} of version 1: {error!r}") from None
    by_id = dict(operations)
    return ListedQueries(by_id | {hash_of(body): body for _, body in operations})


def _hash_in(extensions: Mapping[str, Any] | None) -> str | None:
    given = (extensions or {}).get("persistedQuery")
    if given is None:
        return None
    value = given.get("sha256Hash") if isinstance(given, dict) else None
    if not isinstance(value, str) or given.get("version") != 1:
        message = "extensions.persistedQuery needs version 1 and sha256Hash, a text"
        raise refusal(QueryCode.INVALID, message)
    return value
