"""Time of tenants: the wall's, or their own."""

from dangol_service_kit.clock import Clock, Reading
from dangol_service_kit.tenants import TenantInfo


class FixedDirectory:
    """Two tenants, one of them under virtual time."""

    async def get(self, tenant_id: str) -> TenantInfo:
        """The tenant."""
        return TenantInfo(tenant_id, "Asia/Seoul", "KRW", "ko", tenant_id == "sandbox")


async def _virtual(tenant_id: str) -> Reading:
    return Reading(len(tenant_id), 100)


async def test_wall_tenants_live_on_wall_time() -> None:
    """Now is the wall's, and a day ahead is allowed."""
    clock = Clock(FixedDirectory(), _virtual, lambda: 1_000.5)
    assert Reading(1_000_500, 1_000_500 + 86_400_000) == await clock.read("shop")


async def test_virtual_tenants_live_on_their_own() -> None:
    """What the service's store says is the time."""
    clock = Clock(FixedDirectory(), _virtual, lambda: 1_000.5)
    assert Reading(7, 100) == await clock.read("sandbox")
