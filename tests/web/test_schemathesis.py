"""Schemathesis makes queries and mutations from the schema: whatever is asked, nothing breaks."""

import asyncio
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code
from dangol_service_kit.query_codes import QueryCode

from tests.integration.gateway.conftest import found_tenant

HERE = Path(__file__).parent
PROGRAM = HERE.parents[1] / ".tools/web-venv/bin/schemathesis"
EXAMPLES = 500
# What a caller is told of when it is ours to mend.
OURS = {
    Code.INTERNAL.name,
    Code.UNAVAILABLE.name,
    Code.DEADLINE_EXCEEDED.name,
    Code.UNIMPLEMENTED.name,
}
KNOWN = {code.name for code in Code} | {code.value for code in QueryCode}


async def _examples(
    frontend: Any, role: Role, directory: Path, for_each_field: int, mode: str
) -> list[dict[str, Any]]:
    """Requests and their answers."""
    if not PROGRAM.is_file():
        pytest.fail("run `make test-web`, which installs schemathesis")
    report = directory / f"{role.value}.har"
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        "run",
        frontend.stack.urls["graphql"],
        f"--header=authorization: Bearer {frontend.token(role)}",
        "--phases=fuzzing",
        "--checks=not_a_server_error",
        "--continue-on-failure",
        f"--max-examples={for_each_field}",
        f"--mode={mode}",
        "--no-shrink",
        "--request-timeout=60",
        "--seed=20261127",
        "--suppress-health-check=all",
        f"--report-har-path={report}",
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "scalars"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    # It takes refusals, which have a place in the answer, for failures: they are judged here.
    assert report.is_file(), out.decode()
    found: list[dict[str, Any]] = json.loads(report.read_text())["log"]["entries"]
    return [one for one in found if one["request"].get("postData")]


def _wrong(entry: dict[str, Any]) -> str:
    """What is wrong with an answer; empty for nothing."""
    response = entry["response"]
    if response["status"] not in range(200, 500):
        return f"status {response['status']}"
    answer = json.loads(response["content"]["text"])
    codes = {(error.get("extensions") or {}).get("code") for error in answer.get("errors") or ()}
    bad = sorted(str(code) for code in codes if code in OURS or code not in KNOWN)
    return ", ".join(bad)


def _judge(asked: list[dict[str, Any]], least: int) -> None:
    assert len(asked) >= least
    wrong = [(_wrong(one), one["request"]["postData"]["text"]) for one in asked]
    assert [one for one in wrong if one[0]] == []


@pytest.fixture
async def fuzzed(frontend: Any) -> Any:
    """A frontend of a tenant of its own: what is made here is in no other test's way."""
    await found_tenant(frontend.stack, "fuzzed", "아무말가게")
    return dataclasses.replace(frontend, tenant="fuzzed")


@pytest.mark.web
@pytest.mark.timeout(600)
async def test_500_examples_bring_no_server_error(fuzzed: Any, tmp_path: Path) -> None:
    """As an admin, who may ask for almost everything: refusals have a code, and none is ours."""
    asked = await _examples(fuzzed, Role.ADMIN, tmp_path, 4, "positive")
    _judge(asked, EXAMPLES)
    # Not everything was refused before it came to a service.
    answers = [json.loads(one["response"]["content"]["text"]) for one in asked]
    assert sum("errors" not in answer for answer in answers) >= EXAMPLES // 3


@pytest.mark.deep
@pytest.mark.timeout(3600)
async def test_10_000_examples_bring_no_server_error(fuzzed: Any, tmp_path: Path) -> None:
    """The same for longer, broken queries among them; `make test-web` installs what it needs."""
    asked = await _examples(fuzzed, Role.ADMIN, tmp_path, 80, "all")
    _judge(asked, 10_000)
