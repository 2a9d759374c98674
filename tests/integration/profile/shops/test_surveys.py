"""Surveys over gRPC and a real database: served, answered, learned from, counted, let go of."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import pytest
from dangol.profile.v1 import field_service_pb2 as field_pb
from dangol.profile.v1 import privacy_service_pb2 as privacy_pb
from dangol.profile.v1 import survey_service_pb2 as pb
from dangol.profile.v1.field_service_pb2_grpc import FieldServiceStub
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import OTHER, Platform, eventually
from tests.integration.profile.privacy.erasing import Eraser, everything
from tests.integration.profile.shops.asking import (
    Asker,
    amount,
    chose,
    option,
    outcome,
    quiz,
    rated,
    texts,
    wrote,
)


async def test_answers_become_fields_tags_products_and_an_event(platform: Platform) -> None:
    """A visitor answers in two steps: rules hear of each at once, and the end is an event."""
    asker = Asker(platform)
    assert 1 == (await asker.define(quiz())).version
    served = await asker.serve("device", "phone-1", language="en")
    assert served is not None
    assert ("Skin quiz", "Your skin?") == (served.title, served.questions[0].text)
    korean = await asker.serve("device", "phone-1", language="fr")
    assert korean is not None
    assert ("ko", "피부 퀴즈") == (korean.language, korean.title)
    first = await asker.answer("device", "phone-1", chose("skin", "dry"), amount("30000"))
    assert "SAVED" == outcome(first)
    assert ["cream", "oil"] == list(first.product_ids)
    assert ["stars"] == list(first.missing_question_ids)
    told = platform.segmentation.evaluated[-1].customers[0]
    assert ("dry", "30000") == (
        told.profile.fields["skin_type"].text,
        told.profile.fields["budget"].number,
    )
    last = await asker.answer(
        *("device", "phone-1"),
        *(chose("style", "rose", "mint"), wrote("향이 오래가면"), rated(2)),
        finish=True,
    )
    assert "COMPLETED" == outcome(last)
    assert ["oil", "cream", "toner"] == list(last.product_ids)
    assert [last.customer_id] == [one.customer_id for one in last.changes]
    customer = await asker.admin.get(last.customer_id)
    assert ["likes-rose", "likes-mint"] == list(customer.tags)
    assert "향이 오래가면" == customer.personal_fields["wish"].text
    assert "wish" not in customer.fields
    (event,) = (await asker.admin.timeline(last.customer_id, types=["survey"])).events
    assert (2, "skin-quiz", "dry", "rose,mint") == (
        event.rating,
        event.properties["survey_id"].text,
        event.properties["answer_skin"].text,
        event.properties["answer_style"].text,
    )
    assert "answer_wish" not in event.properties
    assert None is await asker.serve("device", "phone-1")
    assert await platform.nothing_open()


async def test_a_request_may_be_sent_twice_and_its_id_means_one_thing(platform: Platform) -> None:
    """The same outcome, one event, fields untouched by the repeat; other content is refused."""
    asker = Asker(platform)
    await asker.define(quiz())
    request_id = str(uuid.uuid4())
    sent = ("member", "kim", chose("skin", "oily"), rated(5))
    first = await asker.answer(*sent, finish=True, request_id=request_id)
    version = (await asker.admin.get(first.customer_id)).version
    again = await asker.answer(*sent, finish=True, request_id=request_id)
    assert ["COMPLETED", "COMPLETED"] == [outcome(first), outcome(again)]
    assert version == (await asker.admin.get(first.customer_id)).version
    assert 1 == len((await asker.admin.timeline(first.customer_id)).events)
    with pytest.raises(RpcFailure) as refused:
        await asker.answer("member", "kim", rated(1), finish=True, request_id=request_id)
    assert Code.REQUEST_CONFLICT is refused.value.code
    other = await asker.answer("member", "kim", chose("skin", "dry"), rated(1), finish=True)
    assert "ALREADY_COMPLETED" == outcome(other)
    assert "oily" == (await asker.admin.get(first.customer_id)).fields["skin_type"].text


async def test_many_answers_at_once_are_all_kept(platform: Platform) -> None:
    """Each of five requests brings one answer; none overwrites another."""
    asker = Asker(platform)
    await asker.define(quiz())
    await asker.serve("member", "lee")
    answers = [chose("skin", "dry"), chose("style", "mint"), amount("1"), wrote("w"), rated(4)]
    said = await asyncio.gather(*(asker.answer("member", "lee", one) for one in answers))
    assert ["SAVED"] * 5 == [outcome(one) for one in said]
    done = await asker.answer("member", "lee", finish=True)
    assert "COMPLETED" == outcome(done)
    customer = await asker.admin.get(done.customer_id)
    assert {"skin_type", "budget"} == set(customer.fields)
    assert ["likes-mint"] == list(customer.tags)


async def test_a_later_answer_takes_the_place_of_an_earlier_one(platform: Platform) -> None:
    """Of the tags of a question only the chosen ones stay; required questions hold the end up."""
    asker = Asker(platform)
    await asker.define(quiz())
    first = await asker.answer("member", "park", chose("style", "rose"), finish=True)
    assert "MISSING_ANSWERS" == outcome(first)
    assert ["skin", "stars"] == list(first.missing_question_ids)
    await asker.answer("member", "park", chose("style", "mint"))
    assert ["likes-mint"] == list((await asker.admin.get(first.customer_id)).tags)


async def test_what_a_crash_left_is_finished(platform: Platform) -> None:
    """The answers were written and the process died: the sweep, or the client's retry, goes on."""
    asker = Asker(platform)
    await asker.define(quiz())
    done = await asker.answer("member", "choi", chose("skin", "dry"), rated(3), finish=True)
    responses, events = platform.database.survey_responses, platform.database.events
    await events.delete_many({"k": "survey"})
    left = {"to_record": True, "untold": ["skin"], "open_ms": 1}
    await responses.update_one({}, {"$set": left})

    async def recorded() -> bool:
        return bool(await events.count_documents({"k": "survey"}))

    await eventually(recorded)

    async def closed() -> bool:
        return bool(await responses.count_documents({"open_ms": {"$gt": 0}}) == 0)

    await eventually(closed)
    assert 1 == len((await asker.admin.timeline(done.customer_id)).events)


async def test_a_survey_is_served_to_whom_it_fits(platform: Platform) -> None:
    """By membership, tags, fields they lack and priority; begun ones first, finished ones never."""
    asker = Asker(platform)
    await asker.define(quiz("everybody"))
    await asker.define(quiz("members", audience=pb.SURVEY_AUDIENCE_MEMBERS, priority=5))
    await asker.define(quiz("vips", tags=["vip"], priority=9))
    await asker.define(quiz("unknown", missing_fields=["skin_type"], priority=7))
    await asker.define(quiz("tomorrow", priority=99, start_time={"seconds": 4_000_000_000}))

    async def served(namespace: str, value: str) -> str:
        found = await asker.serve(namespace, value)
        return found.survey_id if found else ""

    assert "unknown" == await served("device", "d")
    await asker.answer("device", "d", chose("skin", "dry"), survey_id="everybody")
    assert "everybody" == await served("device", "d")
    await asker.answer("device", "d", rated(1), survey_id="everybody", finish=True)
    assert "" == await served("device", "d")
    await asker.partner.identify(("member", "m"), tags=["vip"])
    assert "vips" == await served("member", "m")
    await asker.close("vips")
    assert "unknown" == await served("member", "m")
    closed = await asker.answer("member", "m", rated(1), survey_id="vips")
    assert "CLOSED" == outcome(closed)


async def test_a_visitors_answers_go_with_her_into_the_member(platform: Platform) -> None:
    """Begun on a device, finished as a member; whoever finished is not asked again."""
    asker = Asker(platform)
    await asker.define(quiz())
    visitor = await asker.answer("device", "d", chose("skin", "dry"))
    await asker.partner.identify(("member", "jung"))
    merged = await asker.partner.identify(("member", "jung"), ("device", "d"))
    served = await asker.serve("member", "jung")
    assert served is not None
    assert [True, False] == [served.questions[0].answered, served.questions[4].answered]
    done = await asker.answer("member", "jung", rated(5), finish=True)
    assert "COMPLETED" == outcome(done)
    assert visitor.customer_id == done.customer_id != merged.customer.customer_id
    member = await asker.admin.get(merged.customer.customer_id)
    assert "dry" == member.fields["skin_type"].text
    assert 1 == len((await asker.admin.timeline(member.customer_id)).events)
    assert None is await asker.serve("device", "d")


async def test_the_funnel_counts_how_far_people_came(platform: Platform) -> None:
    """Served, begun, answered by question, finished; by version and over all."""
    asker = Asker(platform)
    await asker.define(quiz())
    for number in range(6):
        await asker.serve("device", f"d{number}")
        await asker.serve("device", f"d{number}")
    for number in range(4):
        skin = chose("skin", "dry" if number else "oily")
        await asker.answer("device", f"d{number}", skin, wrote(f"w{number}"))
    for number in range(2):
        await asker.answer("device", f"d{number}", rated(number + 3), finish=True)
    await asker.define(quiz(version=1))
    await asker.serve("device", "newcomer")
    one, both = await asker.funnel(version=1), await asker.funnel()
    assert (6, 4, 2) == (one.served_count, one.started_count, one.completed_count)
    assert (7, 4, 2) == (both.served_count, both.started_count, both.completed_count)
    by_question: dict[str, Any] = {question.question_id: question for question in one.questions}
    assert [4, 0, 0, 4, 2] == [question.answered_count for question in one.questions]
    assert [("dry", 3), ("oily", 1)] == [
        (chosen.option_id, chosen.count) for chosen in by_question["skin"].options
    ]
    assert [0, 0, 1, 1, 0] == [chosen.count for chosen in by_question["stars"].options]
    assert [] == list(by_question["wish"].options)


async def test_customers_answer_for_themselves_and_visitors_for_their_device(
    platform: Platform,
) -> None:
    """Another customer looks like nobody; a visitor learns nothing of who it may be."""
    asker = Asker(platform)
    await asker.define(quiz())
    kim = (await asker.partner.identify(("member", "kim"))).customer.customer_id
    lee = (await asker.partner.identify(("member", "lee"))).customer.customer_id
    customer = platform.client(Role.CUSTOMER, subject=kim)
    mine = await asker.answer("", "", chose("skin", "dry"), client=customer)
    assert kim == mine.customer_id
    with pytest.raises(RpcFailure) as refused:
        await asker.answer("customer", lee, chose("skin", "dry"), client=customer)
    assert Code.CUSTOMER_NOT_FOUND is refused.value.code
    visitor = platform.client(Role.VISITOR)
    said = await asker.answer("device", "d", chose("skin", "dry"), client=visitor)
    assert ("SAVED", "", []) == (outcome(said), said.customer_id, list(said.changes))
    again = await asker.serve("device", "d", client=visitor)
    assert again is not None
    assert not any(question.answered for question in again.questions)
    with pytest.raises(RpcFailure) as foreign:
        await asker.answer("member", "lee", chose("skin", "dry"), client=visitor)
    assert (Code.FIELD_INVALID, "respondent.namespace") == (
        foreign.value.code,
        foreign.value.field,
    )
    next_door = Asker(platform, OTHER)
    with pytest.raises(RpcFailure) as unknown:
        await next_door.answer("member", "kim", rated(1))
    assert Code.SURVEY_NOT_FOUND is unknown.value.code


BAD_ANSWERS: list[tuple[list[pb.SurveyAnswer], str]] = [
    ([chose("skin", "green")], "answers[0].option_ids"),
    ([chose("skin", "dry", "oily")], "answers[0].option_ids"),
    ([rated(1), amount("500001")], "answers[1].number"),
    ([amount("-1")], "answers[0].number"),
    ([rated(6)], "answers[0].rating"),
    ([rated(0)], "answers[0].rating"),
    ([chose("nothing", "dry")], "answers[0].question_id"),
    ([pb.SurveyAnswer(question_id="skin", text="dry")], "answers[0].text"),
    ([rated(1), rated(2)], "answers"),
    ([wrote("가" * 1025)], "answers[0].text"),
]


async def test_bad_answers_are_refused_by_the_field(platform: Platform) -> None:
    """And nothing of the request is kept."""
    asker = Asker(platform)
    await asker.define(quiz())
    for answers, field in BAD_ANSWERS:
        with pytest.raises(RpcFailure) as refused:
            await asker.answer("member", "kim", *answers)
        assert (Code.FIELD_INVALID, field) == (refused.value.code, refused.value.field)
    assert 0 == await platform.database.survey_responses.count_documents({})


async def test_versions_follow_each_other(platform: Platform) -> None:
    """A repeat answers what it wrote; who read an older version is told; bad ones are refused."""
    asker = Asker(platform)
    request_id = str(uuid.uuid4())
    written = [await asker.define(quiz(), request_id) for _ in range(2)]
    assert written[0] == written[1]
    with pytest.raises(RpcFailure) as stale:
        await asker.define(quiz())
    assert Code.VERSION_CONFLICT is stale.value.code
    racing = await asyncio.gather(
        *(asker.define(quiz(version=1, priority=number)) for number in range(5)),
        return_exceptions=True,
    )
    assert 1 == sum(isinstance(one, pb.Survey) for one in racing)
    bad = quiz("bad")
    bad.titles.clear()
    bad.titles["en"] = "no Korean"
    del bad.questions[0].options[1:]
    bad.questions[1].options.add(option_id="rose", texts=texts("또"))
    bad.questions[3].options.append(option("a"))
    with pytest.raises(RpcFailure) as refused:
        await asker.define(bad)
    assert [
        "survey.titles",
        "survey.questions[0].options",
        "survey.questions[1].options[3].option_id",
        "survey.questions[3].options",
    ] == [field for field, _ in refused.value.violations]


async def test_a_survey_fills_the_fields_that_the_tenant_declares(platform: Platform) -> None:
    """Once there are declarations, a question's field has to be one of them, and of its type."""
    asker = Asker(platform)
    stub: Any = FieldServiceStub(platform.channel)
    for name, kind, personal in (
        ("skin_type", field_pb.FIELD_TYPE_TEXT, False),
        ("budget", field_pb.FIELD_TYPE_FLAG, False),
    ):
        declared = field_pb.Field(name=name, type=kind, personal=personal)
        request = field_pb.DeclareFieldRequest(request_id=str(uuid.uuid4()), field=declared)
        await asker.admin.call(stub.DeclareField, request)
    with pytest.raises(RpcFailure) as refused:
        await asker.define(quiz())
    assert ["survey.questions[2].field", "survey.questions[3].field"] == [
        field for field, _ in refused.value.violations
    ]


async def test_answers_are_exported_and_go_with_an_erasure(platform: Platform) -> None:
    """What was written freely lies sealed, is told to the customer, and then is gone."""
    asker, eraser = Asker(platform), Eraser(platform)
    await asker.define(quiz())
    said = await asker.answer("member", "kim", chose("skin", "dry"), wrote("canary-7"), rated(1))
    assert b"canary-7" not in await everything(platform)
    stub: Any = PrivacyServiceStub(platform.channel)
    request = privacy_pb.ExportCustomerRequest(customer_id=said.customer_id)
    stream = stub.ExportCustomer(request, metadata=asker.admin.metadata, timeout=30)
    pieces = [(one.record.section, json.loads(one.record.json)) async for one in stream]
    (mine,) = (piece for section, piece in pieces if section == "survey_response")
    assert {
        "skin": {"option_ids": ["dry"]},
        "wish": {"text": "canary-7"},
        "stars": {"rating": 1},
    } == mine["answers"]
    await eraser.erase(said.customer_id)
    assert 0 == await platform.database.survey_responses.count_documents({})
    fresh = await asker.answer("member", "kim", chose("skin", "dry"))
    assert said.customer_id != fresh.customer_id
