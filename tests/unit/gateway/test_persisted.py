"""Queries known by a hash, and lists outside of which nothing is answered."""

import json
from pathlib import Path
from typing import Any

import pytest
from gateway_service.persisted import AutomaticQueries, ListedQueries, hash_of, listed_in
from graphql import GraphQLError

TEXT = "{ me { role } }"
# By sha256sum of the text, so that another program agrees.
HASH = "27c64fc4dd1f1764d7f0412707ec0210beccc5cf7f9af30d35b97345353dc6f0"


def _extensions(sha256: Any, version: Any = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": sha256}}


def _code(known: AutomaticQueries | ListedQueries, text: str, extensions: Any) -> str:
    with pytest.raises(GraphQLError) as caught:
        known.resolve(text, extensions)
    return str((caught.value.extensions or {})["code"])


def test_a_hash_is_known_once_its_text_was_sent() -> None:
    """First refused, then taught, then enough; a text without a hash is simply run."""
    known = AutomaticQueries()
    assert _code(known, "", _extensions(hash_of(TEXT))) == "PERSISTED_QUERY_NOT_FOUND"
    assert known.resolve(TEXT, _extensions(hash_of(TEXT))) == TEXT
    assert known.resolve("", _extensions(HASH)) == TEXT
    assert known.resolve(TEXT, None) == TEXT


def test_nobody_teaches_a_text_under_another_hash() -> None:
    """Else one client could choose what another one runs."""
    known = AutomaticQueries()
    assert _code(known, "{ evil }", _extensions(hash_of(TEXT))) == "PERSISTED_QUERY_HASH_WRONG"
    assert _code(known, "", _extensions(hash_of(TEXT))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize("extensions", [_extensions(1), _extensions("a", 2), {"persistedQuery": 3}])
def test_a_malformed_hash_is_refused(extensions: Any) -> None:
    """Whatever JSON allows."""
    assert _code(AutomaticQueries(), TEXT, extensions) == "QUERY_INVALID"


def test_what_is_remembered_is_bounded() -> None:
    """In number and in size; what is forgotten is taught again."""
    known = AutomaticQueries()
    texts = [f"query Q{number} {{ me {{ role }} }}" for number in range(1_001)]
    for text in texts:
        known.resolve(text, _extensions(hash_of(text)))
    assert _code(known, "", _extensions(hash_of(texts[0]))) == "PERSISTED_QUERY_NOT_FOUND"
    assert known.resolve("", _extensions(hash_of(texts[-1]))) == texts[-1]
    long = [f"{number}{'#' * 4_000_000}" for number in range(3)]
    for text in long:
        known.resolve(text, _extensions(hash_of(text)))
    assert _code(known, "", _extensions(hash_of(long[0]))) == "PERSISTED_QUERY_NOT_FOUND"
    assert known.resolve("", _extensions(hash_of(long[2]))) == long[2]


def test_a_list_answers_its_queries_and_nothing_else(tmp_path: Path) -> None:
    """By id, by hash or by text."""
    path = tmp_path / "manifest.json"
    operations = [{"id": "page-1", "name": "Page", "type": "query", "body": TEXT}]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1}
    path.write_text(json.dumps(manifest | {"operations": operations}))
    known = listed_in(path)
    assert known.resolve("", _extensions("page-1")) == TEXT
    assert known.resolve("", _extensions(hash_of(TEXT))) == TEXT
    assert known.resolve(TEXT, None) == TEXT
    for text, extensions in (
        ("{ me { subject } }", None),
        ("{ me { subject } }", _extensions("page-1")),
        ("{ me { subject } }", _extensions(hash_of("{ me { subject } }"))),
        ("", _extensions("page-2")),
        ("", None),
    ):
        assert _code(known, text, extensions) == "QUERY_NOT_LISTED"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other", "version": 1}'])
def test_a_bad_manifest_names_its_file(tmp_path: Path, text: str) -> None:
    """The gateway does not start with half a list."""
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"manifest\.json is no apollo"):
        listed_in(path)
    with pytest.raises(ValueError, match=r"missing\.json"):
        listed_in(tmp_path / "missing.json")
