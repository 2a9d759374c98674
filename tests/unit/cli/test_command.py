"""The `dangol` command: its options, what it prints, and how it refuses."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from dangol.profile.v1 import tenant_service_pb2 as messages
from dangol_cli.__main__ import main
from dangol_cli.keys import create_keys
from dangol_service_kit.auth import Role, verifier_from_file

CREATE = ["tenant", "create", "shop", "--name", "단골샵", "--time-zone", "Asia/Seoul"]
CREATE += ["--currency", "KRW", "--language", "ko"]


class FakeTenants:
    """Keeps tenants in memory and the authorization of the last call; pages of one tenant."""

    def __init__(self) -> None:
        self.tenants: dict[str, messages.Tenant] = {}
        self.authorization = ""

    async def create(
        self, request: messages.CreateTenantRequest, context: Any
    ) -> messages.CreateTenantResponse:
        """Keep the tenant; a zone without a slash is refused."""
        self.authorization = dict(context.invocation_metadata())["authorization"]
        if "/" not in request.tenant.time_zone:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such time zone")
        self.tenants[request.tenant.tenant_id] = request.tenant
        return messages.CreateTenantResponse(tenant=request.tenant)

    async def list(
        self, request: messages.ListTenantsRequest, _context: Any
    ) -> messages.ListTenantsResponse:
        """One tenant a page."""
        ids = sorted(self.tenants)
        position = int(request.page_token or 0)
        more = str(position + 1) if position + 1 < len(ids) else ""
        page = [self.tenants[name] for name in ids[position : position + 1]]
        return messages.ListTenantsResponse(tenants=page, next_page_token=more)

    def handler(self) -> grpc.GenericRpcHandler:
        """Both methods under profile's service name."""
        methods: dict[str, tuple[Any, Any]] = {
            "CreateTenant": (self.create, messages.CreateTenantRequest),
            "ListTenants": (self.list, messages.ListTenantsRequest),
        }
        return grpc.method_handlers_generic_handler(
            "dangol.profile.v1.TenantService",
            {
                name: grpc.unary_unary_rpc_method_handler(
                    method,
                    request_deserializer=request_type.FromString,
                    response_serializer=lambda response: response.SerializeToString(),
                )
                for name, (method, request_type) in methods.items()
            },
        )


class FakeProfile:
    """A profile service in a thread of its own, since the command runs a loop of its own."""

    def __init__(self) -> None:
        self.tenants = FakeTenants()
        self.target = ""
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Stop it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._serve())
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(server.stop(None))

    async def _serve(self) -> grpc.aio.Server:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((self.tenants.handler(),))
        self.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        return server


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set of keys, named by the environment as in a shell that works with `dangol`."""
    create_keys(tmp_path / "keys")
    monkeypatch.setenv("DANGOL_PLATFORM_KEY_FILE", str(tmp_path / "keys/platform.pem"))
    monkeypatch.setenv("DANGOL_AUTH_ISSUER", "issuer")
    monkeypatch.setenv("DANGOL_AUTH_AUDIENCE", "audience")
    return tmp_path / "keys"


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProfile]:
    """A fake profile service, named by the environment."""
    running = FakeProfile()
    running.start()
    monkeypatch.setenv("DANGOL_PROFILE_TARGET", running.target)
    yield running
    running.stop()


def test_a_token_names_tenant_role_and_subject(
    keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`dangol token` prints a token that services trust, and nothing else."""
    main(["token", "--tenant", "shop", "--role", "marketer", "--subject", "mina", "--ttl", "15m"])
    verifier = verifier_from_file(keys / "jwks.json", "issuer", "audience")
    caller = verifier.verify(capsys.readouterr().out.strip())
    assert ("shop", Role.MARKETER, "mina") == (caller.tenant_id, caller.role, caller.subject)


def test_an_operators_token_is_for_all_tenants(
    keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Operators stand above tenants, so they need not name one."""
    main(["token", "--role", "operator"])
    verifier = verifier_from_file(keys / "jwks.json", "issuer", "audience")
    assert "*" == verifier.verify(capsys.readouterr().out.strip()).tenant_id


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["token", "--role", "marketer"], "needs --tenant"),
        (["token", "--role", "customer", "--tenant", "shop"], "needs --subject"),
        (["token", "--role", "service", "--tenant", "shop"], "invalid choice"),
        (["token", "--role", "admin", "--tenant", "shop", "--ttl", "1y"], "--ttl 1y"),
        (["tenant", "list"], "--profile-target"),
        ([*CREATE, "--profile-target", "h:1", "--virtual-from", "soon"], "--virtual-from soon"),
        ([], "COMMAND"),
    ],
)
def test_wrong_uses_are_named(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong use exits with 2 and says what is wrong."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert 2 == stopped.value.code
    assert complaint in capsys.readouterr().err


def test_tenants_are_made_and_listed(
    keys: Path, profile: FakeProfile, capsys: pytest.CaptureFixture[str]
) -> None:
    """`tenant create` sends what was given as an operator; `tenant list` walks every page."""
    main(CREATE)
    main([*CREATE[:2], "annex", *CREATE[3:], "--virtual-from", "2017-01-01T05:00+09:00"])
    capsys.readouterr()
    main(["tenant", "list"])
    assert [
        "annex  단골샵  Asia/Seoul  KRW  ko  virtual time, now 2016-12-31T20:00:00+00:00",
        "shop  단골샵  Asia/Seoul  KRW  ko",
    ] == capsys.readouterr().out.splitlines()
    verifier = verifier_from_file(keys / "jwks.json", "issuer", "audience")
    assert Role.OPERATOR == verifier.verify_header(profile.tenants.authorization).role


@pytest.mark.usefixtures("keys", "profile")
def test_a_refusal_is_printed_and_exits_with_1() -> None:
    """What profile refuses is said in one line."""
    with pytest.raises(SystemExit, match="no such time zone"):
        main(["Mars" if word == "Asia/Seoul" else word for word in CREATE])


def test_keys_create_refuses_a_second_time(tmp_path: Path) -> None:
    """`keys create` writes once; a second time it says that keys are never overwritten."""
    main(["keys", "create", str(tmp_path / "new")])
    with pytest.raises(SystemExit, match="never overwritten"):
        main(["keys", "create", str(tmp_path / "new")])
