"""Who may have a request traced."""

import pytest
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.trace_trust import TraceTrust

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = SAMPLED[:-1] + "0"


def _caller(role: Role) -> Caller:
    return Caller("shop", role, "someone", (), "")


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.VISITOR, Role.PARTNER, Role.STAFF])
def test_at_the_edge_no_stranger_has_a_trace_sampled(role: Role) -> None:
    """It begins anew, and is sampled as seldom as any other."""
    trust = TraceTrust(believed_a_second=0)
    assert None is trust.judge(SAMPLED, _caller(role))
    assert None is trust.judge(SAMPLED, None)


@pytest.mark.parametrize("role", [Role.SERVICE, Role.OPERATOR, Role.ADMIN])
def test_those_who_run_the_platform_may(role: Role) -> None:
    """As often as they like."""
    trust = TraceTrust(believed_a_second=0)
    assert [SAMPLED] * 100 == [trust.judge(SAMPLED, _caller(role)) for _ in range(100)]


def test_a_service_believes_a_bounded_number_a_second() -> None:
    """The gateway's own choice arrives with its caller's token."""
    now = [5.0]
    trust = TraceTrust(2, lambda: now[0])
    customer = _caller(Role.CUSTOMER)
    judged = [trust.judge(SAMPLED, customer) for _ in range(4)]
    now[0] = 6.0
    judged.append(trust.judge(SAMPLED, customer))
    assert [SAMPLED, SAMPLED, None, None, SAMPLED] == judged


def test_what_is_not_sampled_keeps_its_id() -> None:
    """It costs nothing, and ties a client's logs to ours."""
    trust = TraceTrust(believed_a_second=0)
    assert UNSAMPLED == trust.judge(UNSAMPLED, _caller(Role.CUSTOMER))
    assert None is trust.judge(None, _caller(Role.CUSTOMER))
