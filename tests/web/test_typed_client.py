"""Types by graphql-codegen from our schema and the storefront's operations, checked by tsc."""

import asyncio
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.web

HERE = Path(__file__).parent
GENERATED = HERE / "typed" / "generated" / "operations.ts"


async def _run(program: str, *arguments: str) -> tuple[int | None, str]:
    """Exit code and output of a program that npm installed."""
    found = HERE / "node_modules" / ".bin" / program
    if not found.exists() or shutil.which("node") is None:
        pytest.fail("run `make test-web`, which installs what these tests need")
    process = await asyncio.create_subprocess_exec(
        str(found),
        *arguments,
        cwd=HERE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()


async def test_the_typed_client_is_generated_and_its_use_is_checked() -> None:
    """tsc --strict accepts typed/storefront.ts, which uses each of the operations, and refuses one
    that reads a field which the operation does not ask for and one that sends a wrong value."""
    GENERATED.unlink(missing_ok=True)
    assert (0, "") == await _generate()
    names = ("Me", "Products", "Track", "Hold", "OfferGift", "Gift", "ClaimGift")
    text = GENERATED.read_text()
    used = (HERE / "typed" / "storefront.ts").read_text()
    for name in names:
        assert f"export const {name}Document" in text
        assert f", {name}Document, " in used
    status, output = await _run("tsc", "--project", "typed", "--pretty", "false")
    complaints = [line for line in output.splitlines() if "error TS" in line]
    assert 2 == status
    # Nothing but the two mistakes of wrong.ts: the project holds storefront.ts as well.
    assert ["typed/wrong.ts(9,", "typed/wrong.ts(11"] == [line[:17] for line in complaints]
    assert "TS2339" in complaints[0]
    assert "reveneu" in complaints[0]
    assert "TS2322" in complaints[1]


async def _generate() -> tuple[int | None, str]:
    status, output = await _run("graphql-codegen", "--config", "typed/codegen.yml", "--silent")
    return status, output.strip() if status else ""
