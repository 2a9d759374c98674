"""Endpoints of webhooks, as pure functions."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offers_service import webhooks
from offers_service.webhooks import EndpointKey, Target, WebhookState
from standardwebhooks import Webhook

NOW_MS = 1_700_000_000_000
DAY_MS = 24 * 3_600_000
MADE = webhooks.create(EndpointKey("shop", "we_1"), Target("https://a.test/"), "r1", "{}", "00")


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    """Secret, id, time, body and signature as Standard Webhooks' own libraries test them."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = webhooks.headers(
        [key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == found["webhook-signature"]


@given(st.binary(max_size=200), st.binary(min_size=24, max_size=64))
@settings(max_examples=100, deadline=None)
def test_the_published_library_makes_the_same_signature(body: bytes, key: bytes) -> None:
    """Whatever the body."""
    text = base64.b64encode(body).decode()
    found = webhooks.headers([key], "m1", NOW_MS // 1000, text.encode())
    at = datetime.fromtimestamp(NOW_MS // 1000, UTC)
    assert Webhook(webhooks.show(key)).sign("m1", at, text) == found["webhook-signature"]


def test_an_endpoint_that_only_fails_is_left_alone_longer_and_longer_then_for_good() -> None:
    """Four failures cost nothing; then pauses up to five minutes; five days end it."""
    found, now_ms = MADE, NOW_MS
    pauses = []
    for _ in range(30):
        found = webhooks.after_posts(found, [500], now_ms)
        pauses.append(max(0, found.paused_until_ms - now_ms))
    assert [0] * 4 == pauses[:4]
    for place, pause in enumerate(pauses[4:]):
        full = min(1_000 << place, 300_000)
        assert full // 2 <= pause <= full
    assert WebhookState.ENABLED is found.state
    late = webhooks.after_posts(found, [0], NOW_MS + 5 * DAY_MS)
    assert WebhookState.FAILING is late.state
    mended = webhooks.after_posts(found, [500, 200], NOW_MS + 4 * DAY_MS)
    assert (0, 0, 0) == (mended.failures, mended.failing_since_ms, mended.paused_until_ms)
    assert MADE is webhooks.after_posts(MADE, [204], NOW_MS)
    assert WebhookState.GONE is webhooks.after_posts(MADE, [200, 410], NOW_MS).state


def test_secrets_follow_each_other() -> None:
    """Each is another; the ones before sign until their time is over, never longer than asked."""
    _, second, number = webhooks.rotate(MADE, ("r2", "x"), "01", DAY_MS, NOW_MS)
    assert (2, [1, 2]) == (number, [one.number for one in webhooks.valid(second.secrets, NOW_MS)])
    _, third, _ = webhooks.rotate(second, ("r3", "x"), "02", 1_000, NOW_MS + 1)
    assert [1, 2, 3] == [one.number for one in webhooks.valid(third.secrets, NOW_MS + 1_000)]
    assert [3] == [one.number for one in webhooks.valid(third.secrets, NOW_MS + 1_001)]
    keys = {webhooks.secret_key(b"k" * 32, "we_1", one) for one in third.secrets}
    assert 3 == len(keys)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    """Also where IPv6 carries an address of a private network."""
    assert public == webhooks.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.test/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/",
        "https://user:secret@shop.test/",
        "https://shop.test/#part",
        "https://shop.test:port/",
        "https://shop.test\\@10.0.0.1/",
        "ftp://shop.test/",
        "https://",
        "shop.test",
    ],
)
def test_only_https_to_public_addresses_is_taken(url: str) -> None:
    """Refused by the field's name, whatever way the address is written."""
    assert ["endpoint.url"] == [
        field for field, _ in webhooks.violations(Target(url), private=False)
    ]
    assert [] == webhooks.violations(Target("https://shop.test:8443/a?b=c"), private=False)
