"""What can be asked of customers' records beside the customers themselves."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.profile.v1 import customer_service_pb2 as customers_pb
from dangol.profile.v1 import field_service_pb2 as fields_pb
from dangol.profile.v1 import search_service_pb2 as searches_pb

from gateway_service.context import AppInfo
from gateway_service.fields import argument, resolver
from gateway_service.types_common import Int64
from gateway_service.types_records import (
    CustomerSearch,
    FieldDeclaration,
    to_declaration,
    to_search,
)

# Everybody who satisfies a filter is counted.
_COUNT_SECONDS = 30.0


@strawberry.type
class RecordQueries:
    """The part of Query about records."""

    @resolver("How many customers satisfy a filter, exactly.")
    async def customer_count(
        self,
        info: AppInfo,
        filter: Annotated[str | None, argument("As in customers; all if absent.")] = None,
        tag: Annotated[str | None, argument("Only those with this tag.")] = None,
    ) -> Int64 | None:
        """Profile's CountCustomers."""
        context = info.context
        request = customers_pb.CountCustomersRequest(filter=filter or "", tag=tag or "")
        method = context.clients.customers.CountCustomers
        answer = await context.call(method, request, timeout_seconds=_COUNT_SECONDS)
        return Int64(answer.count)

    @resolver("The tenant's own fields, retired ones too.")
    async def field_declarations(self, info: AppInfo) -> list[FieldDeclaration] | None:
        """Profile's ListFields."""
        context = info.context
        method = context.clients.fields.ListFields
        answer = await context.call(method, fields_pb.ListFieldsRequest())
        return [to_declaration(one) for one in answer.fields]

    @resolver("Who the customer at the till may be. A candidate fits all that is given.")
    async def search_customers(
        self,
        info: AppInfo,
        *,
        phone_last_four: Annotated[str | None, argument("Of a linked number.")] = None,
        name: Annotated[str | None, argument("Whole, or the given name of a Korean one.")] = None,
        initials: Annotated[str | None, argument("Initial consonants, as in ㄱㅁㅅ.")] = None,
        email: Annotated[str | None, argument("A linked address, exactly.")] = None,
        store_id: Annotated[str | None, argument("Where the asker stands.")] = None,
    ) -> CustomerSearch | None:
        """Profile's SearchCustomers, which writes it down."""
        context = info.context
        request = searches_pb.SearchCustomersRequest(
            phone_last_four=phone_last_four or "",
            name=name or "",
            initials=initials or "",
            email=email or "",
            store_id=store_id or "",
        )
        return to_search(await context.call(context.clients.searches.SearchCustomers, request))
