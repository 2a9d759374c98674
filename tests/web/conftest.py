"""Node programs run against the whole platform. `make test-web` installs what they need."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

# The platform with the tenant shop, and a frontend of it.
from tests.integration.gateway.conftest import frontend, stack  # noqa: F401

HERE = Path(__file__).parent
Node = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
def node() -> Node:
    """Runs a program of this directory with arguments; answers the JSON that it prints."""
    program = shutil.which("node")
    if program is None or not (HERE / "node_modules").is_dir():
        pytest.fail("run `make test-web`, which installs what these tests need")

    async def run(script: str, *arguments: str) -> Any:
        process = await asyncio.create_subprocess_exec(
            program,
            str(HERE / script),
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return json.loads(out)

    return run
