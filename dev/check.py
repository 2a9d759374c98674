"""`make check`: generated files match their sources, and the code keeps the rules.

Runs every step even when one fails, and ends with one line a step. Needs no server.
"""

import filecmp
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = (
    "libs/cli",
    "libs/client",
    "libs/rules",
    "libs/service_kit",
    "libs/contracts/generate.py",
)
CODE = (*LIBRARIES, "services", "dev", "images", "bench", "tests")
SCHEMA = ROOT / "services/gateway/schema.graphql"


def run(*command: str) -> bool:
    """Run one of the environment's Python programs; True when it succeeds."""
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode == 0


def script(path: str) -> bool:
    """Run one of the repository's programs; True when it succeeds."""
    return subprocess.run([sys.executable, path], cwd=ROOT, check=False).returncode == 0


def contracts() -> bool:
    """The committed contracts are what proto/ generates, file by file."""
    with tempfile.TemporaryDirectory() as fresh:
        generate = [sys.executable, "libs/contracts/generate.py", fresh]
        if subprocess.run(generate, cwd=ROOT, check=False).returncode:
            return False
        different = differences(Path(fresh), ROOT / "libs/contracts/src")
    for path in different:
        print(f"libs/contracts/src/{path} is not what proto/ generates; run make proto")
    return not different


def schema() -> bool:
    """The committed GraphQL schema is the one that the gateway serves."""
    program = "from gateway_service.schema import to_sdl; print(to_sdl(), end='')"
    printed = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=False
    )
    same = printed.returncode == 0 and printed.stdout == SCHEMA.read_text()
    if not same:
        print(f"{SCHEMA.relative_to(ROOT)} is not the gateway's schema; run make docs")
    return same


def differences(fresh: Path, committed: Path) -> list[str]:
    """Files, by relative path, that are on one side only or differ; caches do not count."""
    sides = [
        {path.relative_to(side).as_posix() for path in side.rglob("*") if is_source(path)}
        for side in (fresh, committed)
    ]
    different = {
        path
        for path in sides[0] & sides[1]
        if not filecmp.cmp(fresh / path, committed / path, shallow=False)
    }
    return sorted(different | (sides[0] ^ sides[1]))


def is_source(path: Path) -> bool:
    """Whether a file is one that a generator wrote."""
    return path.is_file() and "__pycache__" not in path.parts


STEPS: dict[str, Callable[[], bool]] = {
    "contracts match proto/": contracts,
    "schema.graphql matches the gateway": schema,
    "nothing released breaks": lambda: script("dev/breaking.py"),
    "ruff check": lambda: run("ruff", "check", "--quiet", *CODE),
    "ruff format": lambda: run("ruff", "format", "--check", "--quiet", *CODE),
    "mypy --strict": lambda: run("mypy", "--strict", *CODE),
    "house rules": lambda: run("pytest", "-q", "tests/test_tidy.py"),
}


def main() -> None:
    """Run every step; exit code 1 when one failed."""
    results = {}
    for name, step in STEPS.items():
        print(f"== {name}", flush=True)
        results[name] = step()
    print()
    for name, passed in results.items():
        print(f"{'ok    ' if passed else 'FAILED'}  {name}")
    sys.exit(not all(results.values()))


if __name__ == "__main__":
    main()
