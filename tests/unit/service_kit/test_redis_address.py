"""DANGOL_REDIS_URL names one server or a cluster."""

from __future__ import annotations

import pytest
from dangol_service_kit.redis_address import RedisAddressError, parse_address


@pytest.mark.parametrize(
    ("url", "seeds", "is_cluster", "first"),
    [
        ("redis://r:1/3", (("r", 1),), False, "redis://r:1/3"),
        ("redis://r", (("r", 6379),), False, "redis://r:6379"),
        ("rediss://me:p%40ss@r:1/0", (("r", 1),), False, "rediss://me:p%40ss@r:1/0"),
        ("redis+cluster://a:1,b:2,c", (("a", 1), ("b", 2), ("c", 6379)), True, "redis://a:1"),
        ("rediss+cluster://u:p@a:1,[::1]:2/0", (("a", 1), ("::1", 2)), True, "rediss://u:p@a:1"),
    ],
)
def test_an_address_is_taken_apart(
    url: str, seeds: tuple[tuple[str, int], ...], is_cluster: bool, first: str
) -> None:
    """Hosts, credentials and what is said of each node."""
    address = parse_address(url)
    assert (seeds, is_cluster) == (address.seeds, address.is_cluster)
    assert first == address.url(*address.seeds[0])


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("r:6379", "must begin with"),
        ("http://r", "must begin with"),
        ("redis://a:1,b:2", "write redis+cluster://"),
        ("redis+cluster://a:1/2", "one database only"),
        ("redis+cluster://", "must name hosts"),
        ("redis+cluster://a:1,,b:2", "must name hosts"),
        ("redis://a:port", "must name hosts"),
    ],
)
def test_what_cannot_be_understood_is_said_without_the_secret(url: str, part: str) -> None:
    """The error names the variable and the way to mend it."""
    with pytest.raises(RedisAddressError) as raised:
        parse_address(url.replace("://", "://u:secret@", 1))
    (message,) = raised.value.errors
    assert message.startswith("DANGOL_REDIS_URL ")
    assert part in message
    assert "secret" not in message
