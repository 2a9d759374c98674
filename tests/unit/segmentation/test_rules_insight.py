"""What insight knows of a customer is named like the other attributes."""

import pytest
from dangol_rules import tree
from dangol_rules.format import format_rule
from dangol_rules.rules import parse
from dangol_rules.types import INSIGHT_NAMES
from profile_service import insight


def test_the_names_are_those_that_profile_writes() -> None:
    """Two services, one list."""
    assert list(INSIGHT_NAMES) == [*insight.NAMES, *insight.FACT_NAMES]


@pytest.mark.parametrize("name", INSIGHT_NAMES)
def test_an_insight_is_a_custom_field(name: str) -> None:
    """profile.churn > 0.7 is field("churn") > 0.7, and is written so."""
    rule = parse(f"profile.{name} > 0.7")
    assert parse(f'field("{name}") > 0.7') == rule
    assert parse(format_rule(rule)) == rule
    assert isinstance(rule, tree.Compare)
    assert isinstance(rule.left, tree.Field)
