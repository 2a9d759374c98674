"""Time of tenants: the wall's, or their own."""

from dangol_service_kit.clock import Clock, Reading, wall_ms
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
    clock = Clock(FixedDirectory(), _virtual, lambda: 1_000_500)
    assert Reading(1_000_500, 1_000_500 + 86_400_000) == await clock.read("shop")


def test_a_millisecond_is_read_as_begun_from_its_first_nanosecond_to_its_last() -> None:
    """Seconds as a float would read every eighth of these one millisecond early."""
    for instant_ms in range(1_790_000_000_000, 1_790_000_001_000):
        first_ns = instant_ms * 1_000_000
        for now_ns in (first_ns, first_ns + 999_999):
            assert instant_ms == wall_ms(lambda now_ns=now_ns: now_ns)  # type: ignore[misc]


async def test_virtual_tenants_live_on_their_own() -> None:
    """What the service's store says is the time."""
    clock = Clock(FixedDirectory(), _virtual, lambda: 1_000_500)
    assert Reading(7, 100) == await clock.read("sandbox")
