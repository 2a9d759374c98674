"""The record as frontends see it: lists by filter, declared fields, preferences, search."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

import pytest
from dangol_service_kit.auth import Role

from tests.integration.gateway.conftest import found_tenant

COUNT = "query($filter: String) { customerCount(filter: $filter) }"
LIST = """query($filter: String, $first: Int, $after: String) {
  customers(filter: $filter, first: $first, after: $after) {
    totalCount nodes { id } pageInfo { hasNextPage endCursor } } }"""
UPDATED = """... on UpdateCustomerSuccess { customer { version birthDate
  lunarBirthDate { year month day leapMonth } preferences { name values } } }"""
SEARCH = """query($name: String, $initials: String) {
  searchCustomers(name: $name, initials: $initials) {
    more candidates { customerId maskedName maskedPhone tier member } } }"""


@pytest.fixture(scope="module")
async def tenant(stack: Any) -> None:
    """One of its own: what is declared here is not in the way of other tests."""
    await found_tenant(stack, "records", "기록")


async def test_marketers_see_a_masked_name_and_that_more_is_known(frontend: Any) -> None:
    """Admins and the customer see it all; what is not shown is named as it is asked for."""
    customer_id = await _new(frontend, "김민수")
    await _update(frontend, customer_id, 1, birthDate="1990-05-17")
    query = "query($id: ID!) { customer(id: $id) { displayName birthDate maskedFields } }"
    whole = {"displayName": "김민수", "birthDate": "1990-05-17", "maskedFields": []}
    fields = ["displayName", "birthDate"]
    masked = {"displayName": "김*수", "birthDate": None, "maskedFields": fields}
    asked = [
        (Role.ADMIN, "chief", whole),
        (Role.CUSTOMER, customer_id, whole),
        *((role, "clerk", masked) for role in (Role.MARKETER, Role.STAFF, Role.PARTNER)),
    ]
    for role, subject, expected in asked:
        token = frontend.token(role, subject)
        answer = await frontend.ask(query, token, id=customer_id)
        assert {"customer": expected} == answer, role


@pytest.fixture
def frontend(frontend: Any, tenant: None) -> Any:  # noqa: ARG001
    """A frontend of that tenant."""
    return dataclasses.replace(frontend, tenant="records")


async def _new(frontend: Any, name: str) -> str:
    """A customer of a name; version 1."""
    answer = await frontend.change(
        "identify",
        "... on IdentifySuccess { customer { id } }",
        requestId=str(uuid.uuid4()),
        identifiers=[{"namespace": "member", "value": str(uuid.uuid4())}],
        displayName=name,
    )
    customer_id: str = answer["customer"]["id"]
    return customer_id


async def _field(frontend: Any, mutation: str, **given: Any) -> Any:
    """declareField or retireField."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    success = "... on FieldSuccess { declaration { name type retired } }"
    query = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ "
    query += f"... on Refused {{ code field }} {success} }} }}"
    answer = await frontend.ask(query, input={"requestId": str(uuid.uuid4()), **given})
    return answer[mutation]


async def _update(frontend: Any, customer_id: str, version: int, **given: Any) -> Any:
    return await frontend.change(
        "updateCustomer",
        UPDATED,
        requestId=str(uuid.uuid4()),
        customerId=customer_id,
        version=version,
        **given,
    )


async def test_customers_are_listed_and_counted_by_a_filter(frontend: Any) -> None:
    """Walked by cursor, each once; a rule that is none is an error with its field."""
    region = f"r-{uuid.uuid4()}"
    made = [await _new(frontend, "Kim") for _ in range(3)]
    for customer_id in made[:2]:
        await _update(frontend, customer_id, 1, region=region, tags=["vip"])
    rule = f'profile.region = "{region}" and "vip" in profile.tags'
    seen, after, more = [], None, True
    while more:
        page = (await frontend.ask(LIST, filter=rule, first=1, after=after))["customers"]
        assert page["totalCount"] == 2
        seen += [node["id"] for node in page["nodes"]]
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert seen == sorted(made[:2])
    assert (await frontend.ask(COUNT, filter=rule)) == {"customerCount": 2}
    (error,) = (await frontend.run(COUNT, filter="count(purchase) > 1"))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("RULE_INVALID", "filter")


async def test_a_customer_says_what_is_preferred_and_a_lunar_birthday(frontend: Any) -> None:
    """By the customer's own token; null takes both away."""
    customer_id = await _new(frontend, "Lee")
    answer = await _update(
        frontend,
        customer_id,
        1,
        lunarBirthDate={"year": 2020, "month": 4, "day": 8, "leapMonth": True},
        preferences=[{"name": "style", "values": ["plain"]}],
    )
    assert answer["customer"] == {
        "version": 2,
        "birthDate": "2020-05-30",
        "lunarBirthDate": {"year": 2020, "month": 4, "day": 8, "leapMonth": True},
        "preferences": [{"name": "style", "values": ["plain"]}],
    }
    cleared = await _update(frontend, customer_id, 2, lunarBirthDate=None, preferences=None)
    assert cleared["customer"]["lunarBirthDate"] is None
    assert cleared["customer"]["birthDate"] is None
    assert cleared["customer"]["preferences"] == []


async def test_fields_are_declared_and_others_refused_by_name(frontend: Any) -> None:
    """With the fix; a retired one is listed as such."""
    name = f"f{uuid.uuid4().hex[:8]}"
    declared = await _field(frontend, "declareField", name=name, type="NUMBER", survivor="SUM")
    assert declared["declaration"] == {"name": name, "type": "NUMBER", "retired": False}
    customer_id = await _new(frontend, "Choi")
    wrong = await _update(frontend, customer_id, 1, fields=[{"name": name, "text": "large"}])
    assert (wrong["code"], wrong["field"]) == ("FIELD_INVALID", f"customer.fields[{name}]")
    assert (await _field(frontend, "retireField", name=name))["declaration"]["retired"]
    listed = await frontend.ask("{ fieldDeclarations { name retired survivor } }")
    assert {"name": name, "retired": True, "survivor": "SUM"} in listed["fieldDeclarations"]
    unknown = await _field(frontend, "retireField", name="unknown")
    assert unknown == {"code": "FIELD_INVALID", "field": "name"}


async def test_staff_find_a_customer_and_see_it_masked(frontend: Any) -> None:
    """Customers and marketers may not ask."""
    customer_id = await _new(frontend, "황보관창")
    staff = frontend.token(Role.STAFF)
    found = (await frontend.ask(SEARCH, staff, initials="ㅎㅂㄱㅊ"))["searchCustomers"]
    assert found == {
        "more": False,
        "candidates": [
            {
                "customerId": customer_id,
                "maskedName": "황**창",
                "maskedPhone": None,
                "tier": None,
                "member": True,
            }
        ],
    }
    for token in (frontend.token(Role.CUSTOMER, customer_id), frontend.token(Role.MARKETER)):
        answer = await frontend.run(SEARCH, token, name="황보")
        codes = [error["extensions"]["code"] for error in answer["errors"]]
        assert codes == ["ROLE_NOT_ALLOWED"]
