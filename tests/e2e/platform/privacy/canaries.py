"""Customers full of canaries: values that occur nowhere else, one in every place that is sealed.

KINDS names them by the file of profile that seals them; test_sealing.py compares that with the
source, so that whatever is sealed somewhere new has its canaries or fails a test.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bson
from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import event_service_pb2 as events
from dangol.profile.v1 import survey_service_pb2 as surveys
from google.protobuf.json_format import MessageToJson
from profile_service import birthdays
from profile_service.disclosure import PERSONAL
from pymongo import AsyncMongoClient

from tests.e2e.platform.privacy.shop import SURVEY, Shop

NAMESPACES = ("member", "email", "phone", "pos_card", "device", "partner.mall")
PROPERTIES = ("query", "message", "recipient")
# Of attributes that are no texts; birth dates alternate, as each takes the other's place.
_OF_ATTRIBUTE = {
    "lunar_birth_date": (),
    "personal_fields": ("personal_text", "personal_number"),
}
KINDS: dict[str, tuple[str, ...]] = {
    "store_customers.py": tuple(
        kind for name in PERSONAL for kind in _OF_ATTRIBUTE.get(name, (name,))
    ),
    "store_identifiers.py": NAMESPACES,
    "encoding.py": (*(f"property_{name}" for name in PROPERTIES), "property_short"),
    "store_consents.py": ("consent_source",),
    "store_survey_responses.py": ("answer_text", "answer_number", "answer_personal"),
}


@dataclass
class Planted:
    """One customer and the canaries that are hers, by kind of place.

    control is a tag: a value just as random that is not sealed, by which a search shows that it
    would have found the others.
    """

    customer_id: str
    control: str
    canaries: dict[str, str] = field(default_factory=dict)
    event_ids: list[str] = field(default_factory=list)


def canary(kind: str) -> str:
    """A value that occurs nowhere else."""
    return f"{kind}-{secrets.token_hex(10)}"


async def plant(shop: Shop, number: int) -> Planted:
    """Writes a customer with one canary in each sealed kind of place, and a tag that is not."""
    held = {namespace: canary(namespace) for namespace in NAMESPACES}
    held["phone"] = f"+82-10-{secrets.randbelow(10**12):012d}"
    request = customers.IdentifyCustomerRequest(
        request_id=str(uuid.uuid4()), attributes=_attributes(number, held)
    )
    for namespace in NAMESPACES:
        request.identifiers.add(namespace=namespace, value=held[namespace])
    admin = shop.admin
    answer = await admin.call(admin.customers.IdentifyCustomer, request)
    planted = Planted(answer.customer.customer_id, canary("control"), held)
    await _tag(shop, answer.customer, planted.control)
    held |= {f"property_{name}": canary(name) for name in PROPERTIES}
    held["property_short"] = secrets.token_hex(4)
    await record(shop, planted)
    held["consent_source"] = canary("source")
    await consent(shop, planted.customer_id, held["consent_source"])
    await _answer(shop, held)
    missing = {kind for kinds in KINDS.values() for kind in kinds} - {*held}
    assert not missing, f"sealed without a canary: {missing}"
    return planted


def _attributes(number: int, held: dict[str, str]) -> customers.Customer:
    """Every personal attribute, each with a canary that `held` then knows."""
    made = customers.Customer()
    day = f"19{10 + number:02d}-0{1 + secrets.randbelow(9)}-1{number}"
    for name in PERSONAL:
        if name == "personal_fields":
            held["personal_text"] = canary("personal")
            held["personal_number"] = _number()
            made.personal_fields["allergy"].text = held["personal_text"]
            made.personal_fields["passport"].number = held["personal_number"]
        elif name == "birth_date" and number % 2:
            held["lunar_birth_date"], held["birth_date"] = day, birthdays.solar(day)
            year, month, in_month = (int(part) for part in day.split("-"))
            made.lunar_birth_date.MergeFrom(
                customers.LunarDate(year=year, month=month, day=in_month)
            )
        elif name != "lunar_birth_date":
            held[name] = day if name == "birth_date" else canary(name)
            setattr(made, name, held[name])
    return made


def _number() -> str:
    return str(10**17 + secrets.randbelow(10**17))


async def _answer(shop: Shop, held: dict[str, str]) -> None:
    """The shop's survey, by her member number: two free texts, of which one becomes a personal
    field, and a number."""
    held |= {kind: canary(kind) for kind in ("answer_text", "answer_personal")}
    held["answer_number"] = _number()
    request = surveys.AnswerSurveyRequest(
        request_id=str(uuid.uuid4()),
        survey_id=SURVEY,
        version=1,
        answers=[
            surveys.SurveyAnswer(question_id="wish", text=held["answer_text"]),
            surveys.SurveyAnswer(question_id="worry", text=held["answer_personal"]),
            surveys.SurveyAnswer(question_id="size", number=held["answer_number"]),
        ],
        finish=True,
    )
    request.respondent.namespace, request.respondent.value = "member", held["member"]
    answer = await shop.admin.call(shop.surveys.AnswerSurvey, request)
    assert surveys.ANSWER_SURVEY_OUTCOME_COMPLETED == answer.outcome, answer


async def _tag(shop: Shop, customer: customers.Customer, tag: str) -> None:
    request = customers.UpdateCustomerRequest(request_id=str(uuid.uuid4()), customer=customer)
    request.customer.tags.append(tag)
    request.update_mask.paths.append("tags")
    await shop.admin.call(shop.admin.customers.UpdateCustomer, request)


async def record(shop: Shop, planted: Planted, seconds_ago: int = 60) -> list[str]:
    """A search under each of her identifiers, with canaries in its properties; the outcomes."""
    made = []
    for namespace in NAMESPACES:
        event = Event(event_id=str(uuid.uuid4()), type="search")
        event.customer.namespace, event.customer.value = namespace, planted.canaries[namespace]
        event.occurred_at.FromSeconds(int(time.time()) - seconds_ago)
        for name in (*PROPERTIES, "short"):
            event.properties[name].text = planted.canaries[f"property_{name}"]
        made.append(event)
    planted.event_ids += [one.event_id for one in made]
    request = events.RecordEventsRequest(events=made)
    answer = await shop.admin.call(shop.admin.events.RecordEvents, request)
    return [one.code or events.RecordOutcome.Name(one.outcome) for one in answer.results]


async def consent(shop: Shop, customer_id: str, source: str) -> None:
    """Marketing by email, allowed at a place that is a canary."""
    entry = customers.ConsentEntry(
        purpose="marketing", channel="email", granted=True, source=source, notice="terms-v1"
    )
    request = customers.SetConsentRequest(
        request_id=str(uuid.uuid4()), customer_id=customer_id, entries=[entry]
    )
    await shop.admin.call(shop.admin.customers.SetConsent, request)


async def read_by_owner(shop: Shop, planted: Planted) -> str:
    """What the platform answers those who may read her: record, timeline and consents."""
    admin = shop.admin
    record = await admin.call(
        admin.customers.GetCustomer, customers.GetCustomerRequest(customer_id=planted.customer_id)
    )
    timeline = await admin.call(
        admin.customers.ListTimeline, customers.ListTimelineRequest(customer_id=planted.customer_id)
    )
    log = await admin.call(
        admin.customers.ListConsents, customers.ListConsentsRequest(customer_id=planted.customer_id)
    )
    return "".join(MessageToJson(one, ensure_ascii=False) for one in (record, timeline, log))


def found(values: Iterable[str], haystacks: Iterable[bytes]) -> set[str]:
    """Those of the values that stand anywhere in these bytes."""
    wanted = {value: value.encode() for value in values}
    return {value for hay in haystacks for value, needle in wanted.items() if needle in hay}


async def dump(mongodb_uri: str) -> list[bytes]:
    """Every document of every collection of every database, the oplog too, as it is stored."""
    client: AsyncMongoClient[Any] = AsyncMongoClient(
        mongodb_uri, document_class=bson.raw_bson.RawBSONDocument
    )
    documents: list[bytes] = []
    try:
        for database in await client.list_database_names():
            for name in await client[database].list_collection_names():
                async for one in client[database][name].find():
                    documents.append(one.raw)
    finally:
        await client.close()
    return documents


async def flush(mongodb_uri: str) -> None:
    """Has MongoDB write everything that it holds to its files."""
    client: AsyncMongoClient[Any] = AsyncMongoClient(mongodb_uri)
    await client.admin.command("fsync")
    await client.close()


def files(directory: Path, *, without: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below a directory, but those of one that is kept elsewhere in production."""
    for path in sorted(directory.rglob("*")):
        if path.is_file() and without not in path.parents:
            yield path, path.read_bytes()
