"""Figures of shops over a real database: equal to DuckDB's over a real grocer, and by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1 import insight_service_pb2 as pb
from dangol.profile.v1 import tenant_service_pb2 as tenant_pb
from dangol.profile.v1.insight_service_pb2_grpc import InsightServiceStub
from dangol_dev.grocer import data
from dangol_dev.grocer.events import HOUSEHOLD_NAMESPACE, basket_event_id
from dangol_service_kit.auth import Role
from dangol_service_kit.client import call
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.metrics import Metrics
from profile_service import store as store_module
from profile_service.config import ProfileConfig
from profile_service.service_shop_totals import TotalsGauges, totals_refresher
from profile_service.service_tenants import StoreDirectory
from profile_service.shop_figures import Totals
from profile_service.store_shop_totals import ShopTotalsStore
from profile_service.store_tenants import TenantStore

from tests.integration.profile.harness import LAB, LAB_START_SECONDS, Client, Platform, event
from tests.integration.profile.harness import to_create as tenant_request
from tests.integration.profile.shops.counter import staff_of, store, upsert
from tests.integration.profile.shops.truth import Truth, Windows, days_from

GROCER = "grocer"
WINDOWS = Windows(lost=21, risk=10, value=60)
MERGED = 6
HOUSEHOLDS = 40
# A whole year of everybody takes a busy machine longer than a caller would wait.
PATIENCE_SECONDS = 300
DAY = 86_400


async def _figures(client: Client, platform: Platform, **asked: Any) -> pb.ListStoreFiguresResponse:
    windows = {"lost_after_days": 21, "risk_after_days": 10, "value_days": 60}
    request = pb.ListStoreFiguresRequest(**{**windows, **asked})
    stub: Any = InsightServiceStub(platform.channel)
    answer: pb.ListStoreFiguresResponse = await call(
        stub.ListStoreFigures, request, token=client._token, timeout_seconds=PATIENCE_SECONDS
    )
    return answer


def _rows(answer: pb.ListStoreFiguresResponse) -> list[tuple[Any, ...]]:
    return [
        (
            *(one.scope_id, one.date, one.order_count, one.revenue.minor_units),
            *(one.active_count, one.new_count, one.returning_count, one.won_back_count),
            *(one.lost_count, one.at_risk_count, one.revenue_at_risk.minor_units),
        )
        for one in answer.figures
    ]


async def _open_grocer(platform: Platform) -> Client:
    """A tenant in New York."""
    request: tenant_pb.CreateTenantRequest = tenant_request(GROCER, "USD")
    request.tenant.time_zone = "America/New_York"
    request.tenant.language = "en"
    operator = platform.client(Role.OPERATOR, "*")
    await operator.call(operator.tenants.CreateTenant, request)
    return platform.client(Role.ADMIN, GROCER)


def _region(store_id: str) -> str:
    """Of a third of the stores no region is known."""
    return ("east", "west", "")[int(store_id) % 3]


async def _replay(platform: Platform, admin: Client, household_count: int | None) -> Truth:
    """The baskets of a grocer's year without their lines, for profile and for DuckDB.

    A few pairs of households turn out to be one.
    """
    grocer = data.load(household_count)
    baskets = grocer.baskets
    columns = (baskets.basket, baskets.household, baskets.store, baskets.at_ms, baskets.cents)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    events = []
    for basket, household, store_id, at_ms, cents in rows:
        made = Event(event_id=basket_event_id(basket), type="purchase", store_id=str(store_id))
        made.customer.namespace, made.customer.value = HOUSEHOLD_NAMESPACE, str(household)
        made.occurred_at.FromMilliseconds(at_ms)
        made.amount.currency_code, made.amount.minor_units = "USD", cents
        events.append(made)
    for start in range(0, len(events), 500):
        await admin.record(*events[start : start + 500])
    known = [str(one) for one in sorted(grocer.households)]
    pairs = dict(zip(known[:MERGED], known[MERGED : 2 * MERGED], strict=True))
    for one, other in pairs.items():
        await admin.identify((HOUSEHOLD_NAMESPACE, one), (HOUSEHOLD_NAMESPACE, other))
    stores = sorted({str(one[2]) for one in rows})
    regions = [store(one, _region(one)) for one in stores if _region(one)]
    for start in range(0, len(regions), 500):
        await upsert(platform, *regions[start : start + 500], tenant_id=GROCER)
    return Truth(
        (str(one), _region(str(one)), pairs.get(str(household), str(household)), at_ms, cents)
        for _, household, one, at_ms, cents in rows
    )


async def _compare(platform: Platform, admin: Client, truth: Truth) -> dict[str, int]:
    """Every scope by every unit; how many figures there were of each."""
    seen = {}
    for unit, first, count in (
        ("DAY", date(2017, 1, 2), 90),
        ("WEEK", date(2017, 1, 2), 52),
        ("MONTH", date(2017, 1, 1), 12),
    ):
        days = days_from(first, count, unit)
        for scope in ("STORE", "REGION", "TENANT"):
            answer = await _figures(
                admin,
                platform,
                scope=f"FIGURE_SCOPE_{scope}",
                unit=f"FIGURE_UNIT_{unit}",
                # Any day within the period will do.
                first_date=(days[0] + timedelta(days=0 if unit == "DAY" else 3)).isoformat(),
                last_date=(days[-1] - timedelta(days=1)).isoformat(),
            )
            now_ms = answer.as_of.ToMilliseconds()
            expected = truth.figures(scope, days, WINDOWS, now_ms)
            assert expected == _rows(answer), (unit, scope)
            seen[f"{unit} {scope}"] = len(expected)
            totals = [sum(column) for column in zip(*(one[2:] for one in expected), strict=True)]
            assert all(totals), (unit, scope, totals)
    return seen


@pytest.mark.timeout(300)
async def test_the_grocer_s_figures_equal_duckdb(platform: Platform) -> None:
    """Of stores, regions and all, by day, week and month, over New York's change of clocks and
    customers who were merged; every kind of figure is there."""
    admin = await _open_grocer(platform)
    seen = await _compare(platform, admin, await _replay(platform, admin, HOUSEHOLDS))
    assert 52 == seen["WEEK TENANT"]
    assert seen["WEEK REGION"] == 3 * 52


@pytest.mark.deep
@pytest.mark.timeout(1800)
async def test_the_figures_of_all_2469_households_equal_duckdb(platform: Platform) -> None:
    """The whole year of everybody."""
    admin = await _open_grocer(platform)
    await _compare(platform, admin, await _replay(platform, admin, None))


async def _buy(platform: Platform, name: str, day: int, amount: int, where: str = "s1") -> None:
    """A purchase on a day of virtual time before the lab's present."""
    at = LAB_START_SECONDS - (100 - day) * DAY
    made = event("member", name, "purchase", at_seconds=at, amount=amount, store_id=where)
    await platform.client(Role.PARTNER, LAB).record(made)


def _date(day: int) -> str:
    return (date(2017, 7, 14) - timedelta(days=100 - day)).isoformat()


async def test_a_customer_s_story_by_hand(platform: Platform) -> None:
    """New, returning, at risk, lost, won back, at risk again: each on its day and once."""
    for day, amount in ((0, 100), (5, 200), (40, 400)):
        await _buy(platform, "kim", day, amount)
    await _buy(platform, "lee", 5, 1_000, where="s2")
    admin = platform.client(Role.ADMIN, LAB)
    asked = {"unit": "FIGURE_UNIT_DAY", "first_date": _date(0), "last_date": _date(99)}
    answer = await _figures(admin, platform, scope="FIGURE_SCOPE_STORE", scope_ids=["s1"], **asked)
    rows = {one[1]: one[2:] for one in _rows(answer)}
    assert (1, 100, 1, 1, 0, 0, 0, 0, 0) == rows[_date(0)]
    assert (1, 200, 1, 0, 1, 0, 0, 0, 0) == rows[_date(5)]
    assert _date(14) not in rows
    assert (0, 0, 0, 0, 0, 0, 0, 1, 300) == rows[_date(15)] == rows[_date(25)]
    assert (0, 0, 0, 0, 0, 0, 1, 0, 0) == rows[_date(26)]
    assert (1, 400, 1, 0, 0, 1, 0, 0, 0) == rows[_date(40)]
    assert (0, 0, 0, 0, 0, 0, 0, 1, 700) == rows[_date(50)] == rows[_date(60)]
    assert (0, 0, 0, 0, 0, 0, 1, 0, 0) == rows[_date(61)]
    assert {"s1"} == {one.scope_id for one in answer.figures}
    # What lies before the first period is carried into it.
    late = await _figures(
        admin,
        platform,
        scope="FIGURE_SCOPE_TENANT",
        **{**asked, "first_date": _date(20), "last_date": _date(20)},
    )
    assert [("", _date(20), 0, 0, 0, 0, 0, 0, 0, 2, 1_300)] == _rows(late)


async def test_dashboards_are_told_what_the_night_s_job_found(
    platform: Platform, settings: ProfileConfig
) -> None:
    """At risk now; lost, won back and new within thirty days; nothing before the job has run."""
    for name, day, amount in (
        *(("risk", 30, 100), ("new", 99, 200), ("lost", 5, 400)),
        *(("back", 4, 800), ("back", 98, 1_600), ("long-lost", -30, 3_200)),
    ):
        await _buy(platform, name, day, amount)
    mongodb = store_module.connect(settings.mongodb_uri)
    database = store_module.open_database(mongodb, settings.mongodb_database)
    metrics = Metrics("profile", "127.0.0.1:0")
    gauges = TotalsGauges(metrics, ShopTotalsStore(database))
    assert {"at_risk_count": 0.0, "age": 0.0}.items() <= (await gauges.look()).items()
    directory = StoreDirectory(TenantStore(database))
    refresher = totals_refresher(database, directory, Clock(directory, directory.reading))
    found = await refresher.refresh(LAB)
    told = await gauges.look()
    _, text = metrics.expose()
    mongodb.close()
    await metrics.stop()
    assert Totals(1, 100, 2, 1, 1) == found
    assert {"at_risk_count": 1.0, "lost_count": 2.0, "won_back_count": 1.0, "new_count": 1.0} == {
        name: told[name] for name in told if name != "age"
    }
    assert 'dangol_profile_revenue_at_risk{currency="KRW"} 100.0' in text.decode()


async def test_staff_see_the_figures_of_their_stores(platform: Platform) -> None:
    """Neither other stores, nor what only the whole shows; a token without stores sees nothing."""
    await _buy(platform, "kim", 90, 100, where="s1")
    await _buy(platform, "lee", 90, 200, where="s2")
    asked = {"unit": "FIGURE_UNIT_MONTH", "first_date": _date(90), "last_date": _date(90)}
    stores = {**asked, "scope": "FIGURE_SCOPE_STORE"}
    staff = staff_of(platform, "s1", tenant_id=LAB)
    assert ["s1"] == [one[0] for one in _rows(await _figures(staff, platform, **stores))]
    foreign = await _figures(staff, platform, scope_ids=["s2"], **stores)
    assert [] == _rows(foreign)
    nobody = staff_of(platform, tenant_id=LAB)
    assert [] == _rows(await _figures(nobody, platform, **stores))
    for scope in ("FIGURE_SCOPE_REGION", "FIGURE_SCOPE_TENANT"):
        with pytest.raises(RpcFailure) as refused:
            await _figures(staff, platform, scope=scope, **asked)
        assert Code.ROLE_NOT_ALLOWED is refused.value.code
    for role in (Role.CUSTOMER, Role.VISITOR, Role.PARTNER):
        with pytest.raises(RpcFailure) as refused:
            await _figures(platform.client(role, LAB), platform, **stores)
        assert Code.ROLE_NOT_ALLOWED is refused.value.code


BAD_QUESTIONS: list[tuple[dict[str, Any], str]] = [
    ({"first_date": "2017-02-30"}, "first_date"),
    ({"last_date": "1492-01-01"}, "last_date"),
    ({"first_date": "2017-05-02", "last_date": "2017-05-01"}, "last_date"),
    ({"first_date": "2016-05-01", "last_date": "2017-05-01"}, "last_date"),
    ({"risk_after_days": 21}, "risk_after_days"),
    ({"scope": "FIGURE_SCOPE_TENANT", "scope_ids": ["s1"]}, "scope_ids"),
    ({"unit": "FIGURE_UNIT_UNSPECIFIED"}, "unit"),
]


async def test_bad_questions_are_refused_by_the_field(platform: Platform) -> None:
    """What is asked for is bounded, and says so."""
    asked = {
        "scope": "FIGURE_SCOPE_STORE",
        "unit": "FIGURE_UNIT_DAY",
        "first_date": "2017-05-01",
        "last_date": "2017-05-01",
    }
    for changes, field in BAD_QUESTIONS:
        with pytest.raises(RpcFailure) as refused:
            await _figures(platform.client(Role.ADMIN), platform, **{**asked, **changes})
        assert (Code.FIELD_INVALID, field) == (refused.value.code, refused.value.field)
