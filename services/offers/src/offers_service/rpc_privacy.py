"""PrivacyService of offers on the wire: what is kept of one customer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from dangol.events.v1.export_pb2 import ExportRecord
from dangol.offers.v1 import privacy_service_pb2 as pb
from dangol.offers.v1 import privacy_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role

from offers_service.rpc_common import authorize_for, failures
from offers_service.service_lineage import Lineage
from offers_service.store_erasures import TraceStore

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["PrivacyService"].full_name
# Fingerprints and hashes say nothing of the customer, and a code's hash is a secret.
_LEFT_OUT: Final = frozenset({"hash", "print", "lookup", "cart", "_id", "t"})


class PrivacyServicer(pb_grpc.PrivacyServiceServicer):
    """Admins and services export; customers themselves."""

    def __init__(self, traces: TraceStore, lineage: Lineage) -> None:
        self._traces = traces
        self._lineage = lineage

    async def ExportCustomer(  # noqa: N802
        self, request: pb.ExportCustomerRequest, _context: Any
    ) -> AsyncIterator[pb.ExportCustomerResponse]:
        """Nothing for a customer of whom nothing is kept."""
        caller = authorize_for(
            request.customer_id, "customer_id", Role.ADMIN, Role.SERVICE, Role.CUSTOMER
        )
        with failures():
            sources = await self._lineage.sources(caller.tenant_id, request.customer_id)
            ids = [request.customer_id, *sources]
            async for section, document in self._traces.documents(caller.tenant_id, ids):
                content = {**_names(document["_id"]), **readable(document)}
                text = json.dumps(content, ensure_ascii=False)
                yield pb.ExportCustomerResponse(record=ExportRecord(section=section, json=text))


def _names(key: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": "/".join(str(value) for name, value in key.items() if name != "t")}


def readable(value: Any) -> Any:
    """A stored value as JSON, without what is only there to check it, nor who else took part."""
    if isinstance(value, Mapping):
        return {
            name: str(one).partition(":")[0] if name == "actor" else readable(one)
            for name, one in value.items()
            if name not in _LEFT_OUT
        }
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value if isinstance(value, str | int | float | bool | None) else str(value)
    return [readable(one) for one in value]
