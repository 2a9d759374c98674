"""Which personal attributes each role is shown as they are."""

from __future__ import annotations

import pytest
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.auth import Role
from profile_service.disclosure import PERSONAL, held, is_recorded, mask, may_name
from profile_service.personal import pack, unpack
from profile_service.rpc_presenter import from_message

SHOWN = {
    Role.ADMIN: [*PERSONAL],
    Role.SERVICE: [*PERSONAL],
    Role.CUSTOMER: [*PERSONAL],
    Role.STAFF: ["note"],
    Role.MARKETER: [],
    Role.PARTNER: [],
    Role.VISITOR: [],
    Role.OPERATOR: [],
}


def _kim() -> pb.Customer:
    kim = pb.Customer(
        customer_id="u_1",
        display_name="김민수",
        birth_date="2020-05-30",
        lunar_birth_date=pb.LunarDate(year=2020, month=4, day=8, leap_month=True),
        postal_address="서울시 1",
        note="문 앞에",
        tier="gold",
        tags=["vip"],
    )
    kim.personal_fields["allergy"].text = "nuts"
    kim.fields["size"].text = "M"
    return kim


@pytest.mark.parametrize("role", Role)
def test_each_role_is_shown_what_is_declared_for_it(role: Role) -> None:
    """What it is not shown is named, and gone but for the masked name; the rest stays."""
    kim = _kim()
    assert SHOWN[role] == mask(kim, role)
    assert [name for name in PERSONAL if name not in SHOWN[role]] == list(kim.masked)
    name = "김민수" if "display_name" in SHOWN[role] else "김*수"
    assert (name, "gold", ["vip"], "M") == (
        kim.display_name,
        kim.tier,
        list(kim.tags),
        kim.fields["size"].text,
    )
    assert {*SHOWN[role], "display_name"} == {*held(kim)}
    assert ("display_name" in SHOWN[role]) is may_name(role)


def test_everything_that_is_sealed_of_a_customer_is_masked() -> None:
    """Names of sealed attributes are those that masking knows: a new one is in both or fails."""
    packed = unpack(pack(from_message(_kim())))
    assert {*PERSONAL} == {*packed}


def test_of_nobody_s_attributes_nothing_is_said() -> None:
    """An empty record is neither masked nor shown."""
    visitor = pb.Customer(customer_id="u_1", tier="gold")
    assert [] == mask(visitor, Role.MARKETER)
    assert [] == list(visitor.masked)


def test_readings_of_services_and_of_oneself_are_not_written_down() -> None:
    """All others are."""
    assert {Role.SERVICE, Role.CUSTOMER} == {one for one in Role if not is_recorded(one)}
