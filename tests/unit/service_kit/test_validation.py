"""Violations name fields as clients write them."""

import pytest
from dangol.events.v1 import event_pb2
from dangol.segmentation.v1 import segment_service_pb2
from dangol_service_kit import validation
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.timestamp_pb2 import Timestamp


def test_paths_go_through_lists_and_maps() -> None:
    """An item by its number, a property by its key."""
    event = event_pb2.Event(
        event_id="0f8fad5b-d9cb-469f-a165-70867728950e",
        customer=event_pb2.CustomerRef(namespace="member", value="1"),
        type="purchase",
        occurred_at=Timestamp(seconds=1),
        items=[
            event_pb2.Item(product_id="a", quantity=1),
            event_pb2.Item(product_id="b", quantity=-1),
        ],
        properties={"size": event_pb2.PropertyValue(number="1e9")},
    )
    paths = [field for field, _ in validation.collect_violations(event)]
    assert paths == ["items[1].quantity", 'properties["size"].number']


def test_check_names_the_field() -> None:
    """The failure carries the code, the field and every violation."""
    request = segment_service_pb2.CreateSegmentRequest(
        request_id="0f8fad5b-d9cb-469f-a165-70867728950e",
        segment=segment_service_pb2.Segment(segment_id="VIP", rule="member"),
    )
    with pytest.raises(RpcFailure) as caught:
        validation.check(request)
    assert (caught.value.code, caught.value.field) == (Code.FIELD_INVALID, "segment.segment_id")
