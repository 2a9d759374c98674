"""Addresses of customers: sealed at rest, told to services for one message, and written down."""

from __future__ import annotations

import pytest
from dangol.profile.v1 import contact_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.consenting import entry, set_consent
from tests.integration.profile.harness import OTHER, Client, Platform

PHONES = ("010-1111-2222", "010-3333-4444")


async def reveal(
    client: Client, channel: str, *wanted: tuple[str, str, str]
) -> list[tuple[str, list[str]]]:
    """Outcome and addresses for each (customer, message, purpose)."""
    request = pb.RevealContactsRequest(
        channel=channel,
        recipient="partner:sender",
        wanted=[
            pb.ContactWanted(customer_id=customer, message_id=message, purpose=purpose)
            for customer, message, purpose in wanted
        ],
    )
    response = await client.call(client.contacts.RevealContacts, request)
    return [
        (pb.RevealOutcome.Name(one.outcome).removeprefix("REVEAL_OUTCOME_"), list(one.addresses))
        for one in response.contacts
    ]


async def log(client: Client, customer_id: str, page_size: int = 500) -> list[pb.Reveal]:
    """The whole log of a customer, page by page."""
    found: list[pb.Reveal] = []
    token = ""
    while True:
        request = pb.ListRevealsRequest(
            customer_id=customer_id, page_size=page_size, page_token=token
        )
        page = await client.call(client.contacts.ListReveals, request)
        found += page.reveals
        token = page.next_page_token
        if not token:
            return found


async def known(client: Client, *identifiers: tuple[str, str]) -> str:
    """A customer with these identifiers."""
    return str((await client.identify(*identifiers)).customer.customer_id)


async def test_an_address_is_told_for_what_is_allowed_and_written_down(platform: Platform) -> None:
    """By channel; advertising needs its consent; the log says who, why and how many."""
    service = platform.client(Role.SERVICE, subject="offers")
    admin = platform.client(Role.ADMIN)
    ann = await known(
        service,
        ("member", "ann"),
        ("phone", PHONES[0]),
        ("phone", PHONES[1]),
        ("email", "a@b.test"),
    )
    bob = await known(service, ("member", "bob"), ("email", "bob@b.test"))
    asked = [(ann, "m1", "marketing"), (bob, "m2", ""), ("u_nobody", "m3", "")]
    refused = await reveal(service, "sms", *asked)
    assert [("NO_CONSENT", []), ("NO_CONTACT", []), ("CUSTOMER_NOT_FOUND", [])] == refused
    assert [] == await log(admin, ann)
    await set_consent(admin, ann, entry("sms"))
    ((outcome, addresses),) = await reveal(service, "sms", (ann, "m1", "marketing"))
    assert ("REVEALED", set(PHONES)) == (outcome, set(addresses))
    assert [("REVEALED", addresses)] == await reveal(service, "kakao", (ann, "m4", ""))
    assert [("REVEALED", ["a@b.test"])] == await reveal(service, "email", (ann, "m5", ""))
    lines = await log(admin, ann, page_size=2)
    assert [
        ("email", "m5", "", "service:offers", "partner:sender", 1),
        ("kakao", "m4", "", "service:offers", "partner:sender", 2),
        ("sms", "m1", "marketing", "service:offers", "partner:sender", 2),
    ] == [
        (one.channel, one.message_id, one.purpose, one.caller, one.recipient, one.address_count)
        for one in lines
    ]
    stored = [str(one) async for one in platform.database["reveals"].find()]
    assert [] == [one for one in stored if "1111" in one or "a@b.test" in one]


async def test_addresses_follow_a_merge_and_a_withdrawal(platform: Platform) -> None:
    """Under the id that was merged away, too."""
    service = platform.client(Role.SERVICE)
    visitor = await known(service, ("device", "d-1"))
    member = await known(service, ("member", "ann"), ("email", "ann@b.test"))
    await known(service, ("member", "ann"), ("device", "d-1"))
    assert [("REVEALED", ["ann@b.test"])] == await reveal(service, "email", (visitor, "m1", ""))
    admin = platform.client(Role.ADMIN)
    await set_consent(admin, member, entry("email"))
    wanted = (visitor, "m2", "marketing")
    assert [("REVEALED", ["ann@b.test"])] == await reveal(service, "email", wanted)
    await set_consent(admin, member, entry("email", granted=False, at=None))
    assert [("NO_CONSENT", [])] == await reveal(service, "email", wanted)
    assert ["m2", "m1"] == [one.message_id for one in await log(admin, visitor)]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.PARTNER, Role.STAFF, Role.MARKETER])
async def test_people_and_partners_are_not_told(platform: Platform, role: Role) -> None:
    """Neither an address nor, but for admins, who was told one; a foreign tenant finds nobody."""
    service = platform.client(Role.SERVICE)
    ann = await known(service, ("member", "ann"), ("email", "a@b.test"))
    with pytest.raises(RpcFailure) as untold:
        await reveal(platform.client(role), "email", (ann, "m1", ""))
    assert Code.ROLE_NOT_ALLOWED == untold.value.code
    with pytest.raises(RpcFailure) as unseen:
        await log(service if role is Role.ADMIN else platform.client(role), ann)
    assert Code.ROLE_NOT_ALLOWED == unseen.value.code
    foreign = platform.client(Role.SERVICE, OTHER)
    assert [("CUSTOMER_NOT_FOUND", [])] == await reveal(foreign, "email", (ann, "m1", ""))
