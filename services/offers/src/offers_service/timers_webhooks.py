"""Posts to endpoints, each in a task of its own: a slow or broken one holds up no other."""

from __future__ import annotations

import asyncio

from dangol_service_kit import logs

from offers_service.service_webhooks import WebhookPump
from offers_service.webhooks import Endpoint, EndpointKey, is_success

_IDLE_SECONDS = 0.5
# Then it is read anew: it may have another secret, or none any more.
_ROUNDS_MAX = 20

_log = logs.get_logger()


class WebhookTimers:
    """Of one process; leases keep processes from posting the same message at once."""

    def __init__(self, pump: WebhookPump) -> None:
        self._pump = pump
        self._running: dict[EndpointKey, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Posts what is ready again and again, until cancelled."""
        try:
            while True:
                try:
                    for endpoint in await self._pump.awake():
                        if endpoint.key not in self._running:
                            self._begin(endpoint)
                except Exception as error:
                    _log.warning("webhooks_interrupted", **logs.describe(error))
                await asyncio.sleep(_IDLE_SECONDS)
        finally:
            for task in list(self._running.values()):
                task.cancel()

    def _begin(self, endpoint: Endpoint) -> None:
        task = asyncio.create_task(self._serve(endpoint))
        self._running[endpoint.key] = task
        task.add_done_callback(lambda _: self._running.pop(endpoint.key, None))

    async def _serve(self, endpoint: Endpoint) -> None:
        """What is ready now, a few at once, until nothing is or something fails."""
        try:
            for _ in range(_ROUNDS_MAX):
                handed = await self._pump.take(endpoint)
                if not handed:
                    return
                posts = [self._pump.post(endpoint, one) for one in handed]
                ended = await asyncio.gather(*posts, return_exceptions=True)
                statuses = [status for status in ended if isinstance(status, int)]
                await self._pump.record(endpoint, statuses)
                for failure in ended:
                    if isinstance(failure, BaseException):
                        raise failure
                if not all(is_success(status) for status in statuses):
                    return
        except Exception as error:
            _log.warning("webhook_failed", tenant=endpoint.key.t, **logs.describe(error))
