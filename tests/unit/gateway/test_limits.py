"""Query limits: what is asked for is bounded before anything runs, and measured once."""

from typing import Any

import pytest
from gateway_service.documents import Documents
from gateway_service.limits import check, measure
from gateway_service.persisted import AutomaticQueries
from gateway_service.schema import make_schema
from graphql import GraphQLError, GraphQLSchema, get_introspection_query, parse


def _problems(query: str) -> list[str]:
    return [
        error.message.split("'s ")[1].split(" is ")[0] for error in check(measure(parse(query)))
    ]


def _codes(errors: list[GraphQLError] | None) -> list[str]:
    return [(error.extensions or {})["code"] for error in errors or ()]


def test_everyday_queries_pass() -> None:
    """A page of customers with their segments and latest events is no trouble."""
    query = """
    query Page($after: String) {
      customers(first: 20, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id displayName segments { segment { displayName } }
                timeline(first: 5) { nodes { type occurredAt amount { amount } } } }
      }
    }
    """
    assert _problems(query) == []


def test_introspection_passes() -> None:
    """Tools read the schema with a deep query of their own."""
    assert _problems(get_introspection_query(descriptions=True)) == []


def test_depth_is_bounded() -> None:
    """Through fields, inline fragments and named fragments alike."""
    chain = "customer { segments { segment { members { nodes { " * 4
    query = "{ me { " + chain + "id" + " }" * 22
    assert "depth" in _problems(query)
    inline = "{ " + "me { ... on Viewer { " * 20 + "role" + " } }" * 20 + " }"
    assert _problems(inline) == ["depth"]


def test_aliases_are_bounded() -> None:
    """The same field under many names is still many fields."""
    query = "{ " + " ".join(f"a{number}: me {{ role }}" for number in range(31)) + " }"
    assert _problems(query) == ["aliases"]


def test_pages_of_pages_cost_their_product() -> None:
    """A hundred customers with a hundred events each are ten thousand events, three fields each."""
    query = "{ customers(first: 100) { nodes { timeline(first: 100) { nodes { id type } } } } }"
    assert _problems(query) == ["cost"]
    by_variable = query.replace("100", "$n").replace("{ customers", "query($n: Int) { customers", 1)
    assert _problems(by_variable) == ["cost"]


def test_figures_and_days_are_dear() -> None:
    """Both read everybody's purchases; one of each with all its parts is no trouble."""
    day = "d%d: today { figures { orderCount } missed { revenue { amount } } actions { count } }"
    figures = """f%d: storeFigures(scope: STORE, unit: DAY, firstDate: $a, lastDate: $b) {
      figures { scopeId date revenue { amount } activeCount lostCount } }"""
    head = "query($a: Date!, $b: Date!) { "
    assert _problems(head + day % 1 + " " + figures % 1 + " }") == []
    assert _problems("{ " + " ".join(day % number for number in range(7)) + " }") == ["cost"]
    many = " ".join(figures % number for number in range(10))
    assert _problems(head + many + " }") == ["cost"]
    everything = "{ surveys { nodes { id questions { id kind options { id productIds } } } } }"
    assert _problems(everything) == []


def test_previews_are_dear() -> None:
    """Four in one query pass, five do not; nor does one for each of many."""
    preview = """p%d: previewSegment(rule: "count(visit) = 0") {
      ... on SegmentPreview { memberCount } }"""
    assert _problems("{ " + " ".join(preview % number for number in range(4)) + " }") == []
    assert _problems("{ " + " ".join(preview % number for number in range(5)) + " }") == ["cost"]


def test_sizes_cost_their_days() -> None:
    """A month of every segment passes; two years of it do not, nor what a variable may ask for."""
    query = "{ segments(first: 100) { nodes { id sizes { date memberCount } } } }"
    assert _problems(query) == []
    for given, expected in (
        ('firstDate: "2026-01-01", lastDate: "2026-01-31"', []),
        ('firstDate: "2025-01-01", lastDate: "2026-12-31"', ["cost"]),
        ('lastDate: "2026-01-31"', []),
        ('firstDate: "2026-01-01"', ["cost"]),
        ('firstDate: "yesterday", lastDate: "2026-01-31"', ["cost"]),
        ("firstDate: $from, lastDate: $to", ["cost"]),
    ):
        assert _problems(query.replace("sizes", f"sizes({given})")) == expected


def test_nested_fragments_are_measured_once() -> None:
    """Fifty fragments that each spread the next one twice take no exponential time."""
    fragments = [
        f"fragment F{number} on Viewer {{ ...F{number + 1} ...F{number + 1} }}"
        for number in range(50)
    ]
    query = "{ me { ...F0 } } " + " ".join(fragments) + " fragment F50 on Viewer { role }"
    assert _problems(query) == ["cost"]


def test_fragments_that_spread_themselves_end() -> None:
    """Validation refuses them; measuring them must not hang."""
    query = "{ me { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A role }"
    assert _problems(query) == []


class CountingDocuments(Documents):
    """Counts what is prepared anew."""

    prepared_count = 0

    def _make(self, query: str, schema: GraphQLSchema) -> Any:
        self.prepared_count += 1
        return super()._make(query, schema)


async def test_a_query_is_prepared_once() -> None:
    """The second time, parsing, measuring and validating are already done."""
    cache = CountingDocuments(AutomaticQueries(), open_schema=True)
    schema = make_schema(cache)
    for _ in range(5):
        result = await schema.execute("{ __typename }")
        assert result.data == {"__typename": "Query"}
    bad = [await schema.execute("{ nothing }") for _ in range(5)]
    assert cache.prepared_count == 2
    assert [_codes(result.errors) for result in bad] == [["QUERY_INVALID"]] * 5


@pytest.mark.parametrize(
    "query",
    [
        "{ " + "me { role } " * 1000 + "}",
        "{ me " * 500,
        '{ customer(id: "' + "x" * 70_000 + '") { id } }',
    ],
)
async def test_long_texts_are_refused(query: str) -> None:
    """By tokens or by characters, before they are taken apart."""
    result = await make_schema().execute(query)
    assert result.data is None
    assert _codes(result.errors) in (["QUERY_INVALID"], ["QUERY_TOO_COMPLEX"])
