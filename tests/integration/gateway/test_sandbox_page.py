"""The example of docs/sandbox.md, as it is printed there."""

import asyncio
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import grpc
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role

PAGE = Path(__file__).resolve().parents[3] / "docs" / "sandbox.md"
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


async def test_the_example_in_python_runs_as_it_is_printed(stack: Stack) -> None:
    """With the blocking stubs that a partner's test uses."""
    entered, empty = await asyncio.to_thread(_run, stack)
    assert [datetime(2026, 3, 2, 9, 35)] == entered
    await asyncio.to_thread(_end, stack, empty)


def _run(stack: Stack) -> Any:
    page: dict[str, Any] = {}
    exec(EXAMPLE, page)
    with (
        grpc.insecure_channel(stack.targets["profile"]) as profile,
        grpc.insecure_channel(stack.targets["segmentation"]) as segmentation,
        grpc.insecure_channel(stack.targets["offers"]) as offers,
    ):
        return page["a_cart_is_left"](
            profile, segmentation, offers, lambda tenant: stack.token(tenant, Role.ADMIN)
        )


def _end(stack: Stack, sandbox_id: str) -> None:
    page: dict[str, Any] = {}
    exec(EXAMPLE, page)
    with grpc.insecure_channel(stack.targets["offers"]) as offers:
        request = page["steps"].EndSandboxRequest(request_id=str(page["uuid"].uuid4()))
        token = f"Bearer {stack.token(sandbox_id, Role.ADMIN)}"
        page["Steps"](offers).EndSandbox(request, timeout=60, metadata=[("authorization", token)])
