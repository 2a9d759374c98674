"""Every query and mutation of README and docs runs as it is printed."""

import re
from pathlib import Path
from typing import Any

import pytest
from dangol_service_kit.auth import Role
from graphql import FieldNode, OperationDefinitionNode, OperationType, VariableDefinitionNode, parse

from tests.integration.gateway.areas import coupon, done, member, new_id, offer

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```graphql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    pytest.param(text, id=f"{page.name}-{number}")
    for page in PAGES
    for number, text in enumerate(BLOCK.findall(page.read_text()), start=1)
]
CART = {
    "currencyCode": "KRW",
    "lines": [{"lineId": "1", "productId": "shoes", "unitPriceMinorUnits": 50000}],
}


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """What is made once for all examples."""
    return {}


async def _make(frontend: Any) -> dict[str, Any]:
    """What the examples' variables stand for, by name."""
    customer = await member(frontend)
    offer_id = await offer(frontend, giftable=True)
    campaign = f"documented-{new_id()[:8]}"
    await done(frontend, "createCampaign", campaignId=campaign, conversionWindowSeconds=3600)
    segments = await frontend.ask("{ segments(first: 1) { nodes { id } } }")
    return {
        **{"customer": customer, "offer": offer_id, "campaign": campaign, "cart": CART},
        "coupon": await coupon(frontend, offer_id, customer),
        "giftable": await coupon(frontend, offer_id, customer),
        "segment": next((one["id"] for one in segments["segments"]["nodes"]), "none"),
    }


async def _value(frontend: Any, known: dict[str, Any], variable: VariableDefinitionNode) -> Any:
    name = variable.variable.name.value
    if name == "request":
        return new_id()
    if name == "sandbox":
        return await _sandbox(frontend)
    if name == "name":
        return f"named-{new_id()[:8]}"
    if name == "version":
        return (await frontend.ask("{ greetingRules { version } }"))["greetingRules"]["version"]
    return known[name]


async def _sandbox(frontend: Any) -> str:
    """A new one, in the place of those that examples before this one left."""
    for one in (await frontend.ask("{ sandboxes { id } }"))["sandboxes"]:
        await done(frontend, "endSandbox", sandboxId=one["id"])
    made = await done(
        frontend,
        "createSandbox",
        "... on CreateSandboxSuccess { sandbox { id } }",
        displayName="Documented",
        clockStart="2026-03-02T00:00:00Z",
    )
    return str(made["sandbox"]["id"])


def test_there_are_examples_of_queries_and_mutations() -> None:
    """Else the test below would pass over nothing."""
    kinds = {
        definition.operation
        for example in EXAMPLES
        for definition in parse(str(example.values[0])).definitions
        if isinstance(definition, OperationDefinitionNode)
    }
    assert {OperationType.QUERY, OperationType.MUTATION} <= kinds


@pytest.mark.parametrize("text", EXAMPLES)
async def test_a_documented_operation_runs(frontend: Any, known: dict[str, Any], text: str) -> None:
    """Without an error, and no mutation is refused; `me` is asked by a customer."""
    if not known:
        known |= await _make(frontend)
    (operation,) = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    variables = {
        one.variable.name.value: await _value(frontend, known, one)
        for one in operation.variable_definitions or ()
    }
    fields = [one for one in operation.selection_set.selections if isinstance(one, FieldNode)]
    asks_me = any(one.name.value == "me" for one in fields)
    token = frontend.token(Role.CUSTOMER, known["customer"]) if asks_me else frontend.token()
    data = await frontend.ask(text, token, **variables)
    if operation.operation is OperationType.MUTATION:
        assert [] == [one for one in data.values() if "code" in one and "message" in one]
