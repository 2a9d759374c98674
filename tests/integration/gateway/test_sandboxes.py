"""What a partner does with a sandbox, on real services."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from dangol.offers.v1.coupon_service_pb2 import COUPON_STATE_AVAILABLE, COUPON_STATE_EXPIRED
from dangol.profile.v1.sandbox_service_pb2_grpc import SandboxServiceStub as ProfileStub
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol.segmentation.v1.sandbox_service_pb2_grpc import SandboxServiceStub as SegmentationStub
from dangol_cli.__main__ import main
from dangol_dev.stack import AUDIENCE, ISSUER, Stack
from dangol_service_kit.auth import Role, ServiceCredentials
from dangol_service_kit.client import connect
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.errors import Code, RpcFailure
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service import store_sandboxes as offers_places
from offers_service.service_sandboxes import SandboxClock, SandboxResets
from offers_service.store_sandboxes import SandboxStore
from profile_service import store as profile_store
from profile_service import store_sandboxes as profile_places
from redis.asyncio import Redis
from segmentation_service import store_sandboxes as segmentation_places

from tests.integration.gateway.sandboxes import (
    DAY_MS,
    LEFT_IN_CART,
    MINUTE_MS,
    START_MS,
    Partner,
    new_id,
)

pytestmark = pytest.mark.timeout(240)
TWO_DAYS = timedelta(days=2)


@pytest.fixture(scope="module")
async def shop(stack: Stack) -> AsyncIterator[Partner]:
    """An admin of the real tenant."""
    async with AsyncExitStack() as opened:
        channels = {
            name: await opened.enter_async_context(connect(target))
            for name, target in stack.targets.items()
        }
        yield Partner(stack, channels, "shop")


@pytest.fixture
async def sandbox(shop: Partner) -> AsyncIterator[Partner]:
    """An admin of a sandbox of its own, that starts at START_MS and ends with the test."""
    made = await shop.create()
    yield shop.at(made.sandbox_id)
    for sandbox_id in await shop.opened():
        await shop.end(sandbox_id)


async def refusal(awaited: object) -> Code:
    """The code of a call that must fail."""
    with pytest.raises(RpcFailure) as caught:
        await awaited  # type: ignore[misc]
    return caught.value.code


async def test_a_partner_s_whole_test_ends_as_it_must(sandbox: Partner) -> None:
    """Left in cart at 09:05: a member at 09:35 sharp, a coupon a day later, over 12 hours on."""
    await sandbox.left_in_cart()
    recorded = await sandbox.track("7", "cart_add", START_MS + 5 * MINUTE_MS, cart_id="c")
    assert "" == recorded.code
    first = await sandbox.advance(timedelta(hours=25))
    assert START_MS + 25 * 60 * MINUTE_MS == first.now.ToMilliseconds()
    ((customer_id, entered_ms),) = (await sandbox.members("left-in-cart")).items()
    assert START_MS + 35 * MINUTE_MS == entered_ms
    (coupon,) = await sandbox.wallet(customer_id)
    assert COUPON_STATE_AVAILABLE == coupon.state
    assert START_MS + DAY_MS + 35 * MINUTE_MS == coupon.issue_time.ToMilliseconds()
    await sandbox.advance(timedelta(hours=23))
    (coupon,) = await sandbox.wallet(customer_id)
    assert COUPON_STATE_EXPIRED == coupon.state


async def test_what_is_due_happens_before_what_it_forestalls(sandbox: Partner) -> None:
    """One step over both: the coupon at 30 minutes keeps the deadline at 2 hours from holding."""
    await sandbox.segment("left", "unanswered(cart_add, purchase by cart_id, 30m, 7d)")
    await sandbox.segment("unhelped", "since(cart_add) >= 2h and count(coupon_issued) = 0")
    for segment_id in ("left", "unhelped"):
        await sandbox.offer(segment_id, timedelta(days=30))
        await sandbox.campaign(segment_id, segment_id, segment_id, timedelta())
    await sandbox.track("8", "cart_add", START_MS, cart_id="c")
    await sandbox.advance(TWO_DAYS)
    (customer_id,) = await sandbox.members("left")
    assert ["left"] == [one.offer_id for one in await sandbox.wallet(customer_id)]


async def test_a_reset_leaves_nothing_and_answers_an_empty_one(
    sandbox: Partner, shop: Partner
) -> None:
    """Every document of every collection and every key is looked at; the same request again
    answers the same sandbox, and a third of its kind has nothing of the first."""
    await sandbox.left_in_cart()
    await sandbox.track("7", "cart_add", START_MS, cart_id="c")
    await sandbox.advance(TWO_DAYS)
    assert [] != await _traces(sandbox.stack, sandbox.tenant_id)
    request_id = new_id()
    answer = await sandbox.reset(request_id=request_id)
    assert [] == await _traces(sandbox.stack, sandbox.tenant_id)
    assert 0 < answer.erased
    again = await sandbox.reset(request_id=request_id)
    assert (answer.sandbox, 0) == (again.sandbox, again.erased)
    assert [answer.sandbox.sandbox_id] == await shop.opened()
    assert Code.TENANT_NOT_FOUND is await refusal(sandbox.advance())
    fresh = shop.at(answer.sandbox.sandbox_id)
    assert START_MS == answer.sandbox.clock_now.ToMilliseconds()
    await fresh.left_in_cart()
    await fresh.advance(TWO_DAYS)
    assert {} == await fresh.members("left-in-cart")


async def _traces(stack: Stack, tenant_id: str) -> list[str]:
    """Where the tenant's id is found: collections, and keys that do not run out by themselves."""
    client: Any = AsyncIOMotorClient(stack.mongodb_uri)
    redis = Redis.from_url(stack.redis_url)
    found = []
    try:
        for service in ("profile", "segmentation", "offers"):
            database = client[f"dangol_{service}"]
            for name in await database.list_collection_names():
                found += [name async for one in database[name].find() if tenant_id in str(one)]
        async for key in redis.scan_iter(count=1000):
            kind = await redis.type(key)
            held = await redis.hkeys(key) if kind == b"hash" else []
            named = any(tenant_id.encode() in one for one in (key, *held))
            if named and await redis.ttl(key) < 0:
                found.append(key.decode())
    finally:
        client.close()
        await redis.aclose()
    return found


async def test_what_comes_in_after_the_end_is_found_later(sandbox: Partner) -> None:
    """By whoever looks three minutes on, once; before that it may still be written to."""
    name, stack = sandbox.tenant_id, sandbox.stack
    await sandbox.left_in_cart()
    await sandbox.end()
    client: Any = AsyncIOMotorClient(stack.mongodb_uri)
    redis = Redis.from_url(stack.redis_url)
    try:
        for service, collection in (("offers", "contacts"), ("profile", "customers")):
            late = {"_id": {"t": name, "c": "late"}}
            await client[f"dangol_{service}"][collection].insert_one(late)
        await redis.set(f"dangol:{{07}}:s:{name}:late", "state")
        ahead = _resets(sandbox, client, lambda: wall_ms() + 60_000)
        assert 0 == await ahead.sweep()
        later = _resets(sandbox, client, lambda: wall_ms() + 190_000)
        assert 3 <= await later.sweep()
        assert 0 == await later.sweep()
        assert [] == await _traces(stack, name)
        book = await client["dangol_profile"]["sandboxes"].find_one({"_id": "shop"})
        assert int(name.rpartition("--")[2]) not in [one["n"] for one in book["ended"]]
    finally:
        client.close()
        await redis.aclose()


def _resets(sandbox: Partner, client: Any, now_ms: Callable[[], int]) -> SandboxResets:
    """What the offers service runs beside its calls, by another clock."""
    key = sandbox.stack.keys / "offers.pem"
    token = ServiceCredentials(key, ISSUER, AUDIENCE, "offers").token
    store = SandboxStore(client["dangol_offers"])
    tenants = TenantServiceStub(sandbox.channels["profile"])
    # It moves no clock here, so nobody leads.
    leader: Any = None
    return SandboxResets(
        store=store,
        clock=SandboxClock(store=store, leader=leader, tenants=tenants, token=token),
        profile=ProfileStub(sandbox.channels["profile"]),
        segmentation=SegmentationStub(sandbox.channels["segmentation"]),
        token=token,
        wall_ms=now_ms,
    )


async def test_every_collection_says_where_its_tenants_are(stack: Stack) -> None:
    """Else what a new one holds would outlive a reset."""
    client: Any = AsyncIOMotorClient(stack.mongodb_uri)
    pages = {
        "profile": (profile_places, {profile_store.EVENTS, profile_store.IDENTIFIERS, "tenants"}),
        "segmentation": (segmentation_places, set()),
        "offers": (offers_places, set()),
    }
    try:
        for service, (places, others) in pages.items():
            known = set(places.PLACES) | set(places.WITHOUT_TENANTS) | others
            names = await client[f"dangol_{service}"].list_collection_names()
            assert set() == set(names) - known
    finally:
        client.close()


async def test_a_real_tenant_is_neither_moved_nor_erased(shop: Partner) -> None:
    """Named or not, by its own admin; and no tenant of that kind of name can be made."""
    for sandbox_id in ("", "shop"):
        assert Code.SANDBOX_REQUIRED is await refusal(shop.advance(sandbox_id=sandbox_id))
        assert Code.SANDBOX_REQUIRED is await refusal(shop.reset(sandbox_id))
        assert Code.SANDBOX_REQUIRED is await refusal(shop.end(sandbox_id))
    assert Code.CLOCK_NOT_VIRTUAL is await refusal(shop.move_clock(START_MS))
    assert Code.TENANT_EXISTS is await refusal(shop.found("shop"))
    assert Code.FIELD_INVALID is await refusal(shop.found("shop--9"))


async def test_others_get_nothing_of_a_sandbox(sandbox: Partner, shop: Partner) -> None:
    """Not another tenant's admin, nor a sandbox of it, nor those of its own that may not."""
    name = sandbox.tenant_id
    for stranger in (shop.at("mall"), shop.at("mall--1"), shop.at("shop--9999")):
        assert Code.TENANT_NOT_FOUND is await refusal(stranger.advance(sandbox_id=name))
        assert Code.TENANT_NOT_FOUND is await refusal(stranger.reset(name))
    assert Code.TENANT_NOT_FOUND is await refusal(shop.at("shop--9999").advance())
    marketer = shop.at("shop", Role.MARKETER)
    assert Code.ROLE_NOT_ALLOWED is await refusal(marketer.advance(sandbox_id=name))
    partner = shop.at("shop", Role.PARTNER)
    assert Code.TENANT_NOT_FOUND is await refusal(partner.advance(sandbox_id=name))
    assert Code.ROLE_NOT_ALLOWED is await refusal(partner.reset(name))
    assert Code.SANDBOX_REFUSED is await refusal(sandbox.create())
    assert Code.SANDBOX_REFUSED is await refusal(sandbox.post_webhooks())


async def test_what_a_sandbox_sends_is_seen_by_its_own_sender_alone(
    sandbox: Partner, shop: Partner
) -> None:
    """The sender of the real tenant, which waits beside it, is handed nothing."""
    await sandbox.segment("left-in-cart", LEFT_IN_CART)
    await sandbox.message("cart-news", "left-in-cart", "sandboxed")
    await sandbox.track("7", "cart_add", START_MS, cart_id="c")
    real, own = shop.watch("sandboxed"), sandbox.watch("sandboxed")
    reading = {one: asyncio.ensure_future(one.read()) for one in (real, own)}
    await sandbox.advance(timedelta(hours=1))
    done, _ = await asyncio.wait(reading.values(), timeout=60, return_when=asyncio.FIRST_COMPLETED)
    assert {reading[own]} == done
    delivery = reading[own].result().delivery
    assert "cart-news" == delivery.campaign_id
    assert Code.MESSAGE_NOT_FOUND is await refusal(shop.sent(delivery.message_id))
    for stream in reading:
        stream.cancel()
    reading[real].cancel()


async def test_a_request_is_one_sandbox_and_one_step(sandbox: Partner, shop: Partner) -> None:
    """Sent again it is answered as before; with other content it is refused; few are open."""
    request_id = new_id()
    first = await shop.create(request_id=request_id)
    assert first == await shop.create(request_id=request_id)
    assert Code.REQUEST_CONFLICT is await refusal(shop.create("Other", request_id))
    step = new_id()
    moved = await sandbox.advance(TWO_DAYS, request_id=step)
    assert moved.now == (await sandbox.advance(TWO_DAYS, request_id=step)).now
    assert Code.REQUEST_CONFLICT is await refusal(sandbox.advance(request_id=step))
    assert Code.CLOCK_BACKWARDS is await refusal(sandbox.advance(to_ms=START_MS))
    while len(await shop.opened()) < 5:
        await shop.create()
    assert Code.SANDBOX_LIMIT is await refusal(shop.create())


async def test_two_steps_at_once_are_both_taken(sandbox: Partner, shop: Partner) -> None:
    """A day and a day are two, one by the sandbox's admin and one by its tenant's."""
    name = sandbox.tenant_id
    both = await asyncio.gather(sandbox.advance(), shop.advance(sandbox_id=name))
    assert [START_MS + DAY_MS, START_MS + 2 * DAY_MS] == sorted(
        one.now.ToMilliseconds() for one in both
    )


async def test_events_that_arrive_during_a_step_keep_their_time(sandbox: Partner) -> None:
    """Sent while the clock moves on: whoever left a cart is a member from its 30 minutes on."""
    await sandbox.left_in_cart()
    times = [START_MS + number * MINUTE_MS for number in range(12)]

    async def send() -> None:
        for at_ms in times:
            await sandbox.track(str(at_ms), "cart_add", at_ms, cart_id=str(at_ms))

    _, moved = await asyncio.gather(send(), sandbox.advance())
    await sandbox.advance(to_ms=moved.now.ToMilliseconds())
    members = await sandbox.members("left-in-cart")
    assert [at_ms + 30 * MINUTE_MS for at_ms in times] == sorted(members.values())


async def test_a_step_cut_short_by_a_crash_ends_right_when_repeated(sandbox: Partner) -> None:
    """Segmentation dies while the clock is on its way; the same request then comes to its end."""
    await sandbox.left_in_cart()
    times = [START_MS + number * MINUTE_MS for number in range(12)]
    await sandbox.leave_carts(times)
    request_id = new_id()
    step = asyncio.create_task(sandbox.advance(timedelta(days=1, hours=1), request_id=request_id))
    await sandbox.on_its_way(START_MS + 31 * MINUTE_MS)
    sandbox.stack.kill("segmentation")
    with pytest.raises(RpcFailure):
        await step
    await sandbox.stack.restart("segmentation")
    moved = await _until_answered(sandbox, request_id)
    assert START_MS + 25 * 60 * MINUTE_MS == moved.now.ToMilliseconds()
    members = await sandbox.members("left-in-cart")
    assert [at_ms + 30 * MINUTE_MS for at_ms in times] == sorted(members.values())
    for customer_id, entered_ms in members.items():
        (coupon,) = await sandbox.wallet(customer_id)
        assert entered_ms + DAY_MS == coupon.issue_time.ToMilliseconds()


async def _until_answered(sandbox: Partner, request_id: str) -> Any:
    """The same request again, while state is being rebuilt."""
    async with asyncio.timeout(120):
        while True:
            try:
                return await sandbox.advance(timedelta(days=1, hours=1), request_id=request_id)
            except RpcFailure as failure:
                if failure.code not in (Code.NOT_READY, Code.UNAVAILABLE):
                    raise
                await asyncio.sleep(0.2)


def test_the_command_makes_moves_and_ends_a_sandbox(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """dangol sandbox create, list, advance, reset, end: a line each; with the request id of one
    whose answer was lost, the same line again."""
    monkeypatch.setenv("DANGOL_PLATFORM_KEY_FILE", str(stack.keys / "platform.pem"))
    monkeypatch.setenv("DANGOL_AUTH_ISSUER", ISSUER)
    monkeypatch.setenv("DANGOL_AUTH_AUDIENCE", AUDIENCE)
    for service in ("profile", "offers"):
        monkeypatch.setenv(f"DANGOL_{service.upper()}_TARGET", stack.targets[service])

    def run(*words: str) -> list[str]:
        main(["sandbox", *words, "--tenant", "shop"])
        return capsys.readouterr().out.splitlines()

    began, again = "2026-03-01T09:00:00+00:00", ("--request-id", new_id())
    made = run("create", "--name", "Tests", "--clock-start", began, *again)
    assert made == run("create", "--name", "Tests", "--clock-start", began, *again)
    sandbox_id = made[0].split()[0]
    assert [f"{sandbox_id} {began} Tests"] == made == run("list")
    assert [f"{sandbox_id} 2026-03-03T09:00:00+00:00 fired=0"] == run(
        "advance", sandbox_id, "--by", "2d"
    )
    (successor,) = run("reset", sandbox_id)
    successor_id = successor.split()[0]
    assert successor_id != sandbox_id
    assert [f"{successor_id} erased="] == [
        line.rstrip("0123456789") for line in run("end", successor_id)
    ]
    assert [] == run("list")
