"""The tenant directory: facts that never change are asked for once a minute."""

from typing import Any, cast

import grpc
import pytest
from dangol.profile.v1 import tenant_service_pb2 as pb
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.errors import Code, RpcFailure, to_status
from dangol_service_kit.tenants import TenantDirectory, TenantInfo


class Profile:
    """Tenants by the token that asks, which here is the tenant's id."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def GetTenant(  # noqa: N802
        self, _request: pb.GetTenantRequest, *, timeout: float, metadata: Any
    ) -> pb.GetTenantResponse:
        """The tenant named by the token; "nobody" is not found."""
        assert timeout > 0
        tenant_id = dict(metadata)["authorization"].removeprefix("Bearer ")
        self.asked.append(tenant_id)
        if tenant_id == "nobody":
            failure = RpcFailure(Code.TENANT_NOT_FOUND, "there is no such tenant")
            details = ("grpc-status-details-bin", to_status(failure).SerializeToString())
            raise grpc.aio.AioRpcError(
                grpc.StatusCode.NOT_FOUND, grpc.aio.Metadata(), grpc.aio.Metadata(details)
            )
        tenant = pb.Tenant(
            tenant_id=tenant_id,
            time_zone="Asia/Seoul",
            currency_code="KRW",
            language="ko",
            clock_mode=pb.CLOCK_MODE_VIRTUAL,
        )
        return pb.GetTenantResponse(tenant=tenant)

    async def ListTenants(  # noqa: N802
        self, request: pb.ListTenantsRequest, *, timeout: float, metadata: Any
    ) -> pb.ListTenantsResponse:
        """Three pages of one tenant each."""
        assert timeout > 0
        assert dict(metadata)["authorization"] == "Bearer *"
        number = int(request.page_token or 0)
        return pb.ListTenantsResponse(
            tenants=[pb.Tenant(tenant_id=f"shop-{number}")],
            next_page_token=str(number + 1) if number < 2 else "",
        )


class TokenIsTenant:
    """Credentials whose token is the tenant's id."""

    def token(self, tenant_id: str) -> str:
        """The tenant's id."""
        return tenant_id


def _directory(profile: Profile, now: list[float]) -> TenantDirectory:
    credentials = cast("ServiceCredentials", TokenIsTenant())
    return TenantDirectory(cast("Any", profile), credentials, lambda: now[0])


async def test_a_tenant_is_asked_for_once_a_minute() -> None:
    """Repeated questions within the minute are answered from memory."""
    profile, now = Profile(), [0.0]
    directory = _directory(profile, now)
    expected = TenantInfo("shop", "Asia/Seoul", "KRW", "ko", virtual=True)
    assert [expected] * 3 == [await directory.get("shop") for _ in range(3)]
    now[0] = 61.0
    assert expected == await directory.get("shop")
    assert profile.asked == ["shop", "shop"]


async def test_unknown_tenants_are_refused() -> None:
    """With the code that profile gave."""
    with pytest.raises(RpcFailure) as caught:
        await _directory(Profile(), [0.0]).get("nobody")
    assert caught.value.code == Code.TENANT_NOT_FOUND


async def test_all_pages_are_listed() -> None:
    """Under the token for all tenants."""
    ids = await _directory(Profile(), [0.0]).list_ids()
    assert ids == ["shop-0", "shop-1", "shop-2"]
