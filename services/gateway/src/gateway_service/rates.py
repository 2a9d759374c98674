"""How often one caller may ask for one thing, counted in Redis over all replicas (ADR 0062).

What counts is the field of Query, Mutation or Subscription, not the operation's name, which clients
choose; and a batch counts by its items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

from dangol_service_kit.auth import Role
from dangol_service_kit.gcra import Quota
from dangol_service_kit.quotas import EXEMPT, Quotas, Share, key_of
from dangol_service_kit.sandboxes import QUOTA_SHARE, is_sandbox
from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)
from strawberry.extensions import SchemaExtension

from gateway_service.config import GatewayConfig
from gateway_service.context import Context

# Of one field a caller may use half of what it may use of all together.
_ALL = 2
_PERSONS = frozenset({Role.CUSTOMER, Role.VISITOR})


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


class RatedOperations(SchemaExtension):
    """Asks before anything is resolved."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates

    async def on_execute(self) -> AsyncIterator[None]:
        """RpcFailure is answered like a resolver's."""
        context = self.execution_context
        if context.graphql_document is not None:
            variables = context.variables or {}
            charges = charges_of(context.graphql_document, context.operation_name, variables)
            await self._rates.take(context.context, charges)
        yield


def charges_of(
    document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]
) -> dict[str, int]:
    """Items by field, for example {"mutation.track": 20}; what only asks for types is free."""
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    charges: Counter[str] = Counter()
    for operation in document.definitions:
        if not isinstance(operation, OperationDefinitionNode):
            continue
        if operation_name and (not operation.name or operation.name.value != operation_name):
            continue
        for field in _fields(operation.selection_set, fragments, set()):
            name = f"{operation.operation.value}.{field.name.value}"
            charges[name] += max(
                (_items(one, variables) for one in field.arguments or ()), default=1
            )
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


def _items(argument: ArgumentNode, variables: Mapping[str, Any]) -> int:
    value = value_from_ast_untyped(argument.value, dict(variables))
    parts = value.values() if isinstance(value, dict) else (value,)
    return max([1, *(len(part) for part in parts if isinstance(part, list))])
