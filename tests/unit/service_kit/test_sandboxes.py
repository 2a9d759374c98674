"""What follows from a sandbox's id."""

import pytest
from dangol_service_kit.gcra import Quota
from dangol_service_kit.sandboxes import QUOTA_SHARE, is_reserved, number_of, parent_of, sandbox_id


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
