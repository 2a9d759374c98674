"""Global ids: opaque, and only as they were answered."""

import base64

import pytest
from dangol_service_kit.errors import Code, RpcFailure
from gateway_service.access import RULES
from gateway_service.nodes import from_node_id, to_node_id
from gateway_service.queries_nodes import LOADERS
from gateway_service.schema import make_schema
from graphql import GraphQLInterfaceType

SCHEMA = make_schema()._schema


@pytest.mark.parametrize("own_id", ["c_1", "ten-percent", "a:b", "이름"])
def test_a_global_id_names_type_and_object(own_id: str) -> None:
    """There and back."""
    assert ("Coupon", own_id) == from_node_id(to_node_id("Coupon", own_id))


@pytest.mark.parametrize(
    "node_id",
    [
        "",
        "c_1",
        "%%%",
        base64.urlsafe_b64encode(b"Coupon").decode(),
        base64.urlsafe_b64encode(b"Coupon:").decode(),
        base64.urlsafe_b64encode(b"Coupon:c_1").decode() + "=",
        "A" * 1000,
    ],
)
def test_what_is_no_global_id_is_refused(node_id: str) -> None:
    """One object has one global id, so that caches may compare them."""
    with pytest.raises(RpcFailure) as caught:
        from_node_id(node_id)
    assert (Code.FIELD_INVALID, "nodeId") == (caught.value.code, caught.value.field)


def test_every_node_of_the_schema_can_be_asked_for_again() -> None:
    """Each type that implements Node has a loader and a rule, and nothing else has a loader."""
    node = SCHEMA.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    names = {kind.name for kind in SCHEMA.get_implementations(node).objects}
    assert names == set(LOADERS)
    assert names <= set(RULES)
