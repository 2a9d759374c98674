"""PrivacyService over gRPC."""

from __future__ import annotations

from typing import Final

from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol_service_kit.auth import ALL_TENANTS, Role, require

from profile_service.rotation import Holder, Rotation
from profile_service.rpc import Context, outages
from profile_service.rpc_erasures import ErasureRpc
from profile_service.rpc_exports import Exported, ExportRpc
from profile_service.rpc_pages import from_token, to_token
from profile_service.rpc_readings import ReadingRpc
from profile_service.rpc_renewals import RenewalRpc
from profile_service.sealing import Vault
from profile_service.service_erasure import EraserService
from profile_service.service_renewals import RenewalService
from profile_service.store_readings import ReadingStore
from profile_service.store_rotations import RotationStore

SERVICE_NAME = "dangol.profile.v1.PrivacyService"
_PAGE_DEFAULT: Final = 100


class PrivacyRpc(ErasureRpc, ExportRpc, ReadingRpc, RenewalRpc):
    """How personal data is kept, shown, and how it ends."""

    def __init__(
        self,
        rotations: RotationStore,
        eraser: EraserService,
        exported: Exported,
        renewals: RenewalService,
        vault: Vault,
        *,
        readings: ReadingStore,
    ) -> None:
        ErasureRpc.__init__(self, eraser, vault)
        ExportRpc.__init__(self, exported)
        ReadingRpc.__init__(self, readings)
        RenewalRpc.__init__(self, renewals, vault)
        self._rotations = rotations

    async def ListKeyRotations(  # noqa: N802
        self, request: pb.ListKeyRotationsRequest, _context: Context
    ) -> pb.ListKeyRotationsResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = require(Role.OPERATOR, Role.SERVICE, Role.ADMIN)
        only = "" if caller.tenant_id == ALL_TENANTS else caller.tenant_id
        parts = from_token("rotations", request.page_token, 1)
        size = request.page_size or _PAGE_DEFAULT
        with outages():
            found = await self._rotations.page(parts[0] if parts else "", size + 1, only)
        response = pb.ListKeyRotationsResponse(rotations=[_to_message(one) for one in found[:size]])
        if len(found) > size:
            response.next_page_token = to_token("rotations", found[size - 1].tenant_id)
        return response


def _to_message(rotation: Rotation) -> pb.KeyRotation:
    message = pb.KeyRotation(
        tenant_id=rotation.tenant_id,
        version=rotation.version,
        state=pb.KEY_ROTATION_STATE_RUNNING,
        customer_count=rotation.renewed.get(Holder.CUSTOMERS, 0),
        identifier_count=rotation.renewed.get(Holder.IDENTIFIERS, 0),
        consent_count=rotation.renewed.get(Holder.CONSENTS, 0),
        broken_count=rotation.broken,
    )
    message.start_time.FromMilliseconds(rotation.started_ms)
    if rotation.completed_ms:
        message.state = pb.KEY_ROTATION_STATE_COMPLETE
        message.complete_time.FromMilliseconds(rotation.completed_ms)
    return message
