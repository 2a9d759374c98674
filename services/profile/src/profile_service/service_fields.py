"""Which fields a tenant has: load, decide, save; whoever loses a race decides again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from dangol_service_kit.errors import Code, RpcFailure

from profile_service.domain import AnsweredRequest, Attributes
from profile_service.fields import (
    Decided,
    Declaration,
    FieldSchema,
    SchemaOutcome,
    check_values,
    decide_declare,
    decide_retire,
    decide_survivors,
)
from profile_service.store import StoreUnavailableError
from profile_service.store_fields import FieldStore
from profile_service.survivorship import Survivor

_ATTEMPTS_MAX: Final = 20


class FieldService:
    """Declares and retires fields, and judges values by them."""

    def __init__(self, store: FieldStore) -> None:
        self._store = store

    async def get(self, tenant_id: str) -> FieldSchema:
        """What the tenant has declared."""
        return await self._store.get(tenant_id)

    async def check(
        self, tenant_id: str, given: Attributes, paths: Iterable[str] | None, prefix: str
    ) -> None:
        """Raises RpcFailure FIELD_INVALID for values of fields that are not declared so."""
        if not given.fields and not given.personal_fields:
            return
        named = None if paths is None else list(paths)
        wrong = check_values(await self._store.get(tenant_id), given, named, prefix)
        if wrong:
            raise RpcFailure(Code.FIELD_INVALID, f"{wrong[0][0]}: {wrong[0][1]}", violations=wrong)

    async def declare(
        self, tenant_id: str, wanted: Declaration, request: AnsweredRequest
    ) -> tuple[FieldSchema, SchemaOutcome]:
        """Declares one field, or changes what may change of it."""
        return await self._change(tenant_id, lambda one: decide_declare(one, wanted, request))

    async def retire(
        self, tenant_id: str, name: str, request: AnsweredRequest
    ) -> tuple[FieldSchema, SchemaOutcome]:
        """Takes one field out of use."""
        return await self._change(tenant_id, lambda one: decide_retire(one, name, request))

    async def set_survivors(
        self, tenant_id: str, survivors: Mapping[str, Survivor], request: AnsweredRequest
    ) -> tuple[FieldSchema, SchemaOutcome]:
        """Says what survives a merge."""
        return await self._change(tenant_id, lambda one: decide_survivors(one, survivors, request))

    async def _change(
        self, tenant_id: str, decide: Callable[[FieldSchema], Decided]
    ) -> tuple[FieldSchema, SchemaOutcome]:
        for _ in range(_ATTEMPTS_MAX):
            before = await self._store.get(tenant_id)
            changed, outcome = decide(before)
            if outcome is not SchemaOutcome.CHANGED:
                return before, outcome
            if await self._store.save(changed, before.version):
                return changed, outcome
        raise StoreUnavailableError("the tenant's fields change too often")
