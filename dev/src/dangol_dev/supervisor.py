"""`up`, `down` and `status`: one stack in the foreground, with its state under .dangol/NAME."""

import asyncio
import contextlib
import fcntl
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from dangol.events.v1.event_pb2 import CustomerRef
from dangol.profile.v1.customer_service_pb2 import IdentifyCustomerRequest
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol_cli.tenants import NewTenant, create_tenant
from dangol_service_kit.auth import ALL_TENANTS, Role
from dangol_service_kit.client import call, connect

from dangol_dev.processes import end_with_parent
from dangol_dev.record import ProcessRecord, StackRecord, read_record, write_record
from dangol_dev.stack import Stack

DEVELOPMENT_TENANT = NewTenant(
    tenant_id="dev",
    display_name="단골샵",
    time_zone="Asia/Seoul",
    currency_code="KRW",
    language="ko",
)
_PEOPLE = (Role.ADMIN, Role.MARKETER, Role.STAFF, Role.PARTNER)
# A member to sign in as, the same one at every start.
_CUSTOMER = IdentifyCustomerRequest(
    request_id="7c1e5d0e-6f0b-4a6e-9a55-0d3b1c1f4a10",
    identifiers=[CustomerRef(namespace="member", value="development-customer")],
)
_WATCH_SECONDS = 0.2
_DOWN_LIMIT_SECONDS = 60.0


class AlreadyRunningError(Exception):
    """Another process runs the stack of this name."""


async def up(stack: Stack, name: str) -> int:
    """Run the stack until a signal ends it; returns the exit code.

    Raises ProcessFailedError when it does not come up, AlreadyRunningError when it is up.
    """
    end_with_parent()
    with _only_one(stack.directory):
        async with _until_signalled() as ended:
            starting = asyncio.ensure_future(_start(stack, name))
            try:
                await _first(starting, ended)
                if not ended.is_set():
                    await _watch(stack, ended)
                died = stack.dead()
            finally:
                starting.cancel()
                await asyncio.gather(starting, return_exceptions=True)
                print("\nstopping", flush=True)
                await stack.stop()
                (stack.directory / "stack.json").unlink(missing_ok=True)
    return 1 if died else 0


async def down(directory: Path) -> str:
    """End the stack recorded in `directory`; returns a sentence on what was done."""
    record = read_record(directory / "stack.json")
    if record is None:
        return "no stack is running"
    record.supervisor.send(signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DOWN_LIMIT_SECONDS):
            while _survivors(record):
                if not record.supervisor.alive:
                    break
                await asyncio.sleep(0.05)
    for process in _survivors(record).values():
        process.send(signal.SIGKILL)
    (directory / "stack.json").unlink(missing_ok=True)
    return "stopped"


def status(directory: Path) -> list[str]:
    """One line a process, then the addresses."""
    record = read_record(directory / "stack.json")
    if record is None or not record.supervisor.alive:
        return ["no stack is running"]
    lines = [
        f"{name:<14} {'running' if process.alive else 'ENDED'}  pid {process.pid}"
        for name, process in record.processes.items()
    ]
    return lines + [f"{name:<18} {url}" for name, url in record.urls.items()]


async def _start(stack: Stack, name: str) -> None:
    print(f"starting stack {name}; data and logs in {stack.directory}", flush=True)
    await stack.start()
    record_stack(stack)
    token = stack.token(ALL_TENANTS, Role.OPERATOR, ttl_seconds=60)
    await create_tenant(stack.targets["profile"], token, DEVELOPMENT_TENANT)
    customer_id = await _identify_customer(stack)
    print("\n".join(_welcome(stack, name, customer_id)), flush=True)


async def _identify_customer(stack: Stack) -> str:
    token = stack.token(DEVELOPMENT_TENANT.tenant_id, Role.ADMIN, ttl_seconds=60)
    async with connect(stack.targets["profile"]) as channel:
        identify = CustomerServiceStub(channel).IdentifyCustomer
        answer = await call(identify, _CUSTOMER, token=token, timeout_seconds=10.0)
    return answer.customer.customer_id


def record_stack(stack: Stack) -> None:
    """Write stack.json for `down` and `status`."""
    pids = {name: child.pid for name, child in stack.processes.items() if child.pid is not None}
    write_record(stack.directory / "stack.json", pids, stack.urls)


def _welcome(stack: Stack, name: str, customer_id: str) -> Iterator[str]:
    yield "\nDangol is up.\n"
    for what, url in stack.urls.items():
        yield f"  {what:<18} {url}"
    tenant_id = DEVELOPMENT_TENANT.tenant_id
    yield f"\nTokens for tenant {tenant_id}, good for a day (send: authorization: Bearer TOKEN):\n"
    yield f"  {Role.OPERATOR.value:<10} {stack.token(ALL_TENANTS, Role.OPERATOR)}"
    for role in _PEOPLE:
        yield f"  {role.value:<10} {stack.token(tenant_id, role)}"
    token = stack.token(tenant_id, Role.CUSTOMER, customer_id)
    yield f"  {Role.CUSTOMER.value:<10} {token}  (customer {customer_id})"
    another = "" if name == "default" else f" NAME={name}"
    yield f"\nAnother one: make token ROLE=customer SUBJECT=customer-id TENANT={tenant_id}{another}"
    yield f"Ctrl-C here, or make down{another}, stops everything.\n"


async def _watch(stack: Stack, ended: asyncio.Event) -> None:
    """Report each process that ends, once, until told to stop."""
    reported: set[str] = set()
    while not ended.is_set():
        for name in stack.dead():
            if name not in reported:
                reported.add(name)
                print(f"\n{stack.processes[name].describe_end()}", file=sys.stderr)
                print("The rest keeps running. Ctrl-C, then make up, starts it again.", flush=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), _WATCH_SECONDS)


async def _first(work: asyncio.Future[None], ended: asyncio.Event) -> None:
    waiting = asyncio.ensure_future(ended.wait())
    both: set[asyncio.Future[Any]] = {work, waiting}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if work.done():
        work.result()


@contextlib.asynccontextmanager
async def _until_signalled() -> AsyncIterator[asyncio.Event]:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, ended.set)
    try:
        yield ended
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message = f"the stack in {directory} is already running; stop it with make down"
            raise AlreadyRunningError(message) from None
        yield


def _survivors(record: StackRecord) -> dict[str, ProcessRecord]:
    found = {"supervisor": record.supervisor, **record.processes}
    return {name: process for name, process in found.items() if process.alive}
