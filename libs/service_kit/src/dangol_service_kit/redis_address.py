"""Where Redis is: one server, or a cluster.

redis://[user:password@]host:port/database      one server (rediss:// with TLS)
redis+cluster://[user:password@]host:port,host:port,...      a cluster (rediss+cluster:// with TLS)

Of a cluster a few nodes are enough: they tell about the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster

from dangol_service_kit.config import ConfigError

_DEFAULT_PORT = 6379
_MARK = "+cluster"
# Longer than any blocking read; a server that is silent for so long is given up.
_SILENCE_SECONDS_MAX = 10.0
_CONNECT_SECONDS_MAX = 5.0


class RedisAddressError(ConfigError):
    """DANGOL_REDIS_URL cannot be understood; the message says why."""

    def __init__(self, reason: str) -> None:
        super().__init__([f"DANGOL_REDIS_URL {reason}"])


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """seeds: (host, port). credentials: "user:password@" as in the URL, "" for none."""

    scheme: str
    credentials: str
    seeds: tuple[tuple[str, int], ...]
    is_cluster: bool
    # What follows the seeds of one server: its database and options.
    rest: str = ""

    def url(self, host: str, port: int) -> str:
        """A URL for one node."""
        shown = f"[{host}]" if ":" in host else host
        return f"{self.scheme}://{self.credentials}{shown}:{port}{self.rest}"


def parse_address(url: str) -> RedisAddress:
    """Takes DANGOL_REDIS_URL apart. Raises RedisAddressError."""
    scheme, separator, remainder = url.partition("://")
    is_cluster = scheme.endswith(_MARK)
    scheme = scheme.removesuffix(_MARK)
    if not separator or scheme not in ("redis", "rediss"):
        raise RedisAddressError(
            "must begin with redis://, rediss://, redis+cluster:// or rediss+cluster://"
        )
    authority, slash, path = remainder.partition("/")
    at = authority.rfind("@") + 1
    credentials, hosts = authority[:at], authority[at:]
    if is_cluster and path.split("?")[0] not in ("", "0"):
        raise RedisAddressError("a cluster has one database only, 0: leave it out")
    if not is_cluster and "," in hosts:
        raise RedisAddressError("several hosts are a cluster: write redis+cluster://")
    seeds = tuple(_seed(host) for host in hosts.split(","))
    rest = "" if is_cluster else slash + path
    return RedisAddress(scheme, credentials, seeds, is_cluster, rest)


def open_redis(url: str, **options: Any) -> Any:
    """A client of redis-py for one server or a cluster; nothing is connected yet."""
    address = parse_address(url)
    limits = {
        "socket_timeout": _SILENCE_SECONDS_MAX,
        "socket_connect_timeout": _CONNECT_SECONDS_MAX,
        **options,
    }
    if not address.is_cluster:
        return Redis.from_url(url, **limits)
    parts = urlsplit(address.url(*address.seeds[0]))
    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in address.seeds],
        username=parts.username,
        password=parts.password,
        ssl=address.scheme == "rediss",
        # A part of the keys is better than none.
        require_full_coverage=False,
        **limits,
    )


def _seed(text: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host:
        raise RedisAddressError("must name hosts as host:port, several divided by commas")
    return host, port or _DEFAULT_PORT
