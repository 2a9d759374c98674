"""dangol.segmentation.v1.SandboxService: what is held of a sandbox that ended goes."""

from __future__ import annotations

from typing import Any, Protocol

from dangol.segmentation.v1 import sandbox_service_pb2 as pb
from dangol.segmentation.v1.sandbox_service_pb2_grpc import SandboxServiceServicer
from dangol_service_kit.auth import Role, require
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.sandboxes import is_sandbox
from dangol_service_kit.tenants import TenantInfo

from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.service_clock import Drain


class Directory(Protocol):
    """TenantDirectory."""

    async def anew(self, tenant_id: str) -> TenantInfo: ...


class Data(Protocol):
    """SandboxData."""

    async def delete(self, tenant_id: str) -> int: ...


class SandboxRpc(SandboxServiceServicer):
    """For the offers service, which leads resets."""

    def __init__(self, data: Data, directory: Directory, drainer: Drain) -> None:
        self._data = data
        self._directory = directory
        self._drainer = drainer

    async def EraseSandbox(  # noqa: N802
        self, request: pb.EraseSandboxRequest, _context: Any
    ) -> pb.EraseSandboxResponse:
        """Errors: SANDBOX_REQUIRED, for whatever is not a sandbox that ended."""
        require(Role.SERVICE)
        if not is_sandbox(request.sandbox_id) or await self._exists(request.sandbox_id):
            message = "only a sandbox that ended can be erased"
            raise RpcFailure(Code.SANDBOX_REQUIRED, message, field="sandbox_id")
        # What waits to be announced would be written after what is deleted here.
        await self._drainer.drain(ALL_PARTITIONS)
        return pb.EraseSandboxResponse(erased=await self._data.delete(request.sandbox_id))

    async def _exists(self, tenant_id: str) -> bool:
        try:
            await self._directory.anew(tenant_id)
        except RpcFailure as failure:
            if failure.code is Code.TENANT_NOT_FOUND:
                return False
            raise
        return True
