"""Faults planted in a copy of a service, each hunted in a process of its own."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

# After how many histories, 0 for not at all; and as what.
Caught = tuple[int, str]


@dataclass(frozen=True)
class Mutation:
    """What is wrong, in which file, and by which replacement; `old` stands there exactly once."""

    fault: str
    file: str
    old: str
    new: str

    def plant(self, source: Path, folder: Path) -> None:
        """Copies a service's package into a folder, with the fault in it.

        Raises LookupError when the source is no longer what it was.
        """
        package = folder / source.name
        shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__"))
        file = package / self.file
        text = file.read_text()
        if text.count(self.old) != 1:
            raise LookupError(f"{self.fault}: found {text.count(self.old)} times in {self.file}")
        file.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True)
class Hunt:
    """A service's package, the module that hunts in copies of it, and MongoDB for its histories."""

    source: Path
    module: str
    mongodb_uri: str = ""
    database_name: str = ""

    def run(
        self, folder: Path, mutations: Sequence[Mutation], *arguments: str
    ) -> dict[str, Caught]:
        """By fault, after how many histories it was caught, and as what."""
        places = []
        for number, mutation in enumerate(mutations):
            place = folder / f"mutant{number}"
            mutation.plant(self.source, place)
            places.append(str(place))
        stores = {"HUNT_MONGODB_URI": self.mongodb_uri, "HUNT_DATABASE": self.database_name}
        done = subprocess.run(
            [sys.executable, "-m", self.module, *arguments, *places],
            cwd=ROOT,
            env={**os.environ, **stores},
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, done.stderr[-4000:]
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("CAUGHT ")]
        caught = json.loads(line.removeprefix("CAUGHT "))
        pairs = zip(mutations, caught, strict=True)
        return {mutation.fault: (count, how) for mutation, (count, how) in pairs}


def check(caught: dict[str, Caught]) -> None:
    """Every fault but none was caught; the table goes to the test's output."""
    for fault, (count, how) in caught.items():
        sys.stdout.write(f"{fault:62} {count:5} {how}\n")
    assert (0, "") == caught.pop("none", (0, ""))
    assert [] == [fault for fault, (count, _) in caught.items() if not count]


def enter(folder: Path, package_name: str, *reloaded: str) -> None:
    """In the hunting process: from now on the package is the one in the folder, also for what
    these prefixes name."""
    for name in list(sys.modules):
        if name.startswith((package_name, *reloaded)):
            del sys.modules[name]
    sys.path[:] = [str(folder), *(one for one in sys.path if "mutant" not in one)]
    importlib.invalidate_caches()
    package = importlib.import_module(package_name)
    assert Path(str(package.__file__)).is_relative_to(folder)


def caught_as(error: Exception) -> str:
    """The name of what a history failed with, without the group that it came in."""
    return type([*getattr(error, "exceptions", ()), error][0]).__name__


def report(found: Sequence[Caught]) -> None:
    """What the hunting process answers, for each folder in order."""
    sys.stdout.write("\nCAUGHT " + json.dumps(found) + "\n")
