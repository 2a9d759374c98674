"""The house rules, applied to every file of the repository.

tests/unit/dev/test_tidy_rules.py shows that each of these checks bites.
"""

import re
import tomllib
from collections.abc import Callable
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from dangol_dev import tidy
from dangol_dev.error_table import error_table
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
FILES = dict(tidy.source_files(ROOT))
PYTHON = {path: text for path, text in FILES.items() if path.endswith(".py")}
MANIFESTS = [path for path in FILES if path.endswith("/pyproject.toml")]
LOCKED = re.findall(r"^([a-z0-9.-]+)==([^ ]+)", FILES["requirements.lock"], flags=re.MULTILINE)
Check = Callable[[str, str], list[str]]


def _complaints(files: dict[str, str], check: Check) -> list[str]:
    return [complaint for path, text in files.items() for complaint in check(path, text)]


def _normal(requirement: str) -> str:
    name = re.split(r"[<>=!~;\[ ]", requirement)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_leftovers_hosts_or_machine_paths() -> None:
    """No file holds leftovers, hosts of package registries or paths of one machine."""
    assert [] == _complaints(FILES, tidy.check_text)


@pytest.mark.parametrize(
    "check",
    [
        tidy.check_lengths,
        tidy.check_calls,
        tidy.check_docstrings,
        tidy.check_purity,
        tidy.check_borders,
    ],
)
def test_python_files_keep_the_house_rules(check: Check) -> None:
    """Lengths, calls, docstrings, pure domain files and borders between packages."""
    assert [] == _complaints(PYTHON, check)


def test_error_codes_are_documented() -> None:
    """docs/errors.md holds the table of the codes as they are."""
    assert error_table() in FILES["docs/errors.md"]


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_packages_declare_what_they_import(manifest: str) -> None:
    """Each package's pyproject.toml names every distribution that its source imports."""
    project = tomllib.loads(FILES[manifest])["project"]
    extras = project.get("optional-dependencies", {}).values()
    declared = {_normal(one) for one in chain(project["dependencies"], *extras)}
    source = manifest.removesuffix("pyproject.toml") + "src/"
    imported = set[str]()
    for path, text in PYTHON.items():
        if path.startswith(source):
            imported |= tidy.imported_packages(text)
    missing = {
        module
        for module in imported
        if not (ROOT / source / module).is_dir()
        and not _distributions(module) & (declared | {_normal(project["name"])})
    }
    assert set() == missing


@pytest.mark.parametrize("manifest", ["pyproject.toml", *MANIFESTS])
def test_the_lock_file_holds_every_dependency(manifest: str) -> None:
    """requirements.lock has a fitting version of each dependency; `make lock` writes it."""
    content = tomllib.loads(FILES[manifest])
    project = content["project"]
    groups = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    groups += content.get("dependency-groups", {}).values()
    ours = {tomllib.loads(FILES[path])["project"]["name"] for path in MANIFESTS}
    unmet = [
        requirement
        for requirement in map(Requirement, chain(*groups))
        if _normal(requirement.name) not in ours
        and not any(
            name == _normal(requirement.name) and requirement.specifier.contains(version)
            for name, version in LOCKED
        )
    ]
    assert [] == unmet


def _distributions(module: str) -> set[str]:
    for manifest in MANIFESTS:
        if (ROOT / manifest).parent.joinpath("src", module).is_dir():
            return {_normal(tomllib.loads(FILES[manifest])["project"]["name"])}
    return {_normal(name) for name in packages_distributions().get(module, [])}
