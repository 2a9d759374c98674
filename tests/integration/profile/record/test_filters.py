"""Lists by filter: the rule language's attributes over MongoDB."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from bson.decimal128 import Decimal128
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules.filters import parse_filter
from dangol_rules.rules import parse
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code
from profile_service.consents import Decision
from profile_service.domain import Attributes, Customer, FieldKind, FieldValue, entomb
from profile_service.encoding import to_snapshot
from profile_service.sealing import Vault
from profile_service.service_ring import open_vault
from profile_service.store_customers import CustomerStore
from profile_service.store_filters import in_order
from segmentation_service.engine import SegmentRule, compile_ruleset, replay

from tests.integration.profile.harness import OTHER, SHOP, Client, Platform
from tests.integration.profile.record.recording import refused

_SEED = 20_261_127
_LEAVES = [
    'profile.tier = "gold"',
    'profile.tier != "gold"',
    'profile.tier in ("gold", "vip")',
    'profile.region = "Seoul"',
    'profile.region != "Se"',
    "profile.member",
    "profile.member = false",
    "profile.member != true",
    '"a" in profile.tags',
    '"a:b" in profile.tags',
    "consent.email",
    "consent.profiling.sms",
    'field("size") >= 270',
    'field("size") < 270.5',
    'field("size") != 270',
    'field("size") = "M"',
    'field("size") != "M"',
    'field("size") in ("M", "L")',
    'field("vip")',
    'field("vip") = false',
    'field("vip") != false',
    "profile.churn > 0.7",
]


def _population(count: int) -> list[Customer]:
    """Customers of every kind, some of whom were merged away."""
    draw = random.Random(_SEED)
    made = []
    for number in range(count):
        sizes: list[FieldValue | None] = [
            None,
            FieldValue(FieldKind.NUMBER, draw.choice(["270", "270.0", "270.5", "-3", "269.999"])),
            FieldValue(FieldKind.TEXT, draw.choice(["M", "L", "", "M:L"])),
        ]
        fields = {
            "size": draw.choice(sizes),
            "vip": draw.choice([None, *(FieldValue(FieldKind.FLAG, one) for one in (True, False))]),
            "churn": draw.choice([None, FieldValue(FieldKind.NUMBER, f"0.{draw.randrange(10)}")]),
        }
        attributes = Attributes(
            tier=draw.choice(["", "gold", "vip", "silver"]),
            region=draw.choice(["", "Seoul", "Se"]),
            tags=tuple(draw.sample(["a", "b", "a:b"], draw.randrange(3))),
            fields={name: one for name, one in fields.items() if one is not None},
        )
        decision = Decision(True, 1_000, 1_000) if draw.random() < 0.5 else None
        purpose = draw.choice(["marketing.email", "profiling.sms"])
        consents = {} if decision is None else {purpose: decision}
        customer = Customer(
            *(SHOP, f"u_{number:04}", 1, 1_000, draw.random() < 0.5, attributes),
            consents=consents,
        )
        made.append(entomb(customer, "u_0000", 5) if number % 17 == 16 else customer)
    return made


def _filters(count: int) -> list[str]:
    draw = random.Random(_SEED)

    def expression(depth: int) -> str:
        kind = draw.randrange(4) if depth else 0
        if kind == 1:
            return f"not ({expression(depth - 1)})"
        if kind in (2, 3):
            joint = " and " if kind == 2 else " or "
            return "(" + joint.join(expression(depth - 1) for _ in range(2)) + ")"
        return draw.choice(_LEAVES)

    return [*_LEAVES, *(expression(3) for _ in range(count))]


def _holds(rule: str, snapshot: ProfileSnapshot) -> bool:
    """What the engine of segments says, of whoever lives in the tenant."""
    ruleset = compile_ruleset([SegmentRule("a", parse(rule))], "Asia/Seoul")
    changes = replay(ruleset, snapshot, 1_000, [], 2_000).transitions
    return bool(changes) and changes[-1].entered


async def _list(client: Client, rule: str, size: int = 500, tag: str = "") -> tuple[list[str], Any]:
    found: list[str] = []
    token = ""
    while True:
        request = pb.ListCustomersRequest(page_size=size, page_token=token, filter=rule, tag=tag)
        page = await client.call(client.customers.ListCustomers, request)
        found += [one.customer_id for one in page.customers]
        token = page.next_page_token
        if not token:
            return found, page


async def test_a_filter_finds_whom_the_engine_of_segments_would(
    platform: Platform, settings: Any
) -> None:
    """Over every leaf and sixty mixtures of them, in order of id, tombstones never among them."""
    vault: Vault = (await open_vault(settings))[0]
    everybody = _population(120)
    await CustomerStore(platform.database, vault).insert(everybody)
    alive = [one for one in everybody if not one.merged_into]
    snapshots = [(one.customer_id, to_snapshot(one)) for one in alive]
    admin = platform.client(Role.ADMIN)
    differences = []
    for rule in _filters(60):
        expected = [customer_id for customer_id, one in snapshots if _holds(rule, one)]
        found, page = await _list(admin, rule)
        count = await admin.call(
            admin.customers.CountCustomers, pb.CountCustomersRequest(filter=rule)
        )
        if (expected, len(expected), len(expected)) != (found, page.total_size, count.count):
            differences.append((rule, set(expected) ^ set(found)))
    assert [] == differences
    paged, _ = await _list(admin, "not profile.member", size=7)
    whole, _ = await _list(admin, "not profile.member")
    assert whole == paged
    tagged, _ = await _list(admin, 'profile.tier = "gold"', tag="a")
    both, _ = await _list(admin, 'profile.tier = "gold" and "a" in profile.tags')
    assert both == tagged
    assert ([], 0) == ((await _list(platform.client(Role.ADMIN, OTHER), "profile.member"))[0], 0)


async def test_pages_and_counts_by_tag_walk_an_index_and_no_customer_is_read_twice(
    platform: Platform, settings: Any
) -> None:
    """What the database looks at is the page, not the tenant, wherever the page lies."""
    vault: Vault = (await open_vault(settings))[0]
    customers = [
        Customer(
            *(SHOP, f"u_{number:05}", 1, 1_000, False),
            Attributes(tags=("vip",) if number % 2 else (), tier="gold" if number % 5 else ""),
        )
        for number in range(3_000)
    ]
    await CustomerStore(platform.database, vault).insert(customers)
    admin = platform.client(Role.ADMIN)
    request = pb.ListCustomersRequest(page_size=20, tag="vip")
    page = await admin.call(admin.customers.ListCustomers, request)
    assert (20, 1_000, True) == (len(page.customers), page.total_size, page.total_is_more)
    count = await admin.call(admin.customers.CountCustomers, pb.CountCustomersRequest(tag="vip"))
    assert 1_500 == count.count
    condition = {"_id.t": SHOP, "terms": "tag:vip", "_id.c": {"$gt": "u_02000"}}
    find = {"find": "customers", "filter": condition, "sort": {"_id.c": 1}, "limit": 21}
    plan = await platform.database.command({"explain": find, "verbosity": "executionStats"})
    stats = plan["executionStats"]
    assert (21, 21, 21) == (
        stats["nReturned"],
        stats["totalKeysExamined"],
        stats["totalDocsExamined"],
    )


@dataclass(frozen=True)
class _Plan:
    """How the database found a page: its stages, and how many customers it looked at."""

    stages: set[str]
    looked_at: int


class _Explained:
    """A collection that explains what is looked for in it, instead of finding it."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._find: dict[str, Any] = {}
        self.plan = _Plan(set(), 0)

    def find(self, condition: Any, fields: Any, *, batch_size: int, **options: Any) -> _Explained:
        """The command that the driver would send."""
        self._find = {"find": "customers", "filter": condition, "projection": fields, **options}
        self._find["batchSize"] = batch_size
        return self

    def sort(self, name: str, direction: int) -> _Explained:
        """In what order."""
        self._find["sort"] = {name: direction}
        return self

    def limit(self, limit: int) -> _Explained:
        """How many."""
        self._find["limit"] = limit
        return self

    async def to_list(self, _: None) -> list[Any]:
        """Explains, and finds nothing."""
        plan = await self._database.command({"explain": self._find, "verbosity": "executionStats"})

        def stages(stage: dict[str, Any]) -> set[str]:
            inputs = [*stage.get("inputStages", ()), *filter(None, [stage.get("inputStage")])]
            return {stage["stage"]}.union(*map(stages, inputs))

        looked_at = plan["executionStats"]["totalDocsExamined"]
        self.plan = _Plan(stages(plan["queryPlanner"]["winningPlan"]), looked_at)
        return []


async def _plan(platform: Platform, vault: Vault, rule: str, tag: str, *, many: bool) -> _Plan:
    """How the store's own query is carried out."""
    explained = _Explained(platform.database)
    customers = CustomerStore({"customers": explained}, vault)
    tree = parse_filter(rule) if rule else None
    walked = many and not in_order(tree, tag)
    await customers.page(SHOP, "u_00100", 21, tree, tag, walked=walked)
    return explained.plan


async def test_every_kind_of_filter_walks_an_index_in_order_of_id_or_sorts_few(
    platform: Platform, settings: Any
) -> None:
    """No page reads the tenant: what many satisfy is walked in order and never sorted; only where
    no index has an order, and few satisfy it, these are sorted."""
    vault: Vault = (await open_vault(settings))[0]
    decision = {"marketing.email": Decision(True, 1_000, 1_000)}
    customers = [
        Customer(
            *(SHOP, f"u_{number:05}", 1, 1_000, number % 2 == 0),
            Attributes(
                tier="gold" if number % 3 else "",
                tags=("vip",) if number % 2 else (),
                fields={
                    "size": FieldValue(FieldKind.NUMBER, str(number)),
                    "fit": FieldValue(FieldKind.TEXT, "M" if number % 2 else "L"),
                    "news": FieldValue(FieldKind.FLAG, number % 3 == 0),
                    **({"rare": FieldValue(FieldKind.TEXT, "x")} if number % 600 == 599 else {}),
                },
            ),
            consents=decision if number % 2 else {},
        )
        for number in range(2_400)
    ]
    await CustomerStore(platform.database, vault).insert(customers)
    walks: list[tuple[str, str]] = [
        *(("", ""), ("", "vip"), ('profile.tier = "gold"', "vip"), ('profile.tier = "gold"', "")),
        *(('profile.tier != "silver"', ""), ('profile.tier in ("gold", "vip")', "")),
        *(("profile.member", ""), ("profile.member = false", ""), ("not profile.member", "")),
        *(('"vip" in profile.tags', ""), ("consent.email", ""), ('field("fit") = "M"', "")),
        *(('field("fit") != "M"', ""), ('field("news")', ""), ('field("news") != true', "")),
        *(('field("size") > 50', ""), ('field("size") != 7', "")),
        *(('profile.member and field("size") > 50', ""), ('profile.member or field("news")', "")),
        ('not (profile.member and profile.tier = "gold")', ""),
    ]
    for rule, tag in walks:
        plan = await _plan(platform, vault, rule, tag, many=True)
        assert plan.stages.isdisjoint({"COLLSCAN", "SORT"}), (rule, tag, plan)
        assert plan.looked_at <= 150, (rule, tag, plan)
    few = ['field("rare") != "y"', 'field("size") > 2390', 'field("size") = 700']
    for rule in few:
        plan = await _plan(platform, vault, rule, "", many=False)
        assert "COLLSCAN" not in plan.stages, (rule, plan)
        assert plan.looked_at <= 10, (rule, plan)


async def test_a_filter_that_is_none_is_refused_with_its_place(platform: Platform) -> None:
    """Rules over events too: they are for segments."""
    admin = platform.client(Role.ADMIN)
    for text, column in (
        ('profile.teir = "a"', "1"),
        ("profile.member and since(login) > 1d", "20"),
    ):
        failure = await refused(_list(admin, text), Code.RULE_INVALID, "filter")
        assert ("1", column) == (failure.metadata["line"], failure.metadata["column"])
        assert failure.metadata["hint"]
        request = pb.CountCustomersRequest(filter=text)
        await refused(
            admin.call(admin.customers.CountCustomers, request), Code.RULE_INVALID, "filter"
        )


async def test_a_number_is_found_as_a_decimal_of_an_older_release_and_as_it_is_kept_now(
    platform: Platform,
) -> None:
    """Whole numbers, fractions, and one that no 64 bits hold, between their neighbours."""
    admin = platform.client(Role.ADMIN)
    numbers = ["-3", "34", "34.5", "34.50", "999999999999999999.999999999", "0"]
    ids = []
    for number in numbers:
        request = pb.Customer()
        request.fields["visits"].number = number
        made = await admin.identify(("member", number), fields=request.fields)
        ids.append(made.customer.customer_id)
    rules = [
        *('field("visits") = 34', 'field("visits") > 34', 'field("visits") <= 34.5'),
        *('field("visits") = 34.50', 'field("visits") < 0', 'field("visits") > 34.5'),
    ]
    expected = [{1}, {2, 3, 4}, {0, 1, 2, 3, 5}, {2, 3}, {0}, {4}]
    for _ in range(2):
        for rule, positions in zip(rules, expected, strict=True):
            found, _page = await _list(admin, rule)
            assert {ids[position] for position in positions} == set(found), rule
        for customer_id, number in zip(ids, numbers, strict=True):
            stored = [{"k": "visits", "v": Decimal128(number)}]
            await platform.database.customers.update_one(
                {"_id.c": customer_id}, {"$set": {"numbers": stored}}
            )
