"""Segments between protobuf and the domain: rules in text or tree, requests, tokens of pages."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple

from dangol.segmentation.v1 import rule_pb2
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_rules.rules import RuleError, RuleWarning, format, parse, warnings
from dangol_service_kit.auth import Caller
from dangol_service_kit.errors import Code, RpcFailure

from segmentation_service.rpc_rules import tree_from_proto, tree_to_proto
from segmentation_service.segments import Draft, Outcome, Request, State
from segmentation_service.service_members import Position
from segmentation_service.service_segments import View, rule_invalid

FAILURES = {
    Outcome.REQUEST_CONFLICT: (Code.REQUEST_CONFLICT, "the request id was used before"),
    Outcome.EXISTS: (Code.SEGMENT_EXISTS, "a segment with this id exists, or is being deleted"),
    Outcome.NOT_FOUND: (Code.SEGMENT_NOT_FOUND, "there is no such segment"),
    Outcome.VERSION_CONFLICT: (Code.VERSION_CONFLICT, "the segment changed: read it again"),
    Outcome.TOO_MANY: (Code.TOO_MANY_REQUESTS, "a tenant has at most 500 segments"),
}
_STATES = {
    State.BACKFILLING: pb.SEGMENT_STATE_BACKFILLING,
    State.LIVE: pb.SEGMENT_STATE_LIVE,
}


class GivenRule(NamedTuple):
    """A rule as it was sent: its canonical text, and what is odd about it."""

    text: str
    warnings: list[RuleWarning]


def check(outcome: Outcome) -> None:
    """Raises RpcFailure for what was not done."""
    failure = FAILURES.get(outcome)
    if failure is not None:
        raise RpcFailure(*failure)


def no_segment() -> RpcFailure:
    """SEGMENT_NOT_FOUND."""
    return RpcFailure(*FAILURES[Outcome.NOT_FOUND])


def read_rule(text: str, node: rule_pb2.RuleNode | None, prefix: str) -> GivenRule:
    """The rule of a message that holds it as text or as a tree; prefix: path of the message.

    Raises RpcFailure RULE_INVALID, FIELD_INVALID for neither or for two different ones.
    """
    if not text and node is None:
        raise RpcFailure(
            Code.FIELD_INVALID, "send the rule as text or as a tree", field=f"{prefix}rule"
        )
    given = None
    try:
        if text:
            given = GivenRule(format(parse(text)), warnings(text))
        if node is None:
            return given or GivenRule("", [])
        canonical = format(tree_from_proto(node))
    except RuleError as error:
        # The path of a node begins with "rule".
        field = f"rule_tree{error.path.removeprefix('rule')}" if error.path else "rule"
        raise rule_invalid(error, prefix + field) from None
    if given is None:
        return GivenRule(canonical, warnings(canonical))
    if given.text != canonical:
        message = "says another rule than the text: send one of them"
        raise RpcFailure(Code.FIELD_INVALID, message, field=f"{prefix}rule_tree")
    return given


def to_draft(segment: pb.Segment, notify_existing: bool) -> tuple[Draft, list[RuleWarning]]:
    """What a client says of a segment. Raises RpcFailure as read_rule does."""
    node = segment.rule_tree if segment.HasField("rule_tree") else None
    rule = read_rule(segment.rule, node, "segment.")
    draft = Draft(
        segment.segment_id,
        dict(segment.display_names),
        rule.text,
        segment.at_risk,
        notify_existing,
        dict(segment.descriptions),
    )
    return draft, rule.warnings


def to_request(caller: Caller, request_id: str, *content: object) -> Request:
    """Ids are scoped by tenant, caller and segment; content is what was asked for, as JSON."""
    text = json.dumps(content, sort_keys=True)
    fingerprint = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return Request(f"{caller.subject}/{request_id}", fingerprint)


def content_of(draft: Draft) -> list[object]:
    """What makes two requests for the same segment the same."""
    return [
        draft.segment_id,
        draft.rule,
        draft.display_names,
        draft.descriptions,
        draft.at_risk,
        draft.notify_existing,
    ]


def to_message(view: View, with_tree: bool = True) -> pb.Segment:
    """A segment as it is answered."""
    segment = view.segment
    message = pb.Segment(
        segment_id=segment.segment_id,
        display_names=segment.display_names,
        descriptions=segment.descriptions,
        rule=segment.rule,
        at_risk=segment.at_risk,
        version=segment.version,
        state=_STATES[segment.state],
        member_count=view.member_count,
        starter_id=segment.starter_id,
    )
    message.create_time.FromMilliseconds(segment.create_ms)
    message.update_time.FromMilliseconds(segment.update_ms)
    if view.progress is not None:
        done, total = view.progress
        message.backfill.CopyFrom(pb.BackfillProgress(customers_done=done, customers_total=total))
    if with_tree:
        message.rule_tree.CopyFrom(tree_to_proto(parse(segment.rule)))
    return message


def to_warnings(found: Sequence[RuleWarning]) -> list[pb.RuleWarning]:
    """Warnings as they are answered."""
    return [pb.RuleWarning(line=one.line, column=one.column, message=one.message) for one in found]


def seal_token(parts: Sequence[str | int]) -> str:
    """A token of a page."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def open_token(token: str, part_count: int) -> list[str | int]:
    """The parts of a token. Raises RpcFailure PAGE_TOKEN_INVALID."""
    try:
        padded = token + "=" * (-len(token) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        parts = None
    if not isinstance(parts, list) or len(parts) != part_count:
        raise _bad_token()
    if not all(isinstance(part, str | int) for part in parts):
        raise _bad_token()
    return parts


def to_position(token: str, segment_id: str) -> Position | None:
    """Where a page of a segment's members begins; None: at the first."""
    if not token:
        return None
    of_segment, partition, entered_at_ms, customer_id = open_token(token, 4)
    if of_segment != segment_id or not isinstance(customer_id, str):
        raise _bad_token()
    if not isinstance(partition, int) or not isinstance(entered_at_ms, int):
        raise _bad_token()
    return Position(partition, entered_at_ms, customer_id)


def _bad_token() -> RpcFailure:
    message = "send the next_page_token of the same list"
    return RpcFailure(Code.PAGE_TOKEN_INVALID, message, field="page_token")
