"""How stores change: decided on what was read."""

from dataclasses import replace

from profile_service.stores import (
    REQUESTS_KEPT_MAX,
    Store,
    StoreContent,
    Upsert,
    UpsertOutcome,
    decide_archive,
    decide_upsert,
)

CONTENT = StoreContent({"ko": "강남점"}, "seoul", "south", "Asia/Seoul")
OTHER = replace(CONTENT, region="busan")


def _upsert(content: StoreContent, key: bytes = b"k", version: int = 0) -> Upsert:
    return Upsert("shop", "s1", content, version, key, repr(content).encode())


def _created() -> Store:
    store, outcome = decide_upsert(None, _upsert(CONTENT, b"create"), 5)
    assert store is not None
    assert UpsertOutcome.CREATED is outcome
    return store


def test_an_upsert_creates_then_changes_then_finds_nothing_to_do() -> None:
    """The version counts changes alone; each write counts for the lock."""
    store = _created()
    assert (1, 1, 5) == (store.version, store.revision, store.created_ms)
    changed, outcome = decide_upsert(store, _upsert(OTHER, b"change", 1), 7)
    assert changed is not None
    assert (UpsertOutcome.CHANGED, 2, 7) == (outcome, changed.version, changed.updated_ms)
    same, outcome = decide_upsert(changed, _upsert(OTHER, b"same"), 9)
    assert same is not None
    assert (UpsertOutcome.UNCHANGED, 2, 7) == (outcome, same.version, same.updated_ms)


def test_a_request_sent_again_is_answered_as_the_first_time() -> None:
    """Also when it changed nothing, and another request has changed the store since."""
    unchanged, _ = decide_upsert(_created(), _upsert(CONTENT, b"nightly"), 7)
    assert unchanged is not None
    changed, _ = decide_upsert(unchanged, _upsert(OTHER, b"somebody else"), 8)
    assert (None, UpsertOutcome.UNCHANGED) == decide_upsert(
        changed, _upsert(CONTENT, b"nightly"), 9
    )
    assert (None, UpsertOutcome.CREATED) == decide_upsert(changed, _upsert(CONTENT, b"create"), 9)


def test_a_request_id_with_other_content_is_refused() -> None:
    """And so is another version than the present one."""
    store = _created()
    assert (None, UpsertOutcome.REQUEST_CONFLICT) == decide_upsert(
        store, _upsert(OTHER, b"create"), 9
    )
    assert (None, UpsertOutcome.VERSION_CONFLICT) == decide_upsert(
        store, _upsert(OTHER, b"x", 2), 9
    )
    assert (None, UpsertOutcome.VERSION_CONFLICT) == decide_upsert(None, _upsert(OTHER, b"x", 1), 9)


def test_a_store_is_archived_and_brought_back() -> None:
    """An upsert in between leaves it archived, as a nightly list would have to."""
    archived, outcome = decide_archive(_created(), b"a", b"f", 6, archive=True)
    assert archived is not None
    assert (UpsertOutcome.CHANGED, 6, 2) == (outcome, archived.archived_ms, archived.version)
    assert (None, UpsertOutcome.CHANGED) == decide_archive(archived, b"a", b"f", 7, archive=True)
    assert (None, UpsertOutcome.UNCHANGED) == decide_archive(archived, b"b", b"f", 7, archive=True)
    synced, _ = decide_upsert(archived, _upsert(OTHER, b"nightly"), 8)
    assert synced is not None
    assert 6 == synced.archived_ms
    restored, _ = decide_archive(synced, b"c", b"f", 9, archive=False)
    assert restored is not None
    assert 0 == restored.archived_ms


def test_requests_are_remembered_in_a_bounded_number() -> None:
    """The oldest go first."""
    store = _created()
    for number in range(REQUESTS_KEPT_MAX + 5):
        after, _ = decide_upsert(store, _upsert(CONTENT, b"%d" % number), 9)
        assert after is not None
        store = after
    assert REQUESTS_KEPT_MAX == len(store.requests)
    assert b"%d" % (REQUESTS_KEPT_MAX + 4) == store.requests[-1].key
