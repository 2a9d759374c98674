"""mTLS between services, and health for probes that know no TLS."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from dangol_service_kit.auth import TokenVerifier
from dangol_service_kit.client import connect
from dangol_service_kit.config import ConfigError, ProcessConfig
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.metrics_process import observe_process
from dangol_service_kit.server import LIVE, READY, Server
from dangol_service_kit.tls import identity_of, leave_at_ms, run_out
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.integration.service_kit.authority import Authority

DAY_MS = 86_400_000
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def _config(folder: Path | None) -> ProcessConfig:
    config = ProcessConfig(
        listen="127.0.0.1:0",
        health_listen="127.0.0.1:0",
        auth_jwks_file=Path("unused"),
        auth_issuer="https://issuer.test",
        auth_audience="dangol",
        drain_seconds=1.0,
    )
    if folder is None:
        return config
    return replace(
        config,
        tls_certificate_file=folder / "tls.crt",
        tls_key_file=folder / "tls.key",
        tls_authority_file=folder / "ca.crt",
    )


def _server(folder: Path | None) -> Server:
    verifier = TokenVerifier({"keys": []}, "https://issuer.test", "dangol")
    return Server(_config(folder), verifier, "test")


async def _health(channel: grpc.aio.Channel, service: str = "") -> int:
    request = health_pb2.HealthCheckRequest(service=service)
    answer = await health_pb2_grpc.HealthStub(channel).Check(request, timeout=30)
    status: int = answer.status
    return status


async def _fails(channel: grpc.aio.Channel) -> bool:
    """Whether no call gets through."""
    async with channel:
        try:
            await _health(channel)
        except grpc.aio.AioRpcError as error:
            return error.code() is grpc.StatusCode.UNAVAILABLE
        return False


async def test_only_who_shows_a_certificate_of_the_authority_gets_in(tmp_path: Path) -> None:
    """Not without TLS, not with another authority's certificate."""
    authority = Authority()
    authority.write(tmp_path / "server", "profile")
    authority.write(tmp_path / "friend", "offers")
    Authority().write(tmp_path / "stranger", "offers")
    server = _server(tmp_path / "server")
    await server.start()
    try:
        target = f"127.0.0.1:{server.port}"
        friend = identity_of(_config(tmp_path / "friend"))
        async with connect(target, identity=friend) as channel:
            assert SERVING == await _health(channel)
        stranger = identity_of(_config(tmp_path / "stranger"))
        assert await _fails(connect(target, identity=stranger))
        assert await _fails(connect(target))
    finally:
        await server.stop()


async def test_a_renewed_certificate_is_taken_at_the_next_handshake(tmp_path: Path) -> None:
    """Also where the authority is another one: nothing is restarted for it."""
    Authority().write(tmp_path / "server", "profile")
    server = _server(tmp_path / "server")
    await server.start()
    try:
        authority = Authority()
        authority.write(tmp_path / "server", "profile")
        authority.write(tmp_path / "friend", "offers")
        friend = identity_of(_config(tmp_path / "friend"))
        async with connect(f"127.0.0.1:{server.port}", identity=friend) as channel:
            assert SERVING == await _health(channel)
    finally:
        await server.stop()


@pytest.mark.parametrize("tls", [False, True])
async def test_probes_need_no_certificate(tls: bool, tmp_path: Path) -> None:
    """live holds whatever the state is; ready follows it."""
    if tls:
        Authority().write(tmp_path, "profile")
    server = _server(tmp_path if tls else None)
    server.set_ready(False)
    await server.start()
    try:
        async with connect(f"127.0.0.1:{server.health_port}") as channel:
            assert [SERVING, NOT_SERVING] == [await _health(channel, n) for n in (LIVE, READY)]
            await server.set_ready(True)
            assert [SERVING, SERVING] == [await _health(channel, n) for n in (LIVE, READY)]
    finally:
        await server.stop()


async def test_a_process_ends_once_its_certificate_was_renewed(tmp_path: Path) -> None:
    """Not before a new one lies there, and not before the old one's time."""
    authority = Authority()
    authority.write(tmp_path, "profile")
    identity = identity_of(_config(tmp_path))
    clock = [0]
    waiting = asyncio.create_task(run_out(identity, lambda: clock[0], 0.001))
    authority.write(tmp_path, "profile")
    await asyncio.sleep(0.02)
    assert not waiting.done()
    clock[0] = 1 << 62
    async with asyncio.timeout(60):
        await waiting


async def test_a_process_stays_while_there_is_no_new_certificate(tmp_path: Path) -> None:
    """Ending would not help: the next one would begin with the same."""
    Authority().write(tmp_path, "profile")
    waiting = asyncio.create_task(run_out(identity_of(_config(tmp_path)), lambda: 1 << 62, 0.001))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    waiting.cancel()


def test_replicas_end_at_moments_of_their_own() -> None:
    """Between 80 and 90 % of the certificate's life."""
    assert [80 * DAY_MS, 85 * DAY_MS, 90 * DAY_MS] == [
        leave_at_ms(0, 100 * DAY_MS, share) for share in (0.0, 0.5, 1.0)
    ]


def test_metrics_tell_for_how_long_the_certificate_is_good(tmp_path: Path) -> None:
    """That of the file that is there now; 0 for one that cannot be read, nothing without TLS."""
    Authority().write(tmp_path, "profile")
    metrics = Metrics("test", "127.0.0.1:0")
    observe_process(metrics, identity_of(_config(tmp_path)))
    name = "dangol_certificate_remaining_seconds"

    def told() -> list[float]:
        lines = metrics.expose()[1].decode().splitlines()
        return [float(line.split()[1]) for line in lines if line.startswith(name)]

    (seconds,) = told()
    assert 0.9 * DAY_MS < seconds * 1000 <= DAY_MS
    (tmp_path / "tls.crt").write_text("no certificate")
    assert [0.0] == told()
    plain = Metrics("test", "127.0.0.1:0")
    observe_process(plain, identity_of(_config(None)))
    assert name not in plain.expose()[1].decode()


def test_a_part_of_the_files_is_refused(tmp_path: Path) -> None:
    """By the names of the variables that are missing."""
    config = replace(_config(None), tls_key_file=tmp_path / "tls.key")
    with pytest.raises(ConfigError) as caught:
        identity_of(config)
    assert [
        f"DANGOL_TLS_{name}_FILE is not set, but other DANGOL_TLS_* are"
        for name in ("CERTIFICATE", "AUTHORITY")
    ] == caught.value.errors


def test_files_that_are_no_certificates_are_refused(tmp_path: Path) -> None:
    """Without a word of what is in them."""
    for name in ("tls.crt", "tls.key", "ca.crt"):
        (tmp_path / name).write_text("secret")
    with pytest.raises(ConfigError, match=r"^DANGOL_TLS_\* cannot be used: ValueError$"):
        identity_of(_config(tmp_path))
