"""What follows from a sandbox's id."""

from pathlib import Path
from typing import Any

import pytest
from dangol_service_kit.auth import Caller, Role, TokenVerifier
from dangol_service_kit.config import ProcessConfig
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.gcra import Quota
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.quotas import CallQuotas, Quotas
from dangol_service_kit.sandboxes import QUOTA_SHARE, is_reserved, number_of, parent_of, sandbox_id
from dangol_service_kit.tenants import unless_ended

from tests.unit.service_kit.conftest import AUDIENCE, ISSUER


@pytest.mark.parametrize(
    ("tenant_id", "parent", "number"),
    [
        ("shop--3", "shop", 3),
        ("my-shop--9999", "my-shop", 9999),
        ("shop", "", 0),
        ("shop-3", "", 0),
        ("shop--03", "", 0),
        ("shop--0", "", 0),
        ("shop--10000", "", 0),
        ("shop--test", "", 0),
        ("shop--1--2", "", 0),
        ("shop---3", "", 0),
        ("--3", "", 0),
        ("*", "", 0),
    ],
)
def test_an_id_tells_whose_sandbox_it_is(tenant_id: str, parent: str, number: int) -> None:
    """And everything that only resembles one is none, though its name is kept free."""
    assert (parent, number) == (parent_of(tenant_id), number_of(tenant_id))
    assert is_reserved(tenant_id) == ("--" in tenant_id)


def test_an_id_is_made_of_its_tenant_and_its_number() -> None:
    """It never gets longer than a tenant's id may be."""
    assert "shop--12" == sandbox_id("shop", 12)
    assert 40 == len(sandbox_id("s" * 34, 9999))
    for parent, number in (("s" * 35, 1), ("shop", 0), ("shop", 10_000)):
        with pytest.raises(ValueError, match="no such sandbox"):
            sandbox_id(parent, number)


def test_a_sandbox_s_quota_is_a_part_of_its_tenant_s() -> None:
    """Rounded up, so that a small one still lets something through; none stays none."""
    assert Quota(5.0, 21) == Quota(50.0, 201).part(QUOTA_SHARE)
    assert not Quota(0.0, 0).part(QUOTA_SHARE).is_limiting


def test_whoever_vouches_for_a_tenant_vouches_for_its_sandboxes(authority: Any) -> None:
    """A key bound to the shop signs for shop--3, not for another's nor for what looks so."""
    keys = [{**authority.jwks["keys"][0], "dangol_tenants": ["shop"]}]
    verifier = TokenVerifier({"keys": keys}, ISSUER, AUDIENCE)
    assert "shop--3" == verifier.verify(authority.token(tenant="shop--3")).tenant_id
    for tenant_id in ("mall--3", "shop--x", "shop--1--2", "shop-3", "mall"):
        with pytest.raises(RpcFailure) as refused:
            verifier.verify(authority.token(tenant=tenant_id))
        assert Code.TOKEN_INVALID is refused.value.code


async def test_a_sandbox_may_ask_for_a_tenth(tmp_path: Path) -> None:
    """Of what its tenant may: two of twenty, and then it has to wait."""
    config = ProcessConfig(
        listen="127.0.0.1:0",
        auth_jwks_file=tmp_path / "unread.json",
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        quota_caller_per_second=0.01,
        quota_caller_burst=20,
        quota_tenant_per_second=0.0,
    )
    granted = []
    for tenant_id in ("shop", "shop--1"):
        quotas = CallQuotas(config, Quotas(None, Metrics()))
        granted.append(await _granted(quotas, Caller(tenant_id, Role.ADMIN, "tester", (), "")))
    assert [20, 2] == granted


async def _granted(quotas: CallQuotas, caller: Caller) -> int:
    """How many calls are let through one after the other."""
    for count in range(100):
        try:
            await quotas.take(caller, 1)
        except RpcFailure:
            return count
    return 100


def test_what_follows_for_a_sandbox_that_ended_is_passed_over() -> None:
    """And nothing else is: not an outage, nor a real tenant that nobody knows."""
    gone, away = RpcFailure(Code.TENANT_NOT_FOUND, ""), RpcFailure(Code.UNAVAILABLE, "")
    with unless_ended("shop--1"):
        raise gone
    for tenant_id, failure in (("shop--1", away), ("shop", gone)):
        with pytest.raises(RpcFailure) as raised, unless_ended(tenant_id):
            raise failure
        assert failure is raised.value
