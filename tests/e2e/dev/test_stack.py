"""The stack as tests and the demo use it: crashes, restarts, several at once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dangol.profile.v1 import tenant_service_pb2 as messages
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol_cli.tenants import create_tenant, list_tenants
from dangol_dev.processes import ProcessFailedError
from dangol_dev.stack import GRPC_SERVICES, SERVICES, Stack
from dangol_dev.supervisor import DEVELOPMENT_TENANT
from dangol_service_kit.auth import ALL_TENANTS, Role
from dangol_service_kit.client import call, connect


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A stack of this module's own."""
    async with Stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


async def _create_tenant(stack: Stack) -> str:
    token = stack.token(ALL_TENANTS, Role.OPERATOR)
    return await create_tenant(stack.targets["profile"], token, DEVELOPMENT_TENANT)


async def test_every_process_runs_and_is_reachable(stack: Stack) -> None:
    """A started stack has six processes, an address for each service, and nothing dead."""
    assert ["mongod", "redis", *SERVICES] == list(stack.processes)
    assert set(GRPC_SERVICES) == set(stack.targets)
    assert [] == stack.dead()


async def test_tokens_work_and_tenants_are_kept(stack: Stack) -> None:
    """A token of the stack is trusted by its services, for its own tenant."""
    line = await _create_tenant(stack)
    assert line == await _create_tenant(stack)
    async with connect(stack.targets["profile"]) as channel:
        response = await call(
            TenantServiceStub(channel).GetTenant,
            messages.GetTenantRequest(),
            token=stack.token("dev", Role.MARKETER),
            timeout_seconds=60,
        )
    assert "Asia/Seoul" == response.tenant.time_zone


@pytest.mark.parametrize("name", ["mongod", "redis", *SERVICES])
async def test_a_killed_process_is_dead_until_restarted(stack: Stack, name: str) -> None:
    """kill() is seen by dead() and undone by restart() alone, which waits until it is ready."""
    stack.kill(name)
    assert [name] == stack.dead()
    await stack.restart(name)
    await stack.wait_ready()
    assert [] == stack.dead()


async def test_data_is_there_after_all_crashes(stack: Stack) -> None:
    """A tenant made before everything is killed at once is there after the next start."""
    await _create_tenant(stack)
    for name in stack.processes:
        stack.kill(name)
    await stack.start()
    token = stack.token(ALL_TENANTS, Role.OPERATOR)
    assert 1 == len(await list_tenants(stack.targets["profile"], token))


async def test_a_second_stack_runs_beside_the_first(stack: Stack, tmp_path: Path) -> None:
    """Two stacks share neither ports nor data nor trust."""
    await _create_tenant(stack)
    async with Stack(tmp_path) as second:
        token = second.token(ALL_TENANTS, Role.OPERATOR)
        assert [] == await list_tenants(second.targets["profile"], token)
        assert set(second.targets.values()).isdisjoint(stack.targets.values())


async def test_a_service_that_cannot_start_is_told_with_its_log(tmp_path: Path) -> None:
    """What a service says about its settings reaches whoever starts the stack."""
    stack = Stack(tmp_path, environment={"DANGOL_DRAIN_SECONDS": "soon"})
    with pytest.raises(ProcessFailedError, match="DANGOL_DRAIN_SECONDS must be a number"):
        async with stack:
            pytest.fail("the stack must not come up")
    assert not any(process.running for process in stack.processes.values())
