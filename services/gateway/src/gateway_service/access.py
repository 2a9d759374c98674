"""Who may ask for what: one rule for each field, checked before a service is called.

The services decide again, and they alone decide whose data it is: customers see only their own,
staff their stores', nobody another tenant's. A field that no rule names fails the build.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    default_field_resolver,
    get_named_type,
)

from gateway_service.access_offers import OFFER_RULES
from gateway_service.access_roles import (
    ADMINS,
    BACK_OFFICE,
    EVERYBODY,
    OWNERS,
    SEARCHERS,
    SENDERS,
    TENANT,
    TRACKERS,
    WRITERS,
    Roles,
)
from gateway_service.access_shops import SHOP_RULES

# "Type.field" for the operations; "Type" for what they answer: its fields follow it.
RULES: Mapping[str, Roles] = {
    # Who is asking
    "Query.me": EVERYBODY,
    "Viewer": EVERYBODY,
    "Tenant": EVERYBODY,
    # Global ids: each object by the rule of its type
    "Query.node": TENANT,
    "Query.nodes": TENANT,
    # Customers
    "Query.customer": OWNERS,
    "Query.customerByIdentifier": OWNERS,
    "Query.customers": WRITERS | {Role.STAFF},
    "Query.timeline": OWNERS,
    "Query.customerCount": WRITERS | {Role.STAFF},
    "Query.fieldDeclarations": BACK_OFFICE,
    "Query.searchCustomers": SEARCHERS,
    "Mutation.declareField": ADMINS,
    "Mutation.retireField": ADMINS,
    "Mutation.track": TRACKERS,
    "Mutation.identify": TRACKERS,
    "Mutation.updateCustomer": SENDERS,
    "Mutation.setConsent": frozenset({Role.CUSTOMER, Role.STAFF, Role.PARTNER, Role.ADMIN}),
    **dict.fromkeys(("Customer", "Property", "Consent", "ConsentEntry", "Membership"), OWNERS),
    **dict.fromkeys(("Preference", "LunarDate"), OWNERS),
    "FieldDeclaration": BACK_OFFICE,
    **dict.fromkeys(("FieldSuccess", "FieldRefused"), ADMINS),
    **dict.fromkeys(("CustomerSearch", "CustomerCandidate"), SEARCHERS),
    **dict.fromkeys(("ConsentEntryConnection", "ConsentEntryEdge"), OWNERS),
    **dict.fromkeys(("CustomerConnection", "CustomerEdge"), WRITERS | {Role.STAFF}),
    **dict.fromkeys(("EventConnection", "EventEdge", "Event", "EventItem"), OWNERS),
    **dict.fromkeys(("TrackSuccess", "TrackRefused", "EventResult"), TRACKERS),
    **dict.fromkeys(("IdentifySuccess", "CustomerRefused"), TENANT),
    "UpdateCustomerSuccess": OWNERS,
    "SetConsentSuccess": OWNERS,
    "MembershipChange": OWNERS,
    # Products
    "Query.products": OWNERS,
    "Query.product": OWNERS,
    "Query.boughtTogether": BACK_OFFICE,
    "Query.weakProducts": BACK_OFFICE,
    "Query.productFeedback": BACK_OFFICE,
    "Product.facts": BACK_OFFICE,
    "Mutation.upsertProducts": WRITERS | {Role.PARTNER},
    **dict.fromkeys(("Product", "ProductConnection", "ProductEdge", "ProductPair"), OWNERS),
    **dict.fromkeys(("ViewedProduct", "UpsertProductsRefused"), OWNERS),
    **dict.fromkeys(("ProductFacts", "ProductReason", "WeakProduct"), BACK_OFFICE),
    **dict.fromkeys(("WeakProductConnection", "WeakProductEdge"), BACK_OFFICE),
    **dict.fromkeys(("ProductFeedback", "ProductFeedbackConnection"), BACK_OFFICE),
    "ProductFeedbackEdge": BACK_OFFICE,
    **dict.fromkeys(("UpsertProductsSuccess", "UpsertResult"), WRITERS | {Role.PARTNER}),
    # Facts
    "Query.customerFacts": OWNERS,
    "Query.profitability": WRITERS,
    "Query.costRates": WRITERS,
    "Mutation.setCostRates": frozenset({Role.ADMIN}),
    **dict.fromkeys(("CustomerFacts", "Favourite", "VisitedStore", "CostToServe"), OWNERS),
    **dict.fromkeys(("Profitability", "ProfitableCustomer", "CostRates"), WRITERS),
    **dict.fromkeys(("ProfitableCustomerConnection", "ProfitableCustomerEdge"), WRITERS),
    **dict.fromkeys(("SetCostRatesSuccess", "CostRatesRefused"), WRITERS),
    # Segments
    "Query.segments": BACK_OFFICE,
    "Query.segment": BACK_OFFICE,
    "Query.explain": BACK_OFFICE,
    "Query.previewSegment": WRITERS,
    "Query.starterSegments": BACK_OFFICE,
    "Query.segmentOverlap": BACK_OFFICE,
    "Mutation.createSegment": WRITERS,
    "Mutation.updateSegment": WRITERS,
    "Mutation.deleteSegment": WRITERS,
    "Mutation.copySegment": WRITERS,
    "Mutation.installStarterSegments": WRITERS,
    **dict.fromkeys(("Segment", "SegmentConnection", "SegmentEdge", "Backfill"), BACK_OFFICE),
    **dict.fromkeys(("Segment.report", "SegmentReport"), WRITERS),
    **dict.fromkeys(("SegmentFavourite", "SegmentResponse"), WRITERS),
    **dict.fromkeys(("RuleWarning", "SegmentSize", "SegmentPair", "SegmentCount"), BACK_OFFICE),
    **dict.fromkeys(("SegmentMember", "SegmentMemberConnection"), BACK_OFFICE),
    **dict.fromkeys(("SegmentMemberEdge", "SegmentOverlap", "StarterSegment"), BACK_OFFICE),
    **dict.fromkeys(("Explanation", "ExplanationNode", "SegmentPreview"), BACK_OFFICE),
    **dict.fromkeys(("SegmentRefused", "SegmentSuccess", "DeleteSegmentSuccess"), WRITERS),
    "InstallStarterSegmentsSuccess": WRITERS,
    # What can be watched
    "Subscription.membershipChanges": BACK_OFFICE,
    "MembershipChangeMessage": BACK_OFFICE,
    "Subscription.myCoupons": frozenset({Role.CUSTOMER}),
    "CouponChangeMessage": frozenset({Role.CUSTOMER}),
    "Subscription.campaignProgress": BACK_OFFICE,
    "CampaignProgress": BACK_OFFICE,
    # Keys of pages
    "Query.publishableKeys": ADMINS,
    "Mutation.createPublishableKey": ADMINS,
    "Mutation.revokePublishableKey": ADMINS,
    **dict.fromkeys(("PublishableKey", "PublishableKeyRefused"), ADMINS),
    **dict.fromkeys(("CreatePublishableKeySuccess", "RevokePublishableKeySuccess"), ADMINS),
    # The clock
    "Mutation.advanceClock": frozenset({Role.ADMIN}),
    **dict.fromkeys(("AdvanceClockSuccess", "ClockRefused"), WRITERS),
    # Sandboxes
    "Query.sandboxes": ADMINS | {Role.PARTNER},
    "Sandbox": ADMINS | {Role.PARTNER},
    "Mutation.advanceSandbox": ADMINS | {Role.PARTNER},
    **dict.fromkeys(("AdvanceSandboxSuccess", "SandboxRefused"), ADMINS | {Role.PARTNER}),
    **dict.fromkeys(("Mutation.createSandbox", "CreateSandboxSuccess"), ADMINS),
    **dict.fromkeys(("Mutation.resetSandbox", "ResetSandboxSuccess"), ADMINS),
    **dict.fromkeys(("Mutation.endSandbox", "EndSandboxSuccess"), ADMINS),
    **OFFER_RULES,
    **SHOP_RULES,
    # Parts of many answers
    **dict.fromkeys(("Money", "LocalizedText", "PageInfo"), EVERYBODY),
}


# A page asks the same of everybody: what is not there for whoever asks is null here, no error.
SILENT = frozenset({"Viewer"})


def guard(schema: GraphQLSchema) -> None:
    """Puts its rule before each field. Raises ValueError for a field, or a rule, without the other.

    Where everybody who reached the object may ask, nothing is put before the field.
    """
    used = set()
    for kind in object_types(schema):
        for name, field in kind.fields.items():
            used.add(rule_of(schema, kind, name))
            roles = roles_of(schema, kind, name)
            if roles != _roles_within(schema, kind):
                _guard_field(field, roles, silent=kind.name in SILENT)
    unused = sorted(set(RULES) - used)
    if unused:
        raise ValueError(f"access rules for what the schema does not have: {', '.join(unused)}")


def rule_of(schema: GraphQLSchema, kind: GraphQLObjectType, field: str) -> str:
    """A field's rule, as its key in RULES. Raises ValueError when there is none."""
    own = f"{kind.name}.{field}"
    rule = own if kind in _operations(schema) or own in RULES else kind.name
    if rule not in RULES:
        raise ValueError(f"say in access.py who may ask for {own}: it has no rule")
    return rule


def roles_of(schema: GraphQLSchema, kind: GraphQLObjectType, field: str) -> Roles:
    """Who may ask for a field: by its rule, and by that of the type it answers."""
    answer = get_named_type(kind.fields[field].type)
    roles = RULES[rule_of(schema, kind, field)]
    return roles & RULES.get(answer.name, EVERYBODY)


def object_types(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    """The schema's own."""
    return [
        kind
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
    ]


def _operations(schema: GraphQLSchema) -> tuple[GraphQLObjectType | None, ...]:
    return schema.query_type, schema.mutation_type, schema.subscription_type


def _roles_within(schema: GraphQLSchema, kind: GraphQLObjectType) -> Roles:
    """Who is known to have passed a rule when a field of the type is asked for."""
    in_union = any(
        kind in schema.get_possible_types(union)
        for union in schema.type_map.values()
        if isinstance(union, GraphQLUnionType)
    )
    if kind in _operations(schema) or in_union:
        return EVERYBODY
    return RULES[kind.name]


def _guard_field(field: GraphQLField, roles: Roles, *, silent: bool) -> None:
    if field.subscribe is not None:
        field.subscribe = _guarded(field.subscribe, roles, silent=silent)
    else:
        resolve = field.resolve or default_field_resolver
        field.resolve = _guarded(resolve, roles, silent=silent)


def _guarded(resolve: Callable[..., Any], roles: Roles, *, silent: bool) -> Callable[..., Any]:
    def resolve_guarded(source: Any, info: Any, **arguments: Any) -> Any:
        role = info.context.caller.role
        if role not in roles:
            if silent:
                return None
            raise RpcFailure(Code.ROLE_NOT_ALLOWED, f"role {role} may not ask for this")
        return resolve(source, info, **arguments)

    return resolve_guarded
