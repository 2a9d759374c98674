"""Each house rule bites: a sample that breaks it is found, the same sample put right is not."""

from pathlib import Path

import pytest
from dangol_dev import tidy

DOMAIN = "services/offers/src/offers_service/coupons.py"
STORE = "services/offers/src/offers_service/store_accounts.py"
TEST = "tests/unit/offers/test_coupons.py"
DEV = "dev/src/dangol_dev/demo.py"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("# TO" + "DO: later", "leftover"),
        ("x = 1  # FIX" + "ME", "leftover"),
        ("index = 'https://py" + "pi.org/simple'", "host of a package registry"),
        ("image: docker" + ".io/library/redis", "host of a package registry"),
        ("path = '/wor" + "k/main'", "path of one machine"),
        ("see /hom" + "e/someone/notes", "path of one machine"),
    ],
)
def test_text_that_must_not_be_there(line: str, found: str) -> None:
    """Leftovers, registries' hosts and machine paths are found in any file, with their line."""
    complaints = tidy.check_text("docs/a.md", f"first\n{line}\n")
    assert len(complaints) == 1
    assert complaints[0].startswith(f"docs/a.md:2: {found}")


def test_text_that_may_be_there() -> None:
    """Relative paths, routes and ordinary words raise no complaint."""
    assert [] == tidy.check_text("docs/a.md", "src/home/x ${A}/home/y https://h.example/home/z")


def test_a_file_of_400_lines_is_the_longest() -> None:
    """Line 401 is one too many."""
    assert [] == tidy.check_lengths(DEV, "x = 1\n" * 400)
    assert [f"{DEV}: 401 lines, at most 400"] == tidy.check_lengths(DEV, "x = 1\n" * 401)


def test_a_function_of_70_lines_is_the_longest() -> None:
    """Line 71 of a function is one too many, in methods and coroutines too."""
    body = "        x = 1\n"
    assert [] == tidy.check_lengths(DEV, "class A:\n    def f(self):\n" + body * 69)
    complaints = tidy.check_lengths(DEV, "class A:\n    async def f(self):\n" + body * 70)
    assert [f"{DEV}:2: f has 71 lines, at most 70"] == complaints


@pytest.mark.parametrize(
    "call",
    [
        "time.sleep(1)",
        "unittest.mock.patch('a.b')",
        "mock.patch.object(a, 'b')",
        "pytest.skip('no')",
        "breakpoint()",
        "print('here')",
    ],
)
def test_calls_that_must_not_be_there(call: str) -> None:
    """Sleeps, patches, skips and prints are found."""
    assert len(tidy.check_calls(TEST, f"def f():\n    {call}\n")) >= 1


def test_marks_and_stubs_are_found() -> None:
    """A skipped test, an excused one and a stub are found."""
    for line in ("@pytest.mark.skip", "@pytest.mark.xfail(strict=True)"):
        assert len(tidy.check_calls(TEST, f"{line}\ndef test_a(): ...\n")) == 1
    assert len(tidy.check_calls(DOMAIN, "def f():\n    raise NotImplementedError\n")) == 1


def test_command_line_programs_may_print() -> None:
    """print is for programs that people run in a terminal."""
    assert [] == tidy.check_calls(DEV, "print('here')\n")
    assert [] == tidy.check_calls(TEST, "await asyncio.sleep(0)\n")


def test_tests_and_modules_need_a_docstring() -> None:
    """A test without a sentence is found, and a module without one."""
    assert [] == tidy.check_docstrings(TEST, '"""A."""\nasync def test_a():\n    """B."""\n')
    complaints = tidy.check_docstrings(TEST, "async def test_a():\n    assert True\n")
    expected = [f"{TEST}: the module has no docstring", f"{TEST}:1: test_a has no docstring"]
    assert expected == complaints


@pytest.mark.parametrize(
    "code",
    [
        "import asyncio",
        "import os.path",
        "from redis.asyncio import Redis",
        "from motor.motor_asyncio import AsyncIOMotorClient",
        "from dangol_service_kit.errors import RpcFailure",
        "from dangol.offers.v1 import coupon_service_pb2_grpc",
        "from offers_service.store_accounts import Accounts",
        "from offers_service import store_accounts",
        "from datetime import datetime\nnow = datetime.now()",
        "import uuid\nname = uuid.uuid4()",
        "text = open('a').read()",
    ],
)
def test_domain_files_are_pure(code: str) -> None:
    """I/O, clocks, random numbers and outer files are found in a domain file, nowhere else."""
    assert len(tidy.check_purity(DOMAIN, code)) >= 1
    assert [] == tidy.check_purity(STORE, code)


def test_domain_files_may_compute() -> None:
    """The standard library's pure parts, other domain files and plain data are fine."""
    code = "from datetime import datetime, UTC\nfrom offers_service.journal import Entry\n"
    assert [] == tidy.check_purity(DOMAIN, code + "at = datetime.fromtimestamp(0, UTC)\n")


def test_files_of_a_service_are_domain_unless_named_otherwise() -> None:
    """A new file is held to purity until its name says what outside it touches."""
    folder = "services/segmentation/src/segmentation_service"
    assert tidy.is_domain(f"{folder}/anything.py")
    assert tidy.is_domain(f"{folder}/rules/parser.py")
    assert not tidy.is_domain(f"{folder}/rpc_segments.py")
    assert not tidy.is_domain(f"{folder}/store/states.py")
    assert not tidy.is_domain("services/gateway/src/gateway_service/types.py")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (DOMAIN, "from profile_service.domain import Customer"),
        ("libs/service_kit/src/dangol_service_kit/bus.py", "import offers_service"),
        (DEV, "from segmentation_service.engine import step"),
        (STORE, "from dangol_dev.servers import MongoServer"),
        ("services/offers/src/offers_service/rpc.py", "import motor.motor_asyncio"),
    ],
)
def test_borders_are_kept(path: str, code: str) -> None:
    """Services reach each other by their APIs, databases by their stores."""
    assert len(tidy.check_borders(path, code)) == 1


def test_own_package_and_libraries_are_within_borders() -> None:
    """A service imports itself, the libraries and, in its store, the database's driver."""
    code = "import motor\nfrom offers_service.journal import Entry\nimport dangol_service_kit\n"
    assert [] == tidy.check_borders(STORE, code)


def test_imported_packages_leave_out_the_standard_library() -> None:
    """Only what a distribution has to bring is reported."""
    code = "from __future__ import annotations\nimport os, grpc.aio\nfrom redis import asyncio\n"
    assert {"grpc", "redis"} == tidy.imported_packages(code)


def test_source_files_leave_out_what_nobody_writes(tmp_path: Path) -> None:
    """Hidden folders, generated code and binary files are not read; .ci/run is."""
    for name in ("a.py", ".venv/b.py", "libs/contracts/src/c.py", "d.png", ".ci/run"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    assert [path for path, _ in tidy.source_files(tmp_path)] == [".ci/run", "a.py"]
