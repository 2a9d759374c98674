"""What an identify request comes to."""

from __future__ import annotations

from itertools import permutations

from profile_service.domain import Customer
from profile_service.identify import IdentifyOutcome, plan_identify, primary_identifier

DEVICE, EMAIL, NUMBER, OTHER_NUMBER, ID = b"device", b"email", b"number", b"other", b"id"
NAMESPACES = {
    DEVICE: "device",
    EMAIL: "email",
    NUMBER: "member",
    OTHER_NUMBER: "member",
    ID: "customer",
}
VISITOR = Customer("shop", "u_visitor", 1, 100, member=False)
LATER_VISITOR = Customer("shop", "u_later", 1, 200, member=False)
MEMBER = Customer("shop", "u_member", 1, 300, member=True)
OTHER_MEMBER = Customer("shop", "u_other", 1, 50, member=True)


def _asked(*identifiers: bytes) -> dict[bytes, str]:
    return {one: NAMESPACES[one] for one in identifiers}


def test_identifiers_that_nobody_has_create_a_customer() -> None:
    """Named after the member identifier if there is one."""
    plan = plan_identify(_asked(DEVICE, NUMBER), {})
    assert (IdentifyOutcome.CREATED, None) == (plan.outcome, plan.target)
    assert [NUMBER, DEVICE] == [
        primary_identifier(_asked(DEVICE, NUMBER)),
        primary_identifier(_asked(DEVICE, EMAIL)),
    ]


def test_a_further_identifier_is_linked() -> None:
    """When everything is linked already, nothing is to be done."""
    linked = plan_identify(_asked(DEVICE, EMAIL), {DEVICE: VISITOR})
    assert (IdentifyOutcome.LINKED, VISITOR, (EMAIL,)) == (
        linked.outcome,
        linked.target,
        linked.link,
    )
    unchanged = plan_identify(_asked(DEVICE, EMAIL), {DEVICE: VISITOR, EMAIL: VISITOR})
    assert IdentifyOutcome.UNCHANGED is unchanged.outcome


def test_a_visitor_is_merged_into_the_member_however_they_are_asked_for() -> None:
    """The member is the target although the visitor is older."""
    for order in permutations((DEVICE, NUMBER)):
        plan = plan_identify(_asked(*order), {DEVICE: VISITOR, NUMBER: MEMBER})
        assert (IdentifyOutcome.MERGED, MEMBER, (VISITOR,)) == (
            plan.outcome,
            plan.target,
            plan.sources,
        )


def test_of_two_visitors_the_later_is_merged_into_the_earlier() -> None:
    """So that concurrent requests agree."""
    plan = plan_identify(_asked(DEVICE, EMAIL), {DEVICE: LATER_VISITOR, EMAIL: VISITOR})
    assert (VISITOR, (LATER_VISITOR,)) == (plan.target, plan.sources)


def test_two_members_conflict() -> None:
    """A customer who asks is told about itself only."""
    owners = {NUMBER: MEMBER, OTHER_NUMBER: OTHER_MEMBER}
    plan = plan_identify(_asked(NUMBER, OTHER_NUMBER), owners)
    assert (IdentifyOutcome.CONFLICT, OTHER_MEMBER) == (plan.outcome, plan.target)
    own = plan_identify(_asked(NUMBER, OTHER_NUMBER), owners, MEMBER.customer_id)
    assert MEMBER == own.target


def test_a_members_device_does_not_link_a_new_member_number() -> None:
    """Unless the member is named by a number or id of its own in the same request."""
    shared = plan_identify(_asked(DEVICE, OTHER_NUMBER), {DEVICE: MEMBER})
    assert IdentifyOutcome.CONFLICT is shared.outcome
    for strong in (NUMBER, ID):
        plan = plan_identify(_asked(strong, OTHER_NUMBER), {strong: MEMBER})
        assert IdentifyOutcome.LINKED is plan.outcome
    visitor = plan_identify(_asked(DEVICE, OTHER_NUMBER), {DEVICE: VISITOR})
    assert IdentifyOutcome.LINKED is visitor.outcome
