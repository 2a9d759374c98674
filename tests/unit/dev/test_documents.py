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
