"""Sets of roles that rules of access name."""

from __future__ import annotations

from typing import TypeAlias

from dangol_service_kit.auth import Role

Roles: TypeAlias = frozenset[Role]

# Services call each other, never the gateway.
EVERYBODY: Roles = frozenset(Role) - {Role.SERVICE}
ADMINS: Roles = frozenset({Role.ADMIN})
WRITERS: Roles = frozenset({Role.MARKETER, Role.ADMIN})
BACK_OFFICE: Roles = WRITERS | {Role.STAFF, Role.PARTNER}
OWNERS: Roles = BACK_OFFICE | {Role.CUSTOMER}
TENANT: Roles = OWNERS | {Role.VISITOR}
SHOPS: Roles = frozenset({Role.PARTNER, Role.STAFF, Role.ADMIN})
# Who pays, and where: a customer sets coupons and points aside, only the shop uses them up.
CHECKOUT: Roles = SHOPS | {Role.CUSTOMER}
SEARCHERS: Roles = frozenset({Role.STAFF, Role.ADMIN})
FLOOR: Roles = WRITERS | {Role.STAFF}
SENDERS: Roles = frozenset({Role.PARTNER, Role.ADMIN, Role.CUSTOMER})
# A visitor writes down what it does, and reads no customer, not even itself.
TRACKERS: Roles = SENDERS | {Role.VISITOR}
