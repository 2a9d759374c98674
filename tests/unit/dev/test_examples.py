"""The queries that the demo prints fit the gateway's schema."""

from dangol_dev.examples import Examples, queries
from gateway_service.schema import make_schema
from graphql import parse, validate

EXAMPLES = Examples(
    tenant_id="dangol-shop",
    segment_id="first-cart-left",
    member_id="u_member",
    coupon_id="c_coupon",
    giver_id="u_giver",
    recipient_id="u_recipient",
    campaign_id="we-miss-you",
    event_time="2026-05-30T01:00:00+09:00",
)


def test_all_queries_are_valid_for_the_schema() -> None:
    """What people paste into GraphiQL must not be answered with a validation error."""
    schema = make_schema()._schema
    found = queries(EXAMPLES)
    assert len(found) == 6
    for title, query in found:
        assert (title, []) == (title, validate(schema, parse(query)))


def test_the_queries_carry_the_real_ids() -> None:
    """Every id found is in one of the texts."""
    text = "\n".join(query for _, query in queries(EXAMPLES))
    for value in ("u_member", "c_coupon", "u_giver", "u_recipient", "we-miss-you"):
        assert value in text
