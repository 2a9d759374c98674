"""Quotas: what a caller and a tenant may ask for, counted in Redis over all replicas (ADR 0062).

A process takes a few units at once and spends them within a second, so most calls ask nobody.
Without Redis each process counts by itself: whoever floods is still refused, but by each replica.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from redis.exceptions import RedisError

from dangol_service_kit import logs
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.config import ProcessConfig
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.gcra import MICROSECONDS, SCRIPT, Quota, take
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.redis_address import open_redis
from dangol_service_kit.sandboxes import QUOTA_SHARE, is_sandbox

# Who works for the platform itself is bounded by what it works for.
EXEMPT = frozenset({Role.SERVICE, Role.OPERATOR})
_KEPT_MAX = 10_000
_LEASE_SECONDS = 1.0
_SILENCE_SECONDS = 0.25
_ALONE_SECONDS = 1.0

_log = logs.get_logger()


class Share(NamedTuple):
    """One quota that a call draws on. key: unique within the tenant; cost: units that it takes."""

    key: str
    quota: Quota
    cost: int = 1


class _Named(NamedTuple):
    name: str
    quota: Quota
    cost: int


class Quotas:
    """Counts what is taken. redis_url: None counts in this process alone.

    silence_seconds: how long calls wait for Redis before they count alone.
    """

    def __init__(
        self,
        redis_url: str | None,
        metrics: Metrics,
        monotonic_seconds: Callable[[], float] = time.monotonic,
        silence_seconds: float = _SILENCE_SECONDS,
    ) -> None:
        self._redis: Any = None
        self._script: Any = None
        if redis_url:
            limits = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), silence_seconds)
            self._redis = open_redis(redis_url, **limits)
            self._script = self._redis.register_script(SCRIPT)
        self._monotonic_seconds = monotonic_seconds
        self._leases: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._own: OrderedDict[str, float] = OrderedDict()
        self._alone_until = 0.0
        self._is_alone = redis_url is None
        self._refused = metrics.counter(
            "dangol.quota.refused", "Calls that were refused because too much was asked for."
        )
        self._refused.add(0)
        metrics.gauge(
            "dangol.quota.alone",
            "1 while this process counts quotas by itself, because Redis does not answer.",
            lambda: float(self._is_alone),
        )

    async def close(self) -> None:
        """Ends the connections."""
        if self._redis is not None:
            await self._redis.aclose()

    async def take(self, tenant_id: str, shares: Sequence[Share]) -> None:
        """Takes what each share costs, or nothing. Raises RpcFailure TOO_MANY_REQUESTS."""
        prefix = f"dangol:quota:{{{tenant_id}}}:"
        limiting = [share for share in shares if share.quota.is_limiting]
        named = [_Named(prefix + share.key, share.quota, share.cost) for share in limiting]
        spent, lacking = self._spend_all(named)
        if lacking:
            with self._giving_back(spent):
                await self._take_more(lacking)

    async def _take_more(self, lacking: list[_Named]) -> None:
        # One asks for all that wait, else each would take a lease; in order, so that none waits
        # for one who waits for it.
        async with AsyncExitStack() as stack:
            for one in sorted(lacking):
                lock = self._asking.setdefault(one.name, asyncio.Lock())
                await stack.enter_async_context(lock)
            spent, asked = self._spend_all(lacking)
            if not asked:
                return
            with self._giving_back(spent):
                granted = await self._ask(asked)
            for one, units in zip(asked, granted, strict=True):
                self._add(one.name, units - one.cost)

    def _spend_all(self, wanted: list[_Named]) -> tuple[list[_Named], list[_Named]]:
        """(spent from leases, not to be had from them)."""
        spent: list[_Named] = []
        lacking: list[_Named] = []
        for one in wanted:
            (spent if self._spend(one.name, one.cost) else lacking).append(one)
        return spent, lacking

    @contextmanager
    def _giving_back(self, spent: list[_Named]) -> Iterator[None]:
        try:
            yield
        except RpcFailure:
            for one in spent:
                self._add(one.name, one.cost)
            raise

    def _spend(self, name: str, cost: int) -> bool:
        units, until = self._leases.get(name, (0, 0.0))
        if units < cost or self._monotonic_seconds() >= until:
            return False
        self._leases[name] = (units - cost, until)
        return True

    def _add(self, name: str, more: int) -> None:
        now = self._monotonic_seconds()
        units, until = self._leases.get(name, (0, 0.0))
        units = more + (units if now < until else 0)
        if units <= 0:
            self._leases.pop(name, None)
            return
        self._leases[name] = (units, now + _LEASE_SECONDS)
        if len(self._leases) > _KEPT_MAX:
            self._leases.popitem(last=False)

    async def _ask(self, asked: list[_Named]) -> list[int]:
        if self._script is None or self._monotonic_seconds() < self._alone_until:
            return self._take_alone(asked)
        arguments: list[float] = []
        for _, quota, cost in asked:
            arguments += (quota.interval_us, quota.burst, cost, max(cost, quota.lease))
        try:
            answer = await self._script(keys=[one.name for one in asked], args=arguments)
        except (RedisError, OSError) as error:
            self._lose(error)
            return self._take_alone(asked)
        self._is_alone = False
        if answer[0] == -1:
            self._refuse(answer[1])
        return list(answer)

    def _lose(self, error: Exception) -> None:
        self._alone_until = self._monotonic_seconds() + _ALONE_SECONDS
        if not self._is_alone:
            _log.warning("quotas_counted_alone", **logs.describe(error))
        self._is_alone = True

    def _take_alone(self, asked: list[_Named]) -> list[int]:
        now_us = int(self._monotonic_seconds() * MICROSECONDS)
        taken = [
            take(quota, self._own.get(name, 0.0), now_us, needed, needed)
            for name, quota, needed in asked
        ]
        if any(one.wait_us for one in taken):
            self._refuse(max(one.wait_us for one in taken))
        for (name, _, _), one in zip(asked, taken, strict=True):
            self._own[name] = one.whole_at_us
            self._own.move_to_end(name)
            if len(self._own) > _KEPT_MAX:
                self._own.popitem(last=False)
        return [one.granted for one in taken]

    def _refuse(self, wait_us: int) -> None:
        self._refused.add(1)
        raise RpcFailure(
            Code.TOO_MANY_REQUESTS,
            "more was asked for than is allowed: wait before you try again",
            retry_after_ms=max(1, math.ceil(wait_us / 1000)),
        )


class CallQuotas:
    """What a service's callers may ask for in items a second: each of them, and each tenant."""

    def __init__(self, config: ProcessConfig, quotas: Quotas) -> None:
        self._quotas = quotas
        self._caller = Quota(config.quota_caller_per_second, config.quota_caller_burst)
        self._tenant = Quota(config.quota_tenant_per_second, config.quota_tenant_burst)
        self._is_limiting = self._caller.is_limiting or self._tenant.is_limiting

    async def take(self, caller: Caller, cost: int) -> None:
        """Takes one call of so many items. Raises RpcFailure TOO_MANY_REQUESTS."""
        if not self._is_limiting or caller.role in EXEMPT:
            return
        own, everybody = self._caller, self._tenant
        if is_sandbox(caller.tenant_id):
            own, everybody = own.part(QUOTA_SHARE), everybody.part(QUOTA_SHARE)
        shares = (Share(key_of(caller), own, cost), Share("tenant", everybody, cost))
        await self._quotas.take(caller.tenant_id, shares)


def key_of(caller: Caller) -> str:
    """A name for the caller that says nothing of who it is."""
    text = f"{caller.role.value} {caller.subject}".encode()
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def items_in(request: Any) -> int:
    """How many things a request is about: the longest list in it or one level below, at least 1."""
    paths = _paths_of(request.DESCRIPTOR)
    longest = 1
    for outer, name in paths:
        holder = getattr(request, outer) if outer else request
        longest = max(longest, len(getattr(holder, name)))
    return longest


_paths: dict[str, tuple[tuple[str, str], ...]] = {}


def _paths_of(descriptor: Any) -> tuple[tuple[str, str], ...]:
    found = _paths.get(descriptor.full_name)
    if found is None:
        lists = [("", field.name) for field in descriptor.fields if field.is_repeated]
        for field in descriptor.fields:
            if field.message_type is not None and not field.is_repeated:
                inner = field.message_type.fields
                lists += [(field.name, one.name) for one in inner if one.is_repeated]
        found = _paths[descriptor.full_name] = tuple(lists)
    return found
