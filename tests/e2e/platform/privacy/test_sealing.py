"""A stolen dump, a stolen disk, logs and traces show nobody's name, contacts or words."""

from __future__ import annotations

import ast
from pathlib import Path

import profile_service
import pytest

from tests.e2e.platform.privacy.canaries import (
    KINDS,
    Planted,
    dump,
    files,
    flush,
    found,
    plant,
    read_by_owner,
)
from tests.e2e.platform.privacy.shop import Collector, Shop
from tests.integration.profile.harness import eventually

pytestmark = pytest.mark.timeout(180)


def _canaries(planted: list[Planted]) -> set[str]:
    return {value for one in planted for value in one.canaries.values()}


def test_every_place_that_seals_has_its_canaries() -> None:
    """Calls of `seal` in profile's source, but for sealing itself: a new one is planted, or fails
    here. That no attribute is sealed without being known is test_disclosure.py's."""
    source = Path(profile_service.__file__).parent
    sealing = {
        path.name
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"seal", "seal_new"}
    }
    assert {*KINDS} == sealing


async def test_those_who_may_read_a_customer_read_every_word(
    shop: Shop, planted: list[Planted]
) -> None:
    """Sixty canaries in all; identifiers and answers alone stay sealed until an export."""
    assert len(_canaries(planted)) >= 60
    for one in planted:
        text = await read_by_owner(shop, one)
        readable = {
            kind: value
            for kind, value in one.canaries.items()
            if kind.startswith(("property_", "personal_", "consent_"))
            or kind in ("display_name", "birth_date", "postal_address", "note")
        }
        assert 11 == len(readable)
        assert set(readable.values()) == found(readable.values(), [text.encode()])


async def test_a_stolen_dump_shows_no_word_of_anybody(shop: Shop, planted: list[Planted]) -> None:
    """Every document of every collection, the oplog too; the tags show that it was searched."""
    documents = await dump(shop.stack.mongodb_uri)
    controls = {one.control for one in planted}
    assert controls == found(controls, documents)
    assert set() == found(_canaries(planted), documents)


@pytest.mark.deep
async def test_a_stolen_disk_shows_no_word_of_anybody(shop: Shop, planted: list[Planted]) -> None:
    """Files of MongoDB and Redis and every log; rules over sealed words have their state there."""
    assert {one.customer_id for one in planted} <= await shop.members()
    await flush(shop.stack.mongodb_uri)
    held = list(files(shop.stack.directory, without=shop.stack.keys))
    names = {path.relative_to(shop.stack.directory).parts[0] for path, _ in held}
    logs = {"profile.log", "segmentation.log", "offers.log", "gateway.log", "mongod.log"}
    assert {"mongod", "redis", *logs} <= names
    controls = {one.control for one in planted}
    assert controls == found(controls, [content for _, content in held])
    hits = {
        str(path.relative_to(shop.stack.directory)): hit
        for path, content in held
        if (hit := found(_canaries(planted), [content]))
    }
    assert {} == hits


async def test_traces_show_no_word_of_anybody(
    shop: Shop, planted: list[Planted], collector: Collector
) -> None:
    """Spans of the very calls that carried the canaries; metrics come the same way."""
    collector.received.clear()
    fresh = await plant(shop, len(planted))
    await read_by_owner(shop, fresh)
    calls = {"IdentifyCustomer", "RecordEvents", "SetConsent", "GetCustomer", "ListTimeline"}

    async def exported() -> bool:
        return calls == found(calls, collector.received)

    await eventually(exported)
    assert set() == found(_canaries([*planted, fresh]), collector.received)
