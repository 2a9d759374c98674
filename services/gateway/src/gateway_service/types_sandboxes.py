"""A tenant's sandboxes, as frontends see them."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.profile.v1 import sandbox_service_pb2 as pb

from gateway_service import convert


@strawberry.type(description="A tenant beside the real one, with a clock of its own, for tests.")
class Sandbox:
    """Tokens are signed for its id."""

    id: strawberry.ID = strawberry.field(description="The tenant's id, two dashes, a number.")
    display_name: str = strawberry.field(description="What people call it.")
    clock_now: dt.datetime = strawberry.field(description="What its clock shows.")
    clock_horizon: dt.datetime = strawberry.field(description="Later events are refused.")
    clock_start: dt.datetime = strawberry.field(
        description="Where the clock began, and begins again after a reset."
    )


def to_sandbox(sandbox: pb.Sandbox) -> Sandbox:
    """From profile."""
    return Sandbox(
        id=strawberry.ID(sandbox.sandbox_id),
        display_name=sandbox.display_name,
        clock_now=convert.to_required_datetime(sandbox, "clock_now"),
        clock_horizon=convert.to_required_datetime(sandbox, "clock_horizon"),
        clock_start=convert.to_required_datetime(sandbox, "clock_start"),
    )
