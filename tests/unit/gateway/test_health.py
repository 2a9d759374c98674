"""Readiness: patient at the start, content with one service afterwards."""

from gateway_service.health import Readiness


class ThreeServices:
    """Clients whose services answer what the test says."""

    def __init__(self) -> None:
        self.channels = dict.fromkeys(("profile", "segmentation", "offers"))
        self.serving: set[str] = set()

    async def health(self, name: str) -> str:
        """SERVING for those that the test lists."""
        return "SERVING" if name in self.serving else "UNREACHABLE"


async def _ready(services: ThreeServices, readiness: Readiness, *serving: str) -> bool:
    services.serving = set(serving)
    ready, _ = await readiness.check()
    return ready


async def test_the_start_waits_for_all_services() -> None:
    """Once each was seen, one of them is enough; none is not."""
    services = ThreeServices()
    readiness = Readiness(services, lambda: 0.0)
    seen = [
        await _ready(services, readiness, "profile"),
        await _ready(services, readiness, "profile", "segmentation"),
        await _ready(services, readiness, "offers"),
        await _ready(services, readiness, "profile"),
        await _ready(services, readiness),
    ]
    assert seen == [False, False, True, True, False]


async def test_the_start_does_not_wait_for_ever() -> None:
    """With one service down for long, the others are still worth asking."""
    now = [0.0]
    services = ThreeServices()
    readiness = Readiness(services, lambda: now[0])
    before = await _ready(services, readiness, "profile")
    now[0] = 31.0
    assert [before, await _ready(services, readiness, "profile")] == [False, True]
