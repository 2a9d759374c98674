"""The suite of the GraphQL over HTTP specification's reference implementation."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytestmark = pytest.mark.web


async def test_every_audit_of_graphql_http_passes(
    frontend: Any, node: Callable[..., Awaitable[Any]]
) -> None:
    """All 61: what servers must do, and what they should and may do as well."""
    results = await node("audit.mjs", frontend.stack.urls["graphql"], frontend.token())
    assert len(results) == 61
    failed = [one for one in results if one["status"] != "ok"]
    assert [f"{one['id']} {one['name']}: {one['reason']}" for one in failed] == []
