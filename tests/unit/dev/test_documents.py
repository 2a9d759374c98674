"""What the documents say is there is there."""

import dataclasses
import re
from pathlib import Path

import pytest
from gateway_service.config import GatewayConfig
from offers_service.config import OffersConfig
from profile_service.config import ProfileConfig
from segmentation_service.config import SegmentationConfig

ROOT = Path(__file__).parents[3]
CONFIGS = (GatewayConfig, OffersConfig, ProfileConfig, SegmentationConfig)
_ROW = re.compile(r"^\| `(DANGOL_[A-Z_]+)` \|", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`")


def test_every_variable_is_documented() -> None:
    """docs/configuration.md has a row for each field of each configuration, and no other."""
    fields = {field.name for config in CONFIGS for field in dataclasses.fields(config)}
    documented = set(_ROW.findall((ROOT / "docs/configuration.md").read_text()))
    assert {f"DANGOL_{name.upper()}" for name in fields} == documented


@pytest.mark.parametrize("page", ["docs/features.md", "docs/regressions.md"])
def test_tests_that_a_page_names_exist(page: str) -> None:
    """Every test that the page points to is in the file it names."""
    named = _TEST.findall((ROOT / page).read_text())
    missing = [
        f"{path}::{test}"
        for path, test in named
        if not (ROOT / path).is_file() or (test and f"def {test}(" not in (ROOT / path).read_text())
    ]
    assert len(named) >= 10
    assert [] == missing


def test_rows_that_work_name_their_test() -> None:
    """docs/features.md claims no feature without a test that shows it."""
    rows = re.findall(r"^\| [A-F]\d+ \|.*$", (ROOT / "docs/features.md").read_text(), re.MULTILINE)
    claimed = [row for row in rows if "| works |" in row or "| partly |" in row]
    assert len(rows) == 44
    assert [] == [row for row in claimed if not _TEST.search(row)]


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"])
def test_a_document_names_make_targets_that_exist(document: str) -> None:
    """Every `make target` in it is a target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`| {4})make ([a-z-]+)", (ROOT / document).read_text()))
    assert set() == named - targets


def test_selections_in_the_readme_select_tests() -> None:
    """Each `-k words` of the README is part of a test's name, file or folder."""
    words = set(re.findall(r'ARGS="-k (\w+)"', (ROOT / "README.md").read_text()))
    files = list((ROOT / "tests").rglob("test_*.py"))
    names = [part for path in files for part in path.relative_to(ROOT).with_suffix("").parts]
    for path in files:
        names += re.findall(r"def (test_\w+)\(", path.read_text())
    assert len(words) >= 4
    assert [] == [word for word in words if not any(word in name for name in names)]
