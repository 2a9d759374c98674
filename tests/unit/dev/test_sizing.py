"""The page on sizing is what the bench writes: its arithmetic follows from its figures."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

from bench.sizing import Sized, page

PAGE = Path(__file__).parents[3] / "docs/sizing.md"


def _read() -> Sized:
    """The figures of the page's table, in the order in which Sized has them."""
    table = PAGE.read_text().split("| --- | --- |")[1].split("\n\n")[0]
    values = [
        int(text.replace(",", "")) for text in re.findall(r"\| ([\d,]+) \|$", table, re.MULTILINE)
    ]
    return Sized(**dict(zip([one.name for one in fields(Sized)], values, strict=True)))


def test_the_page_says_what_its_figures_come_to() -> None:
    """`PAGE=docs/sizing.md ONLY=sizing make bench` writes it; nothing is changed by hand."""
    assert page(_read()) == PAGE.read_text()


def test_twice_the_state_is_twice_the_memory_and_more_work_more_replicas() -> None:
    """Nothing of the arithmetic stands in the page's text, and no figure is left open."""
    found = _read()
    text = page(replace(found, state_bytes=1_024, profile_us=100, segmentation_us=100))
    assert not re.search(r"\{\w+\}", text)
    assert "rules: 1.9 GiB; ten million: 19.1 GiB" in text
    assert "takes 3,333 events/s" in text
    assert "20,000 need 3 of profile and\n3 of segmentation" in text
