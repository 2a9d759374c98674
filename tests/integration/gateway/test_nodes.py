"""What was answered once is asked for again by its global id."""

from typing import Any

from dangol_service_kit.auth import Role
from gateway_service.nodes import to_node_id

from tests.integration.gateway.areas import coupon, done, korean, member, new_id, offer
from tests.integration.gateway.conftest import found_tenant

AGAIN = """query($ids: [ID!]!) { nodes(nodeIds: $ids) { __typename id nodeId
  ... on Coupon { state } ... on Customer { member } } }"""


async def test_nodes_come_back_by_their_global_ids(frontend: Any) -> None:
    """In the order of the ids; what does not exist is null in its place."""
    customer = await member(frontend)
    offer_id = await offer(frontend)
    one = await coupon(frontend, offer_id, customer)
    name = f"node-{new_id()[:8]}"
    await frontend.create_segment(name, "count(purchase) >= 1")
    await done(frontend, "createCampaign", campaignId=name, conversionWindowSeconds=60)
    texts = [{"channel": "push", "language": "ko", "text": "안녕하세요"}]
    template: dict[str, Any] = {
        "templateId": name,
        "displayName": korean("인사")[0]["text"],
        "texts": texts,
    }
    await done(frontend, "createMessageTemplate", **template)
    listed = await frontend.ask(
        """query($customer: ID!, $offer: ID!, $coupon: ID!, $name: ID!) {
          customer(id: $customer) { nodeId } offer(id: $offer) { nodeId }
          coupon(id: $coupon) { nodeId } segment(id: $name) { nodeId }
          campaign(id: $name) { nodeId } messageTemplate(id: $name) { nodeId } }""",
        customer=customer,
        offer=offer_id,
        coupon=one,
        name=name,
    )
    ids = [found["nodeId"] for found in listed.values()]
    gone = [to_node_id(kind, "gone") for kind in ("Task", "WebhookEndpoint", "OutboxMessage")]
    nodes = (await frontend.ask(AGAIN, ids=ids + gone))["nodes"]
    assert [None] * 3 == nodes[len(ids) :]
    assert [
        ("Customer", customer),
        ("Offer", offer_id),
        ("Coupon", one),
        ("Segment", name),
        ("Campaign", name),
        ("MessageTemplate", name),
    ] == [(node["__typename"], node["id"]) for node in nodes[: len(ids)]]
    assert ids == [node["nodeId"] for node in nodes[: len(ids)]]


async def test_a_node_is_under_the_rule_of_its_type(frontend: Any) -> None:
    """A visitor sees an offer and no customer; another tenant's ids look like nothing."""
    customer, offer_id = await member(frontend), await offer(frontend)
    query = "query($id: ID!) { node(nodeId: $id) { id } }"
    visitor = frontend.token(Role.VISITOR)
    hers, shown = to_node_id("Customer", customer), to_node_id("Offer", offer_id)
    assert (await frontend.ask(query, visitor, id=shown))["node"] == {"id": offer_id}
    answer = await frontend.run(query, visitor, id=hers)
    assert answer["errors"][0]["extensions"]["code"] == "ROLE_NOT_ALLOWED"
    await found_tenant(frontend.stack, "nodeless", "옆 가게")
    stranger = frontend.stack.token("nodeless", Role.ADMIN)
    for node_id in (hers, shown):
        assert (await frontend.ask(query, stranger, id=node_id))["node"] is None
