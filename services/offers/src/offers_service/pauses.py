"""Tenants that are left alone for a while after a failure, so that they hold up no other. Pure."""

from __future__ import annotations

_FIRST_SECONDS, _MAX_SECONDS = 1.0, 60.0


class Pauses:
    """Doubling from a second to a minute; now_seconds is any clock that only goes forward."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[float, float]] = {}

    def failed(self, tenant_id: str, now_seconds: float) -> None:
        """It failed: longer than the last time."""
        _, length = self._until.get(tenant_id, (0.0, _FIRST_SECONDS / 2))
        length = min(length * 2, _MAX_SECONDS)
        self._until[tenant_id] = (now_seconds + length, length)

    def succeeded(self, tenant_id: str) -> None:
        """It works again."""
        self._until.pop(tenant_id, None)

    def paused(self, now_seconds: float) -> list[str]:
        """Whom to leave alone now."""
        return [name for name, (until, _) in self._until.items() if until > now_seconds]
