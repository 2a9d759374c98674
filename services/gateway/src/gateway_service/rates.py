"""How often one caller may ask for one thing, counted in Redis over all replicas (ADR 0062).

What counts is the field of Query, Mutation or Subscription, not the operation's name, which clients
choose; and a batch counts by its items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from dangol_service_kit.auth import Role
from dangol_service_kit.gcra import Quota
from dangol_service_kit.quotas import EXEMPT, Quotas, Share, key_of
from dangol_service_kit.sandboxes import QUOTA_SHARE, is_sandbox
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)

from gateway_service.config import GatewayConfig
from gateway_service.context import Context

# Of one field a caller may use half of what it may use of all together.
_ALL = 2
_PERSONS = frozenset({Role.CUSTOMER, Role.VISITOR})
# Values of any other kind are one item.
_HOLDERS = (VariableNode, ListValueNode, ObjectValueNode)


class Rates:
    """What persons (customers and visitors) and shops' own people and programs may ask for."""

    def __init__(self, config: GatewayConfig, quotas: Quotas) -> None:
        self._quotas = quotas
        self._person = Quota(config.rate_person_per_second, config.rate_person_burst)
        self._shop = Quota(config.rate_shop_per_second, config.rate_shop_burst)

    async def take(self, context: Context, charges: Mapping[str, int]) -> None:
        """Takes what an operation asks for, by field. Raises RpcFailure TOO_MANY_REQUESTS."""
        caller = context.caller
        if caller.role in EXEMPT:
            return
        quota = self._person if caller.role in _PERSONS else self._shop
        if is_sandbox(caller.tenant_id):
            quota = quota.part(QUOTA_SHARE)
        whole = Quota(quota.per_second * _ALL, quota.burst * _ALL)
        key = key_of(caller)
        shares = [Share(f"{key}:graphql", whole, sum(charges.values()))]
        shares += [Share(f"{key}:{field}", quota, cost) for field, cost in charges.items()]
        await self._quotas.take(caller.tenant_id, shares)


class Asked(NamedTuple):
    """A field that an operation asks for, such as mutation.track.

    lists: those of its arguments' values that may be lists, or hold some.
    """

    name: str
    lists: tuple[ValueNode, ...]


def asked_by(operation: OperationDefinitionNode, document: DocumentNode) -> tuple[Asked, ...]:
    """The fields of Query, Mutation or Subscription; what only asks for types is none."""
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    return tuple(
        Asked(
            f"{operation.operation.value}.{field.name.value}",
            tuple(one.value for one in field.arguments or () if isinstance(one.value, _HOLDERS)),
        )
        for field in _fields(operation.selection_set, fragments, set())
    )


def charges_of(asked: Iterable[Asked], variables: Mapping[str, Any]) -> dict[str, int]:
    """Items by field, for example {"mutation.track": 20}."""
    charges: Counter[str] = Counter()
    for name, lists in asked:
        charges[name] += max((_items(one, variables) for one in lists), default=1)
    return dict(charges)


def _fields(
    selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], seen: set[str]
) -> list[FieldNode]:
    found: list[FieldNode] = []
    for one in selected.selections:
        if isinstance(one, FieldNode):
            if not one.name.value.startswith("__"):
                found.append(one)
        elif isinstance(one, InlineFragmentNode):
            found += _fields(one.selection_set, fragments, seen)
        elif isinstance(one, FragmentSpreadNode) and one.name.value not in seen:
            # Spread twice its fields are the same ones.
            seen.add(one.name.value)
            if one.name.value in fragments:
                found += _fields(fragments[one.name.value].selection_set, fragments, seen)
    return found


def _items(node: ValueNode, variables: Mapping[str, Any]) -> int:
    if isinstance(node, VariableNode):
        value = variables.get(node.name.value)
    else:
        value = value_from_ast_untyped(node, dict(variables))
    parts = value.values() if isinstance(value, dict) else (value,)
    return max([1, *(len(part) for part in parts if isinstance(part, list))])
