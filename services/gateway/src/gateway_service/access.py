"""Who may ask for what: one rule for each field, checked before a service is called.

The services decide again, and they alone decide whose data it is: customers see only their own,
staff their stores', nobody another tenant's. A field that no rule names fails the build.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

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

Roles: TypeAlias = frozenset[Role]

# Services call each other, never the gateway.
EVERYBODY: Roles = frozenset(Role) - {Role.SERVICE}
WRITERS: Roles = frozenset({Role.MARKETER, Role.ADMIN})
BACK_OFFICE: Roles = WRITERS | {Role.STAFF, Role.PARTNER}
OWNERS: Roles = BACK_OFFICE | {Role.CUSTOMER}
TENANT: Roles = OWNERS | {Role.VISITOR}
SHOPS: Roles = frozenset({Role.PARTNER, Role.STAFF, Role.ADMIN})
ADMINS: Roles = frozenset({Role.ADMIN})
SEARCHERS: Roles = frozenset({Role.STAFF, Role.ADMIN})
SENDERS: Roles = frozenset({Role.PARTNER, Role.ADMIN, Role.CUSTOMER})

# "Type.field" for the operations; "Type" for what they answer: its fields follow it.
RULES: Mapping[str, Roles] = {
    # Who is asking
    "Query.me": EVERYBODY,
    "Viewer": EVERYBODY,
    "Tenant": EVERYBODY,
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
    "Mutation.track": SENDERS,
    "Mutation.identify": SENDERS,
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
    **dict.fromkeys(("TrackSuccess", "TrackRefused", "EventResult"), SENDERS),
    **dict.fromkeys(("IdentifySuccess", "CustomerRefused", "UpdateCustomerSuccess"), OWNERS),
    "SetConsentSuccess": OWNERS,
    "MembershipChange": OWNERS,
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
    "Subscription.membershipChanges": BACK_OFFICE,
    "MembershipChangeMessage": BACK_OFFICE,
    **dict.fromkeys(("Segment", "SegmentConnection", "SegmentEdge", "Backfill"), BACK_OFFICE),
    **dict.fromkeys(("RuleWarning", "SegmentSize", "SegmentPair", "SegmentCount"), BACK_OFFICE),
    **dict.fromkeys(("SegmentMember", "SegmentMemberConnection"), BACK_OFFICE),
    **dict.fromkeys(("SegmentMemberEdge", "SegmentOverlap", "StarterSegment"), BACK_OFFICE),
    **dict.fromkeys(("Explanation", "ExplanationNode", "SegmentPreview"), BACK_OFFICE),
    **dict.fromkeys(("SegmentRefused", "SegmentSuccess", "DeleteSegmentSuccess"), WRITERS),
    "InstallStarterSegmentsSuccess": WRITERS,
    # Offers, coupons and gifts
    "Query.offers": TENANT,
    "Query.offer": TENANT,
    "Query.coupon": OWNERS,
    "Query.couponByCode": OWNERS,
    "Query.wallet": OWNERS,
    "Query.gift": TENANT,
    "Mutation.createOffer": WRITERS,
    "Mutation.issueCoupon": WRITERS,
    **dict.fromkeys((f"Mutation.{step}Coupon" for step in ("hold", "redeem", "release")), SHOPS),
    **dict.fromkeys(("Mutation.offerGift", "Mutation.cancelGift"), OWNERS),
    "Mutation.claimGift": OWNERS,
    **dict.fromkeys(("Offer", "OfferConnection", "OfferEdge", "PercentOff"), TENANT),
    **dict.fromkeys(("AmountOff", "FreeShipping", "GiftItem", "PointsReward"), TENANT),
    **dict.fromkeys(("Coupon", "CouponConnection", "CouponEdge"), OWNERS),
    **dict.fromkeys(("Gift", "GiftConnection", "GiftEdge"), TENANT),
    **dict.fromkeys(("CouponRefused", "GiftRefused", "OfferRefused"), OWNERS),
    **dict.fromkeys(("HoldCouponSuccess", "RedeemCouponSuccess", "ReleaseCouponSuccess"), SHOPS),
    **dict.fromkeys(("IssueCouponSuccess", "CreateOfferSuccess"), WRITERS),
    **dict.fromkeys(("OfferGiftSuccess", "ClaimGiftSuccess", "CancelGiftSuccess"), OWNERS),
    # Campaigns
    "Query.campaigns": BACK_OFFICE,
    "Query.campaign": BACK_OFFICE,
    "Mutation.createCampaign": WRITERS,
    "Mutation.launchCampaign": WRITERS,
    "Mutation.pauseCampaign": WRITERS,
    **dict.fromkeys(("Campaign", "CampaignConnection", "CampaignEdge", "Variant"), BACK_OFFICE),
    **dict.fromkeys(("SegmentTrigger", "ListTrigger", "CampaignReport"), BACK_OFFICE),
    **dict.fromkeys(("ArmFigures", "Interval", "Enrolment"), BACK_OFFICE),
    **dict.fromkeys(("EnrolmentConnection", "EnrolmentEdge"), BACK_OFFICE),
    **dict.fromkeys(("CampaignSuccess", "CampaignRefused"), WRITERS),
    # The journal and the clock
    "Query.ledger": WRITERS,
    **dict.fromkeys(("Ledger", "TrialBalance", "Book", "LedgerEntry", "Verification"), WRITERS),
    "Mutation.advanceClock": frozenset({Role.ADMIN}),
    **dict.fromkeys(("AdvanceClockSuccess", "ClockRefused"), WRITERS),
    # Parts of many answers
    **dict.fromkeys(("Money", "LocalizedText", "PageInfo"), EVERYBODY),
}


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
                _guard_field(field, roles)
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


def _guard_field(field: GraphQLField, roles: Roles) -> None:
    if field.subscribe is not None:
        field.subscribe = _guarded(field.subscribe, roles)
    else:
        field.resolve = _guarded(field.resolve or default_field_resolver, roles)


def _guarded(resolve: Callable[..., Any], roles: Roles) -> Callable[..., Any]:
    def resolve_guarded(source: Any, info: Any, **arguments: Any) -> Any:
        role = info.context.caller.role
        if role not in roles:
            raise RpcFailure(Code.ROLE_NOT_ALLOWED, f"role {role} may not ask for this")
        return resolve(source, info, **arguments)

    return resolve_guarded
