"""Staff find the customer before them."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dangol.profile.v1 import privacy_service_pb2 as privacy_pb
from dangol.profile.v1 import search_service_pb2 as pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from profile_service.search import PER_MINUTE_MAX, Wanted
from profile_service.service_registry import Registry
from profile_service.service_ring import open_vault
from profile_service.service_searches import SearchService
from profile_service.store_contacts import ContactStore
from profile_service.store_customers import CustomerStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_searches import SearchStore

from tests.integration.profile.harness import OTHER, SHOP, Client, Platform
from tests.integration.profile.record.recording import change, refused, update


def _limited(platform: Platform, *stores: str) -> str:
    """A token of staff who work in some stores."""
    plain = platform.keys.token(Role.STAFF, SHOP)
    claims = jwt.decode(plain, options={"verify_signature": False}) | {"stores": list(stores)}
    key: Any = load_pem_private_key((platform.keys.directory / "platform.pem").read_bytes(), None)
    headers = {"kid": jwt.get_unverified_header(plain)["kid"]}
    return jwt.encode(claims, key, algorithm="EdDSA", headers=headers)


async def _search(client: Client, **wanted: Any) -> list[pb.Candidate]:
    request = pb.SearchCustomersRequest(**wanted)
    response = await client.call(client.searches.SearchCustomers, request)
    return list(response.candidates)


async def _ids(client: Client, **wanted: Any) -> list[str]:
    return [one.customer_id for one in await _search(client, **wanted)]


async def _log(client: Client, customer_id: str = "") -> list[Any]:
    request = pb.ListSearchesRequest(customer_id=customer_id)
    response = await client.call(client.searches.ListSearches, request)
    return list(response.searches)


async def _create(platform: Platform, number: int, name: str, phone: str) -> str:
    partner = platform.client()
    names = [("member", f"m-{number}"), ("phone", phone), ("email", f"c{number}@shop.kr")]
    made = await partner.identify(*names, display_name=name, tier="gold")
    customer_id: str = made.customer.customer_id
    return customer_id


async def test_customers_are_found_by_what_staff_are_told_and_shown_masked(
    platform: Platform,
) -> None:
    """By digits, name, given name, initials, address, or several; of one's own tenant alone."""
    minsu = await _create(platform, 1, "김민수", "010-1234-5678")
    misook = await _create(platform, 2, "이미숙", "010-9999-5678")
    jane = await _create(platform, 3, "Jane Doe", "010-1234-0000")
    staff = platform.client(Role.STAFF)
    assert {minsu, misook} == set(await _ids(staff, phone_last_four="5678"))
    for wanted, expected in (
        ({"name": "김 민수"}, [minsu]),
        ({"name": "민수"}, [minsu]),
        ({"name": "jane"}, [jane]),
        ({"initials": "ㅇㅁㅅ"}, [misook]),
        ({"email": "c3@shop.kr"}, [jane]),
        ({"email": "C3@SHOP.KR"}, [jane]),
        ({"initials": "ㅁㅅ", "phone_last_four": "5678", "email": "c2@shop.kr"}, [misook]),
        ({"name": "김민수", "phone_last_four": "0000"}, []),
        ({"email": "nobody@shop.kr"}, []),
        ({"name": "김민"}, []),
    ):
        assert expected == await _ids(staff, **wanted)
    assert {minsu, misook} == set(await _ids(staff, initials="ㅁㅅ"))
    (shown,) = await _search(staff, name="김민수")
    assert (
        pb.Candidate(
            customer_id=minsu,
            masked_name="김*수",
            masked_phone="***-****-5678",
            tier="gold",
            member=True,
        )
        == shown
    )
    assert [] == await _ids(platform.client(Role.STAFF, OTHER), name="김민수")


async def test_every_search_is_written_down_without_what_was_typed(platform: Platform) -> None:
    """Who, where, by what kind, and who was shown; admins alone read it."""
    minsu = await _create(platform, 1, "김민수", "010-1234-5678")
    staff = platform.client(Role.STAFF, subject="till-7")
    await _search(staff, initials="ㄱㅁㅅ", phone_last_four="5678", store_id="gangnam")
    await _search(staff, name="아무도")
    admin = platform.client(Role.ADMIN)
    nobody, somebody = await _log(admin)
    assert (["name"], []) == (list(nobody.kinds), list(nobody.customer_ids))
    assert ("staff:till-7", "gangnam", ["phone_last_four", "initials"], [minsu]) == (
        somebody.caller,
        somebody.store_id,
        list(somebody.kinds),
        list(somebody.customer_ids),
    )
    assert [somebody] == await _log(admin, minsu)
    assert [] == await _log(platform.client(Role.ADMIN, OTHER))
    stored = str([one async for one in platform.database.searches.find({})])
    assert [] == [word for word in ("5678", "ㄱㅁㅅ", "아무도") if word in stored]
    for role in (Role.STAFF, Role.MARKETER):
        await refused(_log(platform.client(role)), Code.ROLE_NOT_ALLOWED, None)
    for role in (Role.MARKETER, Role.PARTNER, Role.CUSTOMER, Role.SERVICE):
        attempt = _search(platform.client(role), name="김민수")
        await refused(attempt, Code.ROLE_NOT_ALLOWED, None)


async def test_staff_of_stores_name_one_of_theirs_and_everybody_asks_for_enough(
    platform: Platform,
) -> None:
    """Refused by field, with nothing looked up or written."""
    token = _limited(platform, "gangnam")
    staff = Client(platform.channel, token)
    for store_id in ("", "busan"):
        attempt = _search(staff, name="김민수", store_id=store_id)
        await refused(attempt, Code.FIELD_INVALID, "store_id")
    assert [] == await _search(staff, name="김민수", store_id="gangnam")
    for wanted, field in (
        ({}, "phone_last_four"),
        ({"phone_last_four": "567"}, "phone_last_four"),
        ({"name": "김"}, "name"),
        ({"initials": "김민"}, "initials"),
    ):
        attempt = _search(staff, store_id="gangnam", **wanted)
        await refused(attempt, Code.FIELD_INVALID, field)
    assert 1 == len(await _log(platform.client(Role.ADMIN)))


async def test_of_many_ten_are_shown_and_more_is_said(platform: Platform) -> None:
    """Whoever asks for more gets fewer."""
    made = [await _create(platform, n, "김민수", f"010-{n:04}-5678") for n in range(11)]
    staff = platform.client(Role.STAFF)
    request = pb.SearchCustomersRequest(name="김민수", phone_last_four="5678")
    response = await staff.call(staff.searches.SearchCustomers, request)
    assert (sorted(made)[:10], True) == (
        [one.customer_id for one in response.candidates],
        response.more,
    )


async def test_look_ups_follow_changes_merges_and_erasure(platform: Platform) -> None:
    """A former name, who was merged away and who was erased are found no more, by anything."""
    admin, staff = platform.client(Role.ADMIN), platform.client(Role.STAFF)
    member = await _create(platform, 1, "김민수", "010-1234-5678")
    await change(admin, update(await admin.get(member), "display_name", display_name="박민수"))
    assert ([], [member]) == (await _ids(staff, name="김민수"), await _ids(staff, name="박민수"))

    phone = ("phone", "010-7777-1111")
    visitor = (await admin.identify(phone, display_name="최손님")).customer.customer_id
    assert [visitor] == await _ids(staff, phone_last_four="1111")
    await admin.identify(("member", "m-1"), phone)
    assert [member] == await _ids(staff, phone_last_four="1111")
    assert [] == await _ids(staff, name="최손님")

    privacy: Any = PrivacyServiceStub(platform.channel)
    erase = privacy_pb.EraseCustomerRequest(
        request_id=str(uuid.uuid4()), customer_id=member, reason="asked"
    )
    await admin.call(privacy.EraseCustomer, erase)
    for wanted in (
        {"name": "박민수"},
        {"initials": "ㅂㅁㅅ"},
        {"phone_last_four": "5678"},
        {"phone_last_four": "1111"},
        {"email": "c1@shop.kr"},
    ):
        assert [] == await _ids(staff, **wanted)
    customers = [one async for one in platform.database.customers.find({})]
    identifiers = [one async for one in platform.database.identifiers.find({})]
    assert [] == [one for one in customers if "found" in one]
    assert [] == [one for one in identifiers if "l4" in one]
    back = await _create(platform, 1, "박민수", "010-1234-5678")
    assert ([back], [back]) == (
        await _ids(staff, name="박민수"),
        await _ids(staff, phone_last_four="5678"),
    )


async def test_a_dump_shows_no_name_and_another_tenants_hashes_differ(platform: Platform) -> None:
    """The same name and digits in two tenants have nothing in common."""
    for tenant_id in (SHOP, OTHER):
        partner = platform.client(tenant_id=tenant_id)
        await partner.identify(("phone", "010-1234-5678"), display_name="김민수")
    customers = [one async for one in platform.database.customers.find({})]
    identifiers = [one async for one in platform.database.identifiers.find({"ns": "phone"})]
    assert [4, 4] == [len(one["found"]) for one in customers]
    assert set(customers[0]["found"]).isdisjoint(customers[1]["found"])
    assert identifiers[0]["l4"] != identifiers[1]["l4"]
    dump = str((customers, identifiers))
    assert [] == [word for word in ("김", "민수", "ㄱㅁㅅ", "5678", "010") if word in dump]


async def test_too_many_searches_of_one_caller_are_refused_until_the_minute_is_over(
    platform: Platform, settings: Any
) -> None:
    """Counted exactly, also when they come at once; others are left alone."""
    vault = (await open_vault(settings))[0]
    customers = CustomerStore(platform.database, vault)
    now_ms = 1_700_000_000_000
    service = SearchService(
        registry=Registry(customers, IdentifierStore(platform.database, vault), vault),
        customers=customers,
        contacts=ContactStore(platform.database, vault),
        searches=SearchStore(platform.database, vault),
        wall_ms=lambda: now_ms,
    )

    async def attempt(caller: str) -> bool:
        try:
            await service.search(SHOP, Wanted(name="김민수"), caller, "")
        except RpcFailure as failure:
            if failure.code is not Code.TOO_MANY_REQUESTS:
                raise
            return False
        return True

    tries = await asyncio.gather(*(attempt("staff:a") for _ in range(PER_MINUTE_MAX + 5)))
    assert PER_MINUTE_MAX == sum(tries)
    assert await attempt("staff:b")
    with pytest.raises(RpcFailure) as refusal:
        await service.search(SHOP, Wanted(name="김민수"), "staff:a", "")
    assert refusal.value.retry_after_ms is not None
    now_ms += refusal.value.retry_after_ms
    assert await attempt("staff:a")
