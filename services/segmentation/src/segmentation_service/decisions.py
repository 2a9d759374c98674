"""One customer's decision: from what was read to what is to be written. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from dangol.events.v1.membership_pb2 import MembershipChange
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot

from segmentation_service.announcements import Announced, News, to_message
from segmentation_service.engine import (
    EventInput,
    Input,
    ProfileInput,
    State,
    StepResult,
    Transition,
    new_state,
    replay,
    step,
)
from segmentation_service.histories import History, created_ms
from segmentation_service.partitions import partition_of
from segmentation_service.reconcile import Occasion, leave_all, reconcile
from segmentation_service.states import Stored, Write, pack
from segmentation_service.tenant_rules import TenantRules


class Delta(NamedTuple):
    """What happened to a customer. created: profile created the customer with it.

    profile_at_ms: since when the profile, if there is one, is as it is.
    """

    customer_id: str
    created: bool
    profile: ProfileSnapshot | None
    events: Sequence[EventInput]
    profile_at_ms: int = 0


class Decision(NamedTuple):
    """What is to be written, and the changes in it, in order, still without their sequence."""

    write: Write
    changes: list[MembershipChange]


class Customer(NamedTuple):
    """A customer as read."""

    customer_id: str
    stored: Stored | None


class Moment(NamedTuple):
    """When a decision is announced, wall time, and the version of a state that it begins.

    traceparent: of the call that asked for it, if that is traced.
    """

    now_ms: int
    first_version: int
    traceparent: str = ""


def decide_delta(
    rules: TenantRules, stored: Stored | None, delta: Delta, moment: Moment
) -> Decision | None:
    """Applies a delta; None when only a replay can tell."""
    inputs: list[Input] = list(delta.events)
    if stored is None:
        if not delta.created or delta.profile is None:
            return None
        state = new_state(delta.profile, created_ms(delta.profile, delta.events))
    else:
        known = _decode_current(rules, stored)
        if known is None:
            return None
        state = known
        if delta.profile is not None:
            at_ms = max(delta.profile_at_ms, state.now_ms)
            inputs.append(ProfileInput(delta.profile, at_ms))
    result = step(rules.ruleset, state, inputs)
    if result.needs_replay:
        return None
    return _from_step(rules, Customer(delta.customer_id, stored), result, moment)


def decide_deadline(
    rules: TenantRules, customer: Customer, now_ms: int, moment: Moment
) -> Decision | None:
    """Fires a customer's deadlines up to now_ms; None when only a replay can tell."""
    stored = customer.stored
    state = _decode_current(rules, stored) if stored is not None else None
    if state is None:
        return None
    result = step(rules.ruleset, state, (), now_ms)
    if result.needs_replay:
        return None
    return _from_step(rules, customer, result, moment)


def decide_replay(
    rules: TenantRules,
    customer: Customer,
    history: History,
    announced: Mapping[str, Announced],
    *,
    occasion: Occasion,
    moment: Moment,
) -> Decision:
    """Computes a customer from scratch and announces what is still to be announced."""
    if history.merged_into:
        return decide_removal(rules, customer, announced, occasion=occasion, moment=moment)
    # Never before what was announced: a wall clock may be set back.
    told_ms = [last.at_ms for last in announced.values()]
    as_of_ms = max(occasion.as_of_ms, *(event.at_ms for event in history.events[-1:]), *told_ms, 0)
    result = replay(
        rules.ruleset,
        history.snapshot,
        history.created_ms,
        history.events,
        as_of_ms,
        wall_ms=moment.now_ms,
    )
    reconciled = reconcile(
        result.transitions, announced, rules.terms, occasion._replace(as_of_ms=as_of_ms)
    )
    state = result.state
    state.memberships = {
        name: stint for name, stint in reconciled.memberships.items() if name in rules.terms
    }
    state.past = {name: stint for name, stint in reconciled.past.items() if name in rules.terms}
    before = _memberships(rules, customer.stored)
    touched = {*before, *reconciled.memberships, *(one.segment_id for one in reconciled.news)}
    return _decision(rules, customer, state, touched, reconciled.news, moment=moment)


def decide_removal(
    rules: TenantRules,
    customer: Customer,
    announced: Mapping[str, Announced],
    *,
    occasion: Occasion,
    moment: Moment,
) -> Decision:
    """Takes a customer out who is no more: merged into another one, or unknown to profile."""
    news = leave_all(announced, occasion)
    touched = {*_memberships(rules, customer.stored), *announced}
    return _decision(rules, customer, None, touched, news, moment=moment)


def _decode_current(rules: TenantRules, stored: Stored) -> State | None:
    return stored.decode() if stored.rules_version == rules.version else None


def _memberships(rules: TenantRules, stored: Stored | None) -> Iterable[str]:
    """Segments in whose indexes the customer may stand."""
    if stored is None:
        return ()
    state = stored.decode()
    return state.memberships if state is not None else rules.terms


def _from_step(
    rules: TenantRules,
    customer: Customer,
    result: StepResult,
    moment: Moment,
) -> Decision:
    news = [_to_news(transition) for transition in result.transitions]
    touched = {transition.segment_id for transition in result.transitions}
    return _decision(rules, customer, result.state, touched, news, moment=moment)


def _to_news(transition: Transition) -> News:
    return News(
        transition.segment_id,
        transition.stint,
        transition.entered,
        transition.at_ms,
        transition.cause.value,
        True,
    )


def _decision(
    rules: TenantRules,
    customer: Customer,
    state: State | None,
    touched: Iterable[str],
    news: Sequence[News],
    *,
    moment: Moment,
) -> Decision:
    tenant_id = rules.tenant_id
    customer_id, stored = customer
    partition = partition_of(tenant_id, customer_id) if news else 0
    changes = [to_message(tenant_id, customer_id, partition, one, moment.now_ms) for one in news]
    if moment.traceparent:
        for change in changes:
            change.traceparent = moment.traceparent
    memberships = state.memberships if state is not None else {}
    expected = stored.version if stored is not None else b""
    packed = None
    if state is not None:
        packed = pack(expected, rules.version, state, moment.first_version)
    write = Write(
        customer_id=customer_id,
        expected=expected,
        state=packed,
        deadline_ms=state.deadline_ms if state is not None else None,
        index=[(name, memberships[name][1] if name in memberships else None) for name in touched],
        announcements=[change.SerializeToString() for change in changes],
    )
    return Decision(write, changes)
