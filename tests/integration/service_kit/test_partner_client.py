"""The client of libs/client against the server that every service runs: TLS, quotas, replicas."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from dangol.segmentation.v1.segment_service_pb2 import GetSegmentRequest, Segment
from dangol_client import Addresses, AsyncDangol, Call, Code, Dangol, Timing, Tls, UnavailableError
from dangol_client.errors import TooMuchError

from tests.integration.service_kit.authority import Authority
from tests.integration.service_kit.conftest import SERVICE, Running, serve_echo


class EchoCall(Call[Segment]):
    """A call of the echo service, in the place of segmentation."""

    @property
    def service(self) -> str:
        """Where its address stands."""
        return "segmentation"


def _echo(text: str = "vip") -> EchoCall:
    request = GetSegmentRequest(segment_id=text)
    return EchoCall(method=f"{SERVICE}/unary", request=request, answer=Segment, repeatable=True)


def _client(echo: Running, **facts: Any) -> AsyncDangol:
    target = Addresses(segmentation=f"127.0.0.1:{echo.server.port}")
    return AsyncDangol(target, echo.token, **{"tls": None, **facts})


def _files(folder: Path) -> dict[str, Path]:
    names = {"authority": "ca.crt", "certificate": "tls.crt", "key": "tls.key"}
    return {name: folder / file_name for name, file_name in names.items()}


async def test_a_partner_with_a_certificate_gets_in_and_no_other(tmp_path: Path) -> None:
    """In both forms. By default the system's authorities are trusted, who do not know ours."""
    authority = Authority()
    authority.write(tmp_path / "server", "offers")
    authority.write(tmp_path / "till", "till")
    settings = {f"tls_{name}_file": path for name, path in _files(tmp_path / "server").items()}
    own = Tls.of_files(**_files(tmp_path / "till"))
    async with serve_echo(settings=settings) as echo:
        async with _client(echo, tls=own) as client:
            assert "vip" == (await client.send(_echo())).segment_id
        target = Addresses(segmentation=f"127.0.0.1:{echo.server.port}")
        with Dangol(target, echo.token, tls=own) as blocking:
            assert "vip" == (await asyncio.to_thread(blocking.send, _echo())).segment_id
        for wrong in (Tls(authority=own.authority), Tls(), None):
            async with _client(echo, tls=wrong) as stranger:
                with pytest.raises(UnavailableError) as raised:
                    await stranger.within(0.5).send(_echo())
                assert Code.UNAVAILABLE is raised.value.code


async def test_whoever_is_too_quick_waits_as_long_as_the_service_asks() -> None:
    """Two at once and twenty a second: all of eight are answered."""
    settings = {"quota_caller_per_second": 20.0, "quota_caller_burst": 2}
    async with (
        serve_echo(settings=settings) as echo,
        _client(echo, timing=Timing(deadline_seconds=60)) as client,
    ):
        answers = await asyncio.gather(*(client.send(_echo(str(one))) for one in range(8)))
    assert [str(one) for one in range(8)] == [one.segment_id for one in answers]


async def test_a_wait_beyond_the_deadline_is_told_at_once() -> None:
    """An hour: whoever calls may do something else meanwhile."""
    settings = {"quota_caller_per_second": 1 / 3600, "quota_caller_burst": 1}
    async with serve_echo(settings=settings) as echo, _client(echo) as client:
        await client.send(_echo())
        with pytest.raises(TooMuchError) as raised:
            await client.send(_echo())
    error = raised.value
    assert Code.TOO_MANY_REQUESTS is error.code
    assert error.retry_after_seconds is not None
    assert 15 < error.retry_after_seconds <= 3600
