"""Hostile tokens against the verifier: none accepted, one answer for all, keys read sparingly."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dangol_service_kit.auth import TokenVerifier, public_jwk, verifier_from_file
from dangol_service_kit.errors import RpcFailure

from tests.unit.service_kit.conftest import AUDIENCE, ISSUER, Authority
from tests.unit.service_kit.hostile import Forger


class Provider:
    """Keys that change, and how often they were read."""

    def __init__(self, *keys: Ed25519PrivateKey) -> None:
        self.keys = list(keys)
        self.reads = 0
        self.failure: Exception | None = None
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def read(self) -> dict[str, Mapping[str, Any]]:
        """The keys as they are now."""
        self.reads += 1
        await self.go_on.wait()
        if self.failure is not None:
            raise self.failure
        return {public_jwk(key)["kid"]: public_jwk(key) for key in self.keys}


@pytest.fixture
def forger(authority: Authority) -> Forger:
    """Signs with the keys that the verifier trusts."""
    return Forger(authority.platform, authority.service, ISSUER, AUDIENCE)


def _refused(verifier: TokenVerifier, token: str) -> tuple[str, str]:
    with pytest.raises(RpcFailure) as caught:
        verifier.verify(token)
    return caught.value.code.name, caught.value.message


async def _admitted(verifier: TokenVerifier, token: str) -> str:
    try:
        await verifier.admit(f"Bearer {token}")
    except RpcFailure as failure:
        return failure.code.name
    return "ADMITTED"


def test_no_hostile_token_is_accepted_and_all_get_one_answer(
    authority: Authority, forger: Forger
) -> None:
    """More than ninety of them; the answer tells a forger nothing of how far it came."""
    hostile = forger.hostile()
    assert len(hostile) >= 90
    answers = {name: _refused(authority.verifier, token) for name, token in hostile.items()}
    expected = ("TOKEN_INVALID", "the token cannot be trusted: get a new one")
    assert {} == {name: answer for name, answer in answers.items() if answer != expected}


def test_good_tokens_of_the_same_hand_are_accepted(authority: Authority, forger: Forger) -> None:
    """So that the refusals above are known to be for what their names say."""
    for changes in ({}, {"aud": ["other", AUDIENCE]}, {"nbf": 0}, {"iat": 1.5}, {"role": "staff"}):
        assert "shop" == authority.verifier.verify(forger.good(**changes)).tenant_id
    typed = forger.sign(forger.claims(), {"typ": "at+jwt", "jku": "https://evil.test"})
    assert "shop" == authority.verifier.verify(typed).tenant_id


def test_an_expired_token_is_told_so(authority: Authority, forger: Forger) -> None:
    """Only a token that was good is: its client has to get a new one."""
    assert "TOKEN_EXPIRED" == _refused(authority.verifier, forger.expired())[0]


def test_a_key_of_one_tenant_signs_for_no_other(authority: Authority, forger: Forger) -> None:
    """Where the operator bound the key to tenants."""
    bound = {**public_jwk(authority.platform), "dangol_tenants": ["rival"]}
    verifier = TokenVerifier({"keys": [bound]}, ISSUER, AUDIENCE)
    assert "rival" == verifier.verify(forger.good(tenant="rival")).tenant_id
    assert "TOKEN_INVALID" == _refused(verifier, forger.good(tenant="shop"))[0]


async def test_a_flood_of_unknown_keys_reads_keys_once_in_ten_seconds(forger: Forger) -> None:
    """However many come at once, and in the ten seconds after."""
    now, provider = [1000.0], Provider(forger.platform)
    provider.go_on.clear()
    verifier = TokenVerifier(
        {"keys": []}, ISSUER, AUDIENCE, source=provider, monotonic_seconds=lambda: now[0]
    )
    stranger = Ed25519PrivateKey.generate()
    flood = [forger.sign(forger.claims(), {"kid": f"k{n}"}, stranger) for n in range(300)]
    tasks = [asyncio.create_task(_admitted(verifier, token)) for token in flood]
    # The rightful owner of the new key waits in the same crowd.
    tasks.append(asyncio.create_task(_admitted(verifier, forger.good())))
    for _ in range(3):
        await asyncio.sleep(0)
    provider.go_on.set()
    answers = await asyncio.gather(*tasks)
    assert (1, {"TOKEN_INVALID"}, "ADMITTED") == (provider.reads, set(answers[:-1]), answers[-1])
    for step, expected in ((9.9, 1), (0.2, 2), (9.9, 2)):
        now[0] += step
        for token in flood[:20]:
            assert "TOKEN_INVALID" == await _admitted(verifier, token)
        assert expected == provider.reads


async def test_what_is_refused_for_another_reason_reads_no_keys(forger: Forger) -> None:
    """Only an unknown kid may mean that there are new keys."""
    provider = Provider(forger.platform)
    service = {**public_jwk(forger.service), "dangol_roles": ["service"]}
    jwks = {"keys": [public_jwk(forger.platform), service]}
    verifier = TokenVerifier(jwks, ISSUER, AUDIENCE, source=provider)
    # Of these the header names a key of ours, and something else is wrong.
    marks = ("kid", "jku", "x5", "brought", "HMAC", "ones within")
    for name, token in forger.hostile().items():
        if not any(mark in name for mark in marks):
            assert "ADMITTED" != await _admitted(verifier, token)
    assert 0 == provider.reads


async def test_a_key_that_was_taken_away_is_trusted_no_more(forger: Forger) -> None:
    """Within five minutes, though its tokens were verified before."""
    now, provider = [1000.0], Provider()
    verifier = TokenVerifier(
        {"keys": [public_jwk(forger.platform)]},
        ISSUER,
        AUDIENCE,
        source=provider,
        monotonic_seconds=lambda: now[0],
    )
    token = forger.good()
    assert "ADMITTED" == await _admitted(verifier, token)
    now[0] += 301
    while "ADMITTED" == await _admitted(verifier, token):
        await asyncio.sleep(0)
    assert "TOKEN_INVALID" == await _admitted(verifier, token)


async def test_keys_that_cannot_be_read_leave_the_known_ones(forger: Forger) -> None:
    """And where none were ever read, clients hear that waiting helps."""
    provider = Provider(forger.platform)
    provider.failure = OSError("away")
    known = {"keys": [public_jwk(forger.platform)]}
    verifier = TokenVerifier(known, ISSUER, AUDIENCE, source=provider)
    unknown = forger.sign(forger.claims(), {"kid": "new"})
    assert "TOKEN_INVALID" == await _admitted(verifier, unknown)
    assert "ADMITTED" == await _admitted(verifier, forger.good())
    never = TokenVerifier({"keys": []}, ISSUER, AUDIENCE, source=provider, is_whole=False)
    assert "UNAVAILABLE" == await _admitted(never, unknown)


async def test_a_file_is_read_anew_for_a_new_key(forger: Forger, tmp_path: Path) -> None:
    """As a mounted Secret changes; a damaged file changes nothing."""
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [public_jwk(forger.service)]}))
    verifier = verifier_from_file(path, ISSUER, AUDIENCE)
    path.write_text(json.dumps({"keys": [public_jwk(forger.platform)]}))
    assert "ADMITTED" == await _admitted(verifier, forger.good())
    damaged = verifier_from_file(path, ISSUER, AUDIENCE)
    path.write_text('{"keys": [')
    assert "TOKEN_INVALID" == await _admitted(damaged, forger.sign(forger.claims(), {"kid": "x"}))
    assert "ADMITTED" == await _admitted(damaged, forger.good())
