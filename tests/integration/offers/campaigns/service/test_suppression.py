"""Holdout, caps and tasks: what an enrolled customer gets, and why not."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import campaign_trigger_pb2 as trigger_pb
from dangol.offers.v1 import task_service_pb2 as task_pb
from dangol.offers.v1.campaign_service_pb2_grpc import CampaignServiceStub
from dangol.offers.v1.task_service_pb2_grpc import TaskServiceStub
from dangol_service_kit.errors import Code, RpcFailure

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000
DAY_MS = 86_400_000
WEEK_SECONDS = 7 * 86_400


def request_id() -> str:
    """A new one."""
    return str(uuid.uuid4())


async def settings(world: World, **values: int) -> pb.CampaignSettings:
    """Changes the settings from whatever they are."""
    request = pb.GetCampaignSettingsRequest()
    known = (await world.campaigns("GetCampaignSettings", request)).settings
    wanted = pb.CampaignSettings(version=known.version, **values)  # type: ignore[arg-type]
    update = pb.UpdateCampaignSettingsRequest(request_id=request_id(), settings=wanted)
    changed: pb.CampaignSettings = (
        await world.campaigns("UpdateCampaignSettings", update)
    ).settings
    return changed


async def launch(world: World, campaign_id: str, **changes: Any) -> None:
    """A campaign without control and with an offer of its own."""
    variants = [pb.Variant(variant_id="five", weight=1, offer_id=f"{campaign_id}-offer")]
    facts = {"control_basis_points": 0, "variants": variants} | changes
    await world.launch(world.draft(campaign_id, **facts))


async def outcomes(world: World, campaign_id: str) -> dict[tuple[str, int], str]:
    """What came of each (customer, stint)."""
    return {
        (each.customer_id, each.stint): pb.EnrolmentOutcome.Name(each.outcome).removeprefix(
            "ENROLMENT_OUTCOME_"
        )
        for each in await world.enrolments(campaign_id)
    }


async def test_the_holdout_is_the_same_in_every_campaign(world: World) -> None:
    """A tenth of the customers gets nothing from any campaign, and each trigger is recorded."""
    await world.advance(START_MS)
    changed = await settings(world, holdout_basis_points=2000)
    assert (1, START_MS) == (changed.version, changed.holdout_since.ToMilliseconds())
    for name in ("one", "two"):
        await launch(world, name, control_basis_points=3000)
    for number in range(200):
        await world.segmentation.announce(f"c-{number}", START_MS + 5)
    await world.advance(START_MS + 1000)
    held: list[set[str]] = []
    control: list[set[str]] = []
    for name in ("one", "two"):
        found = await world.enrolments(name)
        assert 200 == len(found)
        held.append({each.customer_id for each in found if each.holdout})
        control.append({each.customer_id for each in found if each.control})
        assert not held[-1] & control[-1]
        untreated = [each for each in found if each.holdout or each.control]
        assert {("", "")} == {(each.coupon_id, each.variant_id) for each in untreated}
    assert held[0] == held[1]
    assert control[0] != control[1]
    # Five standard deviations of the binomial distribution.
    assert abs(len(held[0]) - 40) < 29
    treated = 400 - sum(map(len, (*held, *control)))
    assert treated == await world.coupon_count()


async def test_the_frequency_cap_holds_over_all_campaigns(world: World) -> None:
    """Two contacts a week, whatever the campaigns and the order in which one hears of triggers;
    the rest is suppressed with its reason, in its arm."""
    await world.advance(START_MS)
    await settings(world, contacts_max=2, contact_window_seconds=WEEK_SECONDS)
    names = ["one", "two", "three", "four"]
    for name in names:
        await launch(world, name, segment=_entering(f"s-{name}"))
    days = {"one": 3, "two": 1, "three": 2, "four": 9}
    for name in names:
        await world.segmentation.announce(
            "c-1", START_MS + days[name] * DAY_MS, segment_id=f"s-{name}"
        )
    await world.advance(START_MS + 10 * DAY_MS)
    found = {name: (await outcomes(world, name))["c-1", 1] for name in names}
    assert {"ISSUED": 3, "FREQUENCY_CAPPED": 1} == Counter(found.values())
    assert 3 == await world.coupon_count()
    issued = sorted(days[name] for name in names if found[name] == "ISSUED")
    assert all(later - first >= 7 for first, later in zip(issued, issued[2:], strict=False))


async def test_what_customers_are_owed_comes_despite_the_cap(world: World) -> None:
    """A campaign outside the cap acts, and takes no place from the others."""
    await world.advance(START_MS)
    await settings(world, contacts_max=1, contact_window_seconds=WEEK_SECONDS)
    await launch(world, "owed", outside_frequency_cap=True)
    await launch(world, "one")
    await launch(world, "two")
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + 1000)
    assert {("c-1", 1): "ISSUED"} == await outcomes(world, "owed")
    both = [(await outcomes(world, name))["c-1", 1] for name in ("one", "two")]
    assert ["FREQUENCY_CAPPED", "ISSUED"] == sorted(both)


async def test_a_campaign_acts_so_often_on_a_customer(world: World) -> None:
    """A third stint is enrolled in its arm, and suppressed."""
    await world.advance(START_MS)
    await launch(world, "win-back", customer_cap=2)
    for stint in (1, 2, 3):
        await world.segmentation.announce("c-1", START_MS + stint, stint=stint)
        await world.advance(START_MS + stint * 1000)
    assert ["ISSUED", "ISSUED", "CUSTOMER_CAPPED"] == list(
        (await outcomes(world, "win-back")).values()
    )
    assert {"five"} == {each.variant_id for each in await world.enrolments()}


async def test_an_offer_issues_so_often_to_a_customer_whatever_the_campaign_says(
    world: World,
) -> None:
    """The second stint is enrolled, and gets nothing for the reason of the offer's own limit."""
    await world.advance(START_MS)
    await world.offer("once", per_customer_limit=1)
    variants = [pb.Variant(variant_id="five", weight=1, offer_id="once")]
    draft = world.draft("limited", variants=variants, control_basis_points=0)
    await world.launch(draft, offers=False)
    for stint in (1, 2):
        await world.segmentation.announce("c-1", START_MS + stint, stint=stint)
        await world.advance(START_MS + stint * 1000)
    first, second = sorted(await world.enrolments("limited"), key=lambda one: one.stint)
    assert pb.ENROLMENT_OUTCOME_ISSUED == first.outcome
    assert pb.ENROLMENT_OUTCOME_OFFER_LIMIT_REACHED == second.outcome


async def test_a_suppressed_coupon_gives_its_place_back(world: World) -> None:
    """Where the offer had ended nobody was contacted, so the next campaign may."""
    await world.advance(START_MS)
    await settings(world, contacts_max=1, contact_window_seconds=WEEK_SECONDS)
    await launch(world, "first", segment=_entering("s-first"))
    await launch(world, "later", segment=_entering("s-later"))
    ends = START_MS + DAY_MS
    await world.offer("ends-soon", valid_until_ms=ends)
    variants = [pb.Variant(variant_id="five", weight=1, offer_id="ends-soon")]
    draft = world.draft("ended", variants=variants, control_basis_points=0)
    await world.launch(draft, offers=False)
    await world.segmentation.announce("c-1", ends)
    await world.advance(ends + 1000)
    assert {("c-1", 1): "OFFER_ENDED"} == await outcomes(world, "ended")
    for name, customer_at in (("first", 2000), ("later", 3000)):
        await world.segmentation.announce("c-1", ends + customer_at, segment_id=f"s-{name}")
        await world.advance(ends + customer_at + 1)
    assert {("c-1", 1): "ISSUED"} == await outcomes(world, "first")
    assert {("c-1", 1): "FREQUENCY_CAPPED"} == await outcomes(world, "later")


async def test_repeated_and_reordered_deliveries_enrol_once(world: World) -> None:
    """Every change three times over the bus, shuffled: one enrolment a stint, one coupon, one
    place in the book of contacts."""
    await world.advance(START_MS)
    await settings(world, contacts_max=50, contact_window_seconds=WEEK_SECONDS)
    await launch(world, "win-back", customer_cap=10)
    chance = random.Random(7)
    changes = [
        await world.segmentation.announce(
            f"c-{number}", START_MS + 10 * stint, stint=stint, on_bus=False
        )
        for stint in (1, 2, 3)
        for number in range(15)
    ]
    deliveries = changes * 3
    chance.shuffle(deliveries)
    for change in deliveries:
        await world.segmentation.publish(change)
    await world.advance(START_MS + 1000)
    for change in chance.sample(changes, len(changes)):
        await world.segmentation.publish(change)
    await world.advance(START_MS + 2000)
    # A service that lost its place reads everything that was ever announced once more.
    await world.stop()
    await world.database.positions.delete_many({})
    await world.start()
    await world.advance(START_MS + 3000)
    found = await world.enrolments()
    assert {(f"c-{number}", stint) for number in range(15) for stint in (1, 2, 3)} == {
        (each.customer_id, each.stint) for each in found
    }
    assert 45 == len(found) == await world.coupon_count()
    books = await world.database.contacts.find({}).to_list()
    assert {3} == {len(book["contacts"]) for book in books}
    assert {("win-back", 3)} == {pair for book in books for pair in book["counts"].items()}


async def test_settings_are_changed_under_their_version(world: World) -> None:
    """By marketers and admins of the tenant; others read their own."""
    first = await settings(world, holdout_basis_points=500)
    stale = pb.UpdateCampaignSettingsRequest(
        request_id=request_id(), settings=pb.CampaignSettings(version=first.version - 1)
    )
    with pytest.raises(RpcFailure) as caught:
        await world.campaigns("UpdateCampaignSettings", stale)
    assert "VERSION_CONFLICT" == caught.value.code.value
    half = pb.UpdateCampaignSettingsRequest(
        request_id=request_id(), settings=pb.CampaignSettings(version=1, contacts_max=3)
    )
    with pytest.raises(RpcFailure) as caught:
        await world.campaigns("UpdateCampaignSettings", half)
    assert ("FIELD_INVALID", "settings.contacts_max") == (
        caught.value.code.value,
        caught.value.field,
    )
    with pytest.raises(RpcFailure) as caught:
        await world.ask(CampaignServiceStub, "UpdateCampaignSettings", half, role="staff")
    assert "ROLE_NOT_ALLOWED" == caught.value.code.value
    request = pb.GetCampaignSettingsRequest()
    others = await world.campaigns("GetCampaignSettings", request, tenant_id="corner")
    assert 0 == others.settings.holdout_basis_points


def _entering(segment_id: str) -> pb.SegmentTrigger:
    return pb.SegmentTrigger(segment_id=segment_id, kind="CHANGE_KIND_ENTERED")


async def launch_calls(world: World, **changes: Any) -> None:
    """A campaign that asks staff to call, in the customer's own store."""
    task = trigger_pb.TaskAction(titles={"ko": "안부 전화"}, due_seconds=2 * 86_400, **changes)
    variant = pb.Variant(variant_id="call", weight=1, task=task)
    await world.launch(world.draft(variants=[variant], control_basis_points=0))


async def tasks(world: World, method: str, request: Any, **caller: Any) -> Any:
    """One call to TaskService."""
    return await world.ask(TaskServiceStub, method, request, **caller)


async def listed(world: World, store_id: str = "", **caller: Any) -> list[str]:
    """Customers of open tasks, in pages of two."""
    found: list[str] = []
    page_token = ""
    while True:
        request = task_pb.ListTasksRequest(store_id=store_id, page_size=2, page_token=page_token)
        page = await tasks(world, "ListTasks", request, **caller)
        found += [task.customer_id for task in page.tasks]
        page_token = page.next_page_token
        if not page_token:
            return found


async def test_staff_see_the_tasks_of_their_stores(world: World) -> None:
    """By due time; of others' stores, and of no store, they see nothing."""
    await world.advance(START_MS)
    await launch_calls(world)
    world.around.customers.stores |= {"c-1": "gangnam", "c-2": "busan", "c-4": "gangnam"}
    for number in (4, 3, 2, 1):
        await world.segmentation.announce(f"c-{number}", START_MS + 10 - number)
    await world.advance(START_MS + 1000)
    assert {"TASK_CREATED"} == set((await outcomes(world, "win-back")).values())
    assert 0 == await world.coupon_count()
    assert ["c-4", "c-3", "c-2", "c-1"] == await listed(world, role="marketer")
    assert ["c-4", "c-1"] == await listed(world, role="staff", stores=["gangnam", "jeju"])
    assert [] == await listed(world, "busan", role="staff", stores=["gangnam"])
    assert ["c-2"] == await listed(world, "busan", role="staff", stores=["gangnam", "busan"])
    assert [] == await listed(world, role="staff")
    assert [] == await listed(world, tenant_id="corner")
    with pytest.raises(RpcFailure) as caught:
        await listed(world, role="customer")
    assert "ROLE_NOT_ALLOWED" == caught.value.code.value
    [first] = (await tasks(world, "ListTasks", task_pb.ListTasksRequest(page_size=1))).tasks
    assert START_MS + 6 + 2 * DAY_MS == first.due_time.ToMilliseconds()
    assert {"ko": "안부 전화"} == dict(first.titles)
    before = task_pb.ListTasksRequest()
    before.due_before.FromMilliseconds(START_MS + 7 + 2 * DAY_MS)
    due = await tasks(world, "ListTasks", before)
    assert ["c-4"] == [task.customer_id for task in due.tasks]


async def test_a_task_is_closed_once_by_its_stores_staff(world: World) -> None:
    """A repeat answers alike, another closing does not, and others' staff find nothing."""
    await world.advance(START_MS)
    await launch_calls(world, store_id="gangnam")
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + 1000)
    [enrolment] = await world.enrolments()
    gangnam = {"role": "staff", "stores": ["gangnam"]}
    close = task_pb.CloseTaskRequest(
        request_id=request_id(),
        task_id=enrolment.task_id,
        state="TASK_STATE_DONE",
        note="comes on Friday",
    )
    for caller in ({"role": "staff", "stores": ["busan"]}, {"tenant_id": "corner"}):
        answer = await tasks(world, "CloseTask", close, **caller)
        assert (task_pb.TASK_OUTCOME_NOT_FOUND, "") == (answer.outcome, answer.task.task_id)
    answers = [await tasks(world, "CloseTask", close, **gangnam) for _ in range(2)]
    assert answers[0] == answers[1]
    assert task_pb.TASK_OUTCOME_APPLIED == answers[0].outcome
    assert ("staff:someone", START_MS + 1000) == (
        answers[0].task.closed_by,
        answers[0].task.close_time.ToMilliseconds(),
    )
    other = task_pb.CloseTaskRequest(
        request_id=request_id(), task_id=enrolment.task_id, state="TASK_STATE_DISMISSED"
    )
    refused = await tasks(world, "CloseTask", other, **gangnam)
    assert task_pb.TASK_OUTCOME_ALREADY_CLOSED == refused.outcome
    close.note = "something else"
    conflict = await tasks(world, "CloseTask", close, **gangnam)
    assert task_pb.TASK_OUTCOME_REQUEST_CONFLICT == conflict.outcome
    assert [] == await listed(world)
    noted = task_pb.AddTaskNoteRequest(
        request_id=request_id(), task_id=enrolment.task_id, note="she came"
    )
    await tasks(world, "AddTaskNote", noted, **gangnam)
    personal = task_pb.AddTaskNoteRequest(
        request_id=request_id(), task_id=enrolment.task_id, note="call 010-1234-5678"
    )
    with pytest.raises(RpcFailure) as caught:
        await tasks(world, "AddTaskNote", personal, **gangnam)
    assert (Code.FIELD_INVALID, "note") == (caught.value.code, caught.value.field)
    request = task_pb.GetTaskRequest(task_id=enrolment.task_id)
    found = await tasks(world, "GetTask", request, **gangnam)
    assert ["comes on Friday", "she came"] == [note.text for note in found.task.notes]


async def test_notes_at_the_same_time_are_all_kept(world: World) -> None:
    """Each is one conditional write, decided again when it lost."""
    await world.advance(START_MS)
    await launch_calls(world, store_id="gangnam")
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + 1000)
    [enrolment] = await world.enrolments()
    requests = [
        task_pb.AddTaskNoteRequest(
            request_id=request_id(), task_id=enrolment.task_id, note=f"note {number}"
        )
        for number in range(8)
    ]
    twice = [*requests, *requests]
    answers = await asyncio.gather(*[tasks(world, "AddTaskNote", each) for each in twice])
    assert {task_pb.TASK_OUTCOME_APPLIED} == {answer.outcome for answer in answers}
    found = await tasks(world, "GetTask", task_pb.GetTaskRequest(task_id=enrolment.task_id))
    assert {f"note {number}" for number in range(8)} == {note.text for note in found.task.notes}
    assert 8 == len(found.task.notes)
