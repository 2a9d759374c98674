"""A call as a value: a request with its id, made once and sent as often as it takes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message

Answer = TypeVar("Answer", bound=Message)

# By Google's naming of methods (AIP-131 and after): what begins like this changes nothing.
_READS = ("Get", "BatchGet", "List", "BatchList", "Count", "Search")


@dataclass(frozen=True, kw_only=True)
class Call(Generic[Answer]):
    """One request to one method. The same call sent again is the same request.

    method: "dangol.offers.v1.CouponService/HoldCoupon". answer: the class of what comes back.
    repeatable: sending it twice does what sending it once does, so that it may be sent again when
    nobody knows what became of it.
    """

    method: str
    request: Message
    answer: type[Answer]
    repeatable: bool

    @property
    def request_id(self) -> str:
        """The id that the request is known by; empty for reads."""
        return str(getattr(self.request, "request_id", ""))

    @property
    def service(self) -> str:
        """profile, segmentation or offers."""
        return self.method.split(".")[1]


def call(
    method: str,
    request: Message,
    answer: type[Answer],
    *,
    request_id: str = "",
    repeatable: bool | None = None,
) -> Call[Answer]:
    """A call of any unary method of the contracts.

    A request with a field request_id gets one, unless it has one: the one given, or a new UUID.
    repeatable: by default reads (Get, List, Count, ...) and whatever carries a request id. Raises
    ValueError where method, request and answer do not belong together.
    """
    found = _method(method)
    if found.input_type is not request.DESCRIPTOR or found.output_type is not answer.DESCRIPTOR:
        takes, gives = found.input_type.name, found.output_type.name
        raise ValueError(f"{method} takes {takes} and answers {gives}")
    sent: Any = type(request)()
    sent.CopyFrom(request)
    has_id = "request_id" in request.DESCRIPTOR.fields_by_name
    if has_id:
        sent.request_id = sent.request_id or request_id or str(uuid.uuid4())
    if repeatable is None:
        repeatable = has_id or found.name.startswith(_READS)
    return Call(method=method, request=sent, answer=answer, repeatable=repeatable)


def _method(method: str) -> MethodDescriptor:
    service, _, name = method.partition("/")
    try:
        found: MethodDescriptor = Default().FindServiceByName(service).methods_by_name[name]
    except KeyError:
        message = f"{method} is no method: write package.Service/Method, and import its messages"
        raise ValueError(message) from None
    if found.client_streaming or found.server_streaming:
        raise ValueError(f"{method} is a stream: deliveries() follows the one for senders")
    return found
