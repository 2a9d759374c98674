"""Bad rules: where they are wrong, and what the hint says."""

from __future__ import annotations

import unicodedata

import pytest
from dangol_dev.bad_rules import BAD_RULES, HOSTILE, TANGLES, Bad, Tangle
from dangol_rules.rules import RuleError, parse
from segmentation_service.engine import SegmentRule, compile_ruleset


def name_of(bad: Bad) -> str:
    """A short, printable name for a test."""
    return bad.text[:40].encode("unicode_escape", "replace").decode()


@pytest.mark.parametrize("bad", BAD_RULES, ids=name_of)
def test_a_bad_rule_is_told_where_and_why(bad: Bad) -> None:
    """Each error names line and column and hints at the remedy."""
    with pytest.raises(RuleError) as caught:
        parse(bad.text)
    assert (bad.line, bad.column) == (caught.value.line, caught.value.column)
    assert bad.message in caught.value.message
    assert bad.hint in caught.value.hint


def test_there_are_many_hostile_rules() -> None:
    """At least forty of them alone."""
    assert len({bad.text for bad in HOSTILE}) >= 40


def test_no_answer_repeats_much_or_hides_anything() -> None:
    """Messages stay short and show every character they have, whatever was sent."""
    for bad in BAD_RULES:
        with pytest.raises(RuleError) as caught:
            parse(bad.text)
        assert len(str(caught.value)) <= 300
        hidden = {unicodedata.category(one) for one in str(caught.value)} & {"Cc", "Cf", "Cs"}
        assert set() == hidden


@pytest.mark.parametrize("tangle", TANGLES, ids=lambda tangle: tangle.message)
def test_segments_that_do_not_fit_together_are_refused(tangle: Tangle) -> None:
    """Circles, unknown segments and towers of them are told at the reference."""
    segments = [SegmentRule(name, parse(text)) for name, text in tangle.rules.items()]
    with pytest.raises(RuleError) as caught:
        compile_ruleset(segments, "Asia/Seoul")
    assert (1, tangle.column) == (caught.value.line, caught.value.column)
    assert tangle.message in caught.value.message
    assert tangle.hint in caught.value.hint
