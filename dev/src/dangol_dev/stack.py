"""The whole platform on one machine: MongoDB, Redis and the four services as child processes.

    async with Stack(directory) as stack:
        channel = connect(stack.targets["profile"])
        token = stack.token("shop", Role.MARKETER)

Everything it keeps is under `directory`: data, keys and one log a process. Nothing is ever
restarted by itself: `dead()` says what ended, `restart()` starts it again.
"""

import asyncio
import importlib.util
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import httpx
from dangol_cli.keys import add_checkpoint_key, add_visitor_key, create_keys, sign_token
from dangol_service_kit.auth import Role
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from dangol_dev.plain import PLAIN
from dangol_dev.processes import ChildProcess, ProcessFailedError, claim_port, free_port
from dangol_dev.servers import MongoServer, RedisServer

ISSUER = "dangol"
AUDIENCE = "dangol"
SERVICES = ("profile", "segmentation", "offers", "gateway")
GRPC_SERVICES = ("profile", "segmentation", "offers")
_READY_LIMIT_SECONDS = 90.0
_PROBE_SECONDS = 1.0
_TOKEN_TTL_SECONDS = 86_400
# A probe must see a service within moments of its listening, and see it fresh after a restart.
_PROBE_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
    ("grpc.use_local_subchannel_pool", 1),
)


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The loopback port of each process."""

    mongod: int
    redis: int
    profile: int
    segmentation: int
    offers: int
    gateway: int
    storefront: int

    @classmethod
    def free(cls) -> Self:
        """Ports nobody listens on."""
        return cls(**{name: free_port() for name in _USUAL})

    @classmethod
    def usual(cls) -> Self:
        """The usual ports, with a free one in the place of each that is taken."""
        return cls(
            **{name: port if claim_port(port) else free_port() for name, port in _USUAL.items()}
        )


_USUAL = {
    "mongod": 27017,
    "redis": 6379,
    "profile": 50051,
    "segmentation": 50052,
    "offers": 50053,
    "gateway": 8080,
    "storefront": 8090,
}


class Replica:
    """One more process of a service of a stack, on a port of its own."""

    def __init__(self, process: ChildProcess, target: str) -> None:
        self.process = process
        self.target = target

    async def start(self, limit_seconds: float = _READY_LIMIT_SECONDS) -> None:
        """Start it and wait until it serves; raises ProcessFailedError."""
        self.process.start()
        await wait_serving(self.process, self.target, limit_seconds)


class Stack:
    """A running platform; an async context manager.

    directory: where data, keys and logs are kept; a second stack takes another directory.
    ports: free ones unless given.
    mongodb_uri, redis_url: servers that are there already, instead of the embedded ones.
    environment: further DANGOL_* variables for the services.
    replicas: processes of each service; the second of profile is called profile-2. `targets` then
    name all of a service's, as a headless Service of Kubernetes does.
    spare: replicas beyond the first wait until somebody starts them, as in a rollout.
    storefront: the tenant whose shop examples/storefront is served as; none if empty.
    processes: by name (mongod, redis, profile, segmentation, offers, gateway, storefront).
    """

    def __init__(
        self,
        directory: Path,
        ports: Ports | None = None,
        *,
        mongodb_uri: str | None = None,
        redis_url: str | None = None,
        environment: Mapping[str, str] | None = None,
        mongod_cache_gb: float = 0.5,
        replicas: int = 1,
        spare: bool = False,
        storefront: str = "",
    ) -> None:
        self.directory = directory.resolve()
        self.ports = ports or Ports.free()
        self.keys = self.directory / "keys"
        self._extra = dict(environment or {})
        self._servers: dict[str, MongoServer | RedisServer] = {}
        if mongodb_uri is None:
            self._servers["mongod"] = MongoServer(
                self.directory, self.ports.mongod, mongod_cache_gb
            )
        if redis_url is None:
            self._servers["redis"] = RedisServer(self.directory, self.ports.redis)
        self.mongodb_uri = mongodb_uri or self._servers["mongod"].url
        self.redis_url = redis_url or self._servers["redis"].url
        self.addresses = self._spread(replicas)
        self.targets = {name: self._target(name) for name in GRPC_SERVICES}
        self._services = {
            name: self._process(service_of(name), name, int(address.rpartition(":")[2]))
            for name, address in self.addresses.items()
        }
        if storefront:
            self.addresses["storefront"] = f"127.0.0.1:{self.ports.storefront}"
            self._services["storefront"] = self.storefront(storefront)
        self._first = [name for name in self._services if not spare or name == service_of(name)]

    @property
    def storefront_url(self) -> str:
        """Where the example shop is served; the gateway lets pages from there call."""
        return f"http://127.0.0.1:{self.ports.storefront}"

    @property
    def processes(self) -> dict[str, ChildProcess]:
        """Every process of the stack by name, in the order of starting."""
        servers = {name: server.process for name, server in self._servers.items()}
        return servers | self._services

    @property
    def urls(self) -> dict[str, str]:
        """Where people and programs connect."""
        gateway = f"127.0.0.1:{self.ports.gateway}"
        return {
            "graphiql": f"http://{gateway}/graphiql",
            **({"storefront": self.storefront_url} if "storefront" in self._services else {}),
            "graphql": f"http://{gateway}/graphql",
            "subscriptions": f"ws://{gateway}/graphql",
            **{f"grpc {name}": target for name, target in self.targets.items()},
            "mongodb": self.mongodb_uri,
            "redis": self.redis_url,
        }

    def token(
        self,
        tenant_id: str,
        role: Role,
        subject: str | None = None,
        ttl_seconds: int = _TOKEN_TTL_SECONDS,
    ) -> str:
        """A signed token; a customer's `subject` is the customer's id."""
        return sign_stack_token(self.keys, tenant_id, role, subject, ttl_seconds)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start what is not running and wait until it is ready.

        Raises ProcessFailedError with the end of a log when a process fails.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        if not (self.keys / "jwks.json").exists():
            create_keys(self.keys)
        add_checkpoint_key(self.keys)
        add_visitor_key(self.keys)
        down = [server for server in self._servers.values() if not server.process.running]
        await asyncio.gather(*(server.start() for server in down))
        for name in self._first:
            if not self._services[name].running:
                self._services[name].start()
        await self.wait_ready()

    async def stop(self) -> None:
        """Stop everything: the gateway first, the databases last."""
        gateways = [name for name in self._services if service_of(name) == "gateway"]
        await asyncio.gather(*(self._services[name].stop() for name in gateways))
        others = [name for name in self._services if name not in gateways]
        await asyncio.gather(*(self._services[name].stop() for name in others))
        await asyncio.gather(*(server.stop() for server in self._servers.values()))

    async def wait_ready(self, limit_seconds: float = _READY_LIMIT_SECONDS) -> None:
        """Wait until every service reports ready; raises ProcessFailedError."""
        await asyncio.gather(*(self.wait_service(name, limit_seconds) for name in self._first))

    async def wait_service(self, name: str, limit_seconds: float = _READY_LIMIT_SECONDS) -> None:
        """Wait until one process of a service reports ready; raises ProcessFailedError."""
        process = self._services[name]
        if service_of(name) in ("gateway", "storefront"):
            await process.wait_until(lambda: self._answers_ready(name), limit_seconds)
            return
        await wait_serving(process, self.addresses[name], limit_seconds)

    def kill(self, name: str) -> None:
        """End one process with SIGKILL, as a crash would."""
        self.processes[name].kill()

    async def restart(self, name: str) -> None:
        """Stop one process if it runs, start it again, and wait until it is ready."""
        if name in self._servers:
            await self._servers[name].restart()
            return
        process = self._services[name]
        await process.stop()
        process.start()
        await self.wait_service(name)

    async def back_up(self, directory: Path) -> None:
        """Copy what the embedded MongoDB holds, as of one moment."""
        await self._mongod().back_up(directory)

    async def restore(self, directory: Path, without: Collection[str] = ()) -> None:
        """Set MongoDB back to a copy, with all services stopped meanwhile. Redis stays as it is.

        What ran is started again, but for the services named in `without`.
        """
        running = [name for name, service in self._services.items() if service.running]
        await asyncio.gather(*(self._services[name].stop() for name in running))
        await self._mongod().restore(directory)
        again = [name for name in running if service_of(name) not in without]
        for name in again:
            self._services[name].start()
        await asyncio.gather(*(self.wait_service(name) for name in again))

    def _mongod(self) -> MongoServer:
        server = self._servers["mongod"]
        assert isinstance(server, MongoServer)
        return server

    async def delete_redis(self) -> None:
        """Delete everything in the embedded Redis, as an operator's worst day would."""
        server = self._servers["redis"]
        assert isinstance(server, RedisServer)
        await server.delete_everything()

    def dead(self) -> list[str]:
        """Names of processes that were started and are not running."""
        return [name for name, process in self.processes.items() if process.exit_code is not None]

    def replica(self, service: str, number: int = 2) -> Replica:
        """Another process of a gRPC service, beside the stack's own; the caller ends it."""
        port, name = free_port(), f"{service}-{number}"
        process = self._process(service, name, port)
        return Replica(process, f"127.0.0.1:{port}")

    def storefront(self, tenant_id: str) -> ChildProcess:
        """The server of examples/storefront for a tenant; the caller starts and ends it."""
        command = [sys.executable, "-m", "dangol_dev.storefront", "--tenant", tenant_id]
        command += ["--port", str(self.ports.storefront), "--keys", str(self.keys)]
        command += ["--graphql", f"http://127.0.0.1:{self.ports.gateway}/graphql"]
        return ChildProcess("storefront", command, self.directory / "storefront.log")

    def _spread(self, replicas: int) -> dict[str, str]:
        """host:port of every process of a service, by its name."""
        ports = {name: asdict(self.ports)[name] for name in SERVICES}
        for number in range(2, replicas + 1):
            ports |= {f"{name}-{number}": free_port() for name in SERVICES}
        return {name: f"127.0.0.1:{port}" for name, port in ports.items()}

    def _target(self, service: str) -> str:
        addresses = [at for name, at in self.addresses.items() if service_of(name) == service]
        return addresses[0] if len(addresses) == 1 else "ipv4:///" + ",".join(addresses)

    def _process(self, service: str, name: str, port: int) -> ChildProcess:
        command = [sys.executable, "-m", f"{service}_service"]
        log_path = self.directory / f"{name}.log"
        return ChildProcess(name, command, log_path, self._environment(service, port))

    def _environment(self, name: str, port: int) -> dict[str, str]:
        ours = {
            "DANGOL_LISTEN": f"127.0.0.1:{port}",
            "DANGOL_MONGODB_URI": self.mongodb_uri,
            "DANGOL_MONGODB_DATABASE": f"dangol_{name}",
            "DANGOL_REDIS_URL": self.redis_url,
            "DANGOL_AUTH_JWKS_FILE": str(self.keys / "jwks.json"),
            "DANGOL_AUTH_ISSUER": ISSUER,
            "DANGOL_AUTH_AUDIENCE": AUDIENCE,
            "DANGOL_SERVICE_KEY_FILE": str(self.keys / f"{name}.pem"),
            "DANGOL_MASTER_KEY_FILE": str(self.keys / "master.key"),
            "DANGOL_CHECKPOINT_KEY_FILE": str(self.keys / "checkpoint.pem"),
            "DANGOL_VISITOR_KEY_FILE": str(self.keys / "visitor.pem"),
            "DANGOL_CORS_ORIGINS": self.storefront_url,
            "DANGOL_GRAPHIQL": "true",
            "DANGOL_GRAPHIQL_ASSETS": str(graphiql_assets()),
        }
        targets = {f"DANGOL_{peer.upper()}_TARGET": at for peer, at in self.targets.items()}
        return {**os.environ, **ours, **targets, **self._extra}

    async def _answers_ready(self, name: str) -> bool:
        async with httpx.AsyncClient(
            timeout=_PROBE_SECONDS, trust_env=False, verify=PLAIN
        ) as client:
            try:
                response = await client.get(f"http://{self.addresses[name]}/readyz")
            except httpx.HTTPError:
                return False
        return response.status_code == httpx.codes.OK


def service_of(name: str) -> str:
    """The service that a process of a stack belongs to: profile for profile and profile-2."""
    return name.partition("-")[0]


def graphiql_assets() -> Path:
    """Where the installed package of GraphiQL's scripts keeps them."""
    package = "graphene_django_graphiql_static"
    spec = importlib.util.find_spec(package)
    for location in (spec.submodule_search_locations if spec else None) or ():
        return Path(location) / "static" / package
    raise ProcessFailedError("GraphiQL's scripts not found: run `make setup`")


def sign_stack_token(
    keys: Path,
    tenant_id: str,
    role: Role,
    subject: str | None = None,
    ttl_seconds: int = _TOKEN_TTL_SECONDS,
) -> str:
    """A token signed with the key in a stack's `keys` directory; raises KeysError."""
    return sign_token(
        keys / "platform.pem",
        issuer=ISSUER,
        audience=AUDIENCE,
        tenant_id=tenant_id,
        role=role,
        subject=subject or f"development-{role.value}",
        ttl_seconds=ttl_seconds,
    )


async def wait_serving(process: ChildProcess, target: str, limit_seconds: float) -> None:
    """Wait until a gRPC service reports that it serves; raises ProcessFailedError."""
    async with aio.insecure_channel(target, _PROBE_OPTIONS) as channel:
        await process.wait_until(lambda: _serves(channel), limit_seconds)


async def _serves(channel: aio.Channel) -> bool:
    stub = health_pb2_grpc.HealthStub(channel)
    try:
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=_PROBE_SECONDS)
    except aio.AioRpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
