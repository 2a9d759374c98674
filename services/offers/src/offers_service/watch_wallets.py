"""Watching wallets: one reader of the journal a process, many watchers."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from bson.timestamp import Timestamp
from dangol_service_kit import logs
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey, CouponAccount, as_of
from offers_service.store_accounts import AccountStore
from offers_service.store_wallets import CouponWrite, HistoryLostError, WalletStore

WATCHERS_PER_CUSTOMER_MAX = 20
_QUEUE_MAX = 1_000
_BACKOFF_SECONDS = 0.5
_TOKEN = re.compile(r"(\d{1,10})-(\d{1,10})-?(c_[A-Za-z0-9_-]{1,100})?")

_log = logs.get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    """A coupon as it was right after a change; left: it is somebody else's since."""

    coupon: CouponAccount
    left: bool
    token: str
    live: bool


@dataclass(slots=True, eq=False)
class _Watcher:
    tenant_id: str
    customer_id: str
    overflowed: bool = False
    queue: asyncio.Queue[CouponWrite | None] = field(
        default_factory=lambda: asyncio.Queue(_QUEUE_MAX)
    )

    def offer(self, write: CouponWrite | None) -> None:
        """None: something is missing, which is the same as having missed it."""
        self.overflowed = self.overflowed or write is None or self.queue.full()
        if not self.queue.full():
            self.queue.put_nowait(write)


class WalletHub:
    """Follows the journal while anyone watches."""

    def __init__(
        self, store: WalletStore, accounts: AccountStore, secrets_of: Callable[[str], Secrets]
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._secrets_of = secrets_of
        self._watchers: dict[tuple[str, str], set[_Watcher]] = defaultdict(set)
        self._watched = asyncio.Event()
        # Everything up to here was handed to the watchers; None while nobody watches.
        self._position: Timestamp | None = None

    async def run(self) -> None:
        """Follows until cancelled."""
        while True:
            await self._watched.wait()
            try:
                await self._follow()
            except HistoryLostError:
                _log.warning("wallet_position_lost")
                self._fail_all()
            except Exception as error:
                _log.warning("wallets_interrupted", **logs.describe(error))
                await asyncio.sleep(_BACKOFF_SECONDS)

    async def watch(
        self,
        tenant_id: str,
        customer_id: str,
        resume_token: str,
        began: Callable[[str], Awaitable[None]],
    ) -> AsyncIterator[Told]:
        """Changes from now on, or after a token.

        began: told, once nothing can be missed any more, the token with which to begin here again.

        Raises RpcFailure RESUME_TOKEN_INVALID, TOO_MANY_REQUESTS, SUBSCRIBER_TOO_SLOW.
        """
        after = _read_token(resume_token) if resume_token else None
        watcher = _Watcher(tenant_id, customer_id)
        start = await self._enter(watcher)
        try:
            await began(resume_token or _token(start))
            if after is not None:
                async with aclosing(self._missed(watcher, after, start)) as missed:
                    async for write in missed:
                        async for told in self._tell(watcher, write, live=False):
                            yield told
            while True:
                if watcher.overflowed:
                    message = "too much happened meanwhile: resume with the last token"
                    raise RpcFailure(Code.SUBSCRIBER_TOO_SLOW, message)
                new = await watcher.queue.get()
                if new is not None and new.at > start:
                    async for told in self._tell(watcher, new, live=True):
                        yield told
        finally:
            self._leave(watcher)

    async def _enter(self, watcher: _Watcher) -> Timestamp:
        """Begins to queue what comes; answers the place after which it does."""
        if self._position is None:
            now = await self._store.now()
            if self._position is None:
                self._position = now
        watchers = self._watchers[watcher.tenant_id, watcher.customer_id]
        if len(watchers) >= WATCHERS_PER_CUSTOMER_MAX:
            message = f"at most {WATCHERS_PER_CUSTOMER_MAX} streams of one wallet"
            raise RpcFailure(Code.TOO_MANY_REQUESTS, message, retry_after_ms=1_000)
        watchers.add(watcher)
        self._watched.set()
        return self._position

    def _leave(self, watcher: _Watcher) -> None:
        key = (watcher.tenant_id, watcher.customer_id)
        self._watchers[key].discard(watcher)
        if not self._watchers[key]:
            del self._watchers[key]
        if not self._watchers:
            self._watched.clear()
            self._position = None

    def _fail_all(self) -> None:
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.offer(None)

    async def _follow(self) -> None:
        """Hands on what happens, until nobody watches."""
        position = self._position
        if position is None:
            return
        async with aclosing(self._store.follow(position)) as writes:
            async for write in writes:
                if self._position is not position:
                    # The last watcher left meanwhile, and perhaps another one began.
                    return
                if write is None or write.at <= position:
                    continue
                self._hand_on(write)
                self._position = position = write.at

    def _hand_on(self, write: CouponWrite) -> None:
        if write.moved:
            # Who had it before is known once the coupon is read.
            concerned = [key for key in self._watchers if key[0] == write.tenant_id]
        else:
            concerned = [(write.tenant_id, owner) for owner in write.owners]
        for key in concerned:
            for watcher in self._watchers.get(key, ()):
                watcher.offer(write)

    async def _missed(
        self, watcher: _Watcher, after: tuple[Timestamp, str], until: Timestamp
    ) -> AsyncGenerator[CouponWrite, None]:
        """What was written after the token, up to where the queue begins."""
        at, coupon_id = after
        try:
            async with aclosing(self._store.follow(at)) as writes:
                async for write in writes:
                    if write is None or write.at > until:
                        return
                    # The stream begins with what the token told of.
                    again = write.at < at or (write.at == at and write.coupon_id == coupon_id)
                    concerned = write.moved or watcher.customer_id in write.owners
                    if write.tenant_id == watcher.tenant_id and concerned and not again:
                        yield write
        except HistoryLostError:
            message = "the token is too old: read the wallet, and watch without a token"
            raise RpcFailure(Code.RESUME_TOKEN_INVALID, message, field="resume_token") from None

    async def _tell(
        self, watcher: _Watcher, write: CouponWrite, *, live: bool
    ) -> AsyncIterator[Told]:
        account = await self._accounts.get(AccountKey(write.tenant_id, write.coupon_id))
        if not isinstance(account, CouponAccount):
            return
        then = as_of(account, write.number, self._secrets_of(write.tenant_id))
        before = {entry.owner for entry in account.entries[: write.first_number - 1][-1:]}
        mine = then.owner == watcher.customer_id
        if mine or watcher.customer_id in before | write.owners:
            yield Told(then, not mine, _token(write.at, write.coupon_id), live)


def _token(at: Timestamp, coupon_id: str = "") -> str:
    return f"{at.time}-{at.inc}-{coupon_id}" if coupon_id else f"{at.time}-{at.inc}"


def _read_token(token: str) -> tuple[Timestamp, str]:
    found = _TOKEN.fullmatch(token)
    if found is None or max(int(found[1]), int(found[2])) >= 2**32:
        raise RpcFailure(Code.RESUME_TOKEN_INVALID, "not a token of ours", field="resume_token")
    return Timestamp(int(found[1]), int(found[2])), found[3] or ""
