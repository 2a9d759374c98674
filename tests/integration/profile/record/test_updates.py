"""Writing the record: what is refused by name, and that nothing is lost."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import LAB, Platform
from tests.integration.profile.record.recording import change, refused, update


async def test_bad_updates_are_typed_errors_and_nothing_is_lost(platform: Platform) -> None:
    """A wrong version, a read-only or unknown path, a name that is personal, too much of it."""
    admin = platform.client(Role.ADMIN)
    before = (await admin.identify(("member", "m-1"), display_name="Kim")).customer
    request = update(before, "personal_fields.allergy", "fields.size", "tier", tier="gold")
    request.customer.personal_fields["allergy"].text = "nuts"
    request.customer.fields["size"].number = "270"
    held = await change(admin, request)

    stale = update(before, "tier", tier="vip")
    lost = await refused(change(admin, stale), Code.VERSION_CONFLICT, "customer.version")
    assert {"version": str(held.version)} == dict(lost.metadata)
    for path in ("member", "order_count", "consents", "nonsense", "birth_date.year"):
        await refused(change(admin, update(held, path)), Code.FIELD_INVALID, "update_mask.paths[0]")
    plain = update(held, "fields.allergy")
    plain.customer.fields["allergy"].text = "none"
    await refused(change(admin, plain), Code.FIELD_INVALID, "customer.fields[allergy]")
    whole = update(held, "fields")
    whole.customer.fields["allergy"].text = "none"
    await refused(change(admin, whole), Code.FIELD_INVALID, "customer.fields[allergy]")

    large = update(held, "note", note="x" * 10_000_000)
    with pytest.raises(RpcFailure) as too_large:
        await change(admin, large)
    assert Code.BATCH_TOO_LARGE is too_large.value.code
    many = update(held, "fields")
    for number in range(65):
        many.customer.fields[f"f{number}"].text = "x" * 1024
    await refused(change(admin, many), Code.FIELD_INVALID, "customer.fields")
    assert held == await admin.get(held.customer_id)

    # What takes the personal one away in the same request may use its name.
    moved = update(held, "fields.allergy", "personal_fields.allergy")
    moved.customer.fields["allergy"].text = "none"
    after = await change(admin, moved)
    assert ({"allergy", "size"}, 0) == (set(after.fields), len(after.personal_fields))


async def test_one_field_at_a_time_does_not_outgrow_the_limit(platform: Platform) -> None:
    """Nor two halves of it."""
    admin = platform.client(Role.ADMIN)
    customer = (await admin.identify(("member", "m-1"))).customer
    names = [f"f{number}" for number in range(64)]
    full = update(customer, "fields")
    for name in names:
        full.customer.fields[name].flag = True
    customer = await change(admin, full)
    more = update(customer, "fields.g")
    more.customer.fields["g"].flag = True
    await refused(change(admin, more), Code.FIELD_INVALID, "customer.fields")
    swap = update(customer, "fields.g", "fields.f0")
    swap.customer.fields["g"].flag = True
    assert 64 == len((await change(admin, swap)).fields)


async def test_of_writers_at_once_one_wins_and_the_others_are_told(platform: Platform) -> None:
    """Each wins once it has read again, so all of their tags are there."""
    admin = platform.client(Role.ADMIN)
    customer = (await admin.identify(("member", "m-1"))).customer

    async def add(tag: str) -> int:
        conflicts = 0
        while True:
            held = await admin.get(customer.customer_id)
            try:
                await change(admin, update(held, "tags", tags=[*held.tags, tag]))
            except RpcFailure as failure:
                if failure.code is not Code.VERSION_CONFLICT:
                    raise
                conflicts += 1
            else:
                return conflicts

    await asyncio.gather(*(add(f"t{number}") for number in range(8)))
    held = await admin.get(customer.customer_id)
    assert ({f"t{number}" for number in range(8)}, 9) == (set(held.tags), held.version)


async def test_an_identifier_sent_twice_is_refused_and_nobody_is_created(
    platform: Platform,
) -> None:
    """By its place in the request."""
    partner = platform.client()
    names = [("member", "m-1"), ("phone", "010-1234-5678"), ("member", "m-1")]
    await refused(partner.identify(*names), Code.FIELD_INVALID, "identifiers[2]")
    with pytest.raises(RpcFailure) as nobody:
        await partner.find("member", "m-1")
    assert Code.CUSTOMER_NOT_FOUND is nobody.value.code


async def test_a_lunar_birth_date_is_kept_with_its_solar_day(platform: Platform) -> None:
    """Rules get the lunar day; the other calendar's date takes its place and gives it back."""
    admin = platform.client(Role.ADMIN, LAB)
    leap = pb.LunarDate(year=2020, month=4, day=8, leap_month=True)
    customer = (await admin.identify(("member", "m-1"), lunar_birth_date=leap)).customer
    assert (leap, "2020-05-30") == (customer.lunar_birth_date, customer.birth_date)
    assert "L04-08+" == platform.segmentation.evaluated[-1].customers[0].profile.birthday

    solar = await change(admin, update(customer, "birth_date", birth_date="1990-05-17"))
    assert (False, "1990-05-17") == (solar.HasField("lunar_birth_date"), solar.birth_date)
    assert "05-17" == platform.segmentation.evaluated[-1].customers[0].profile.birthday

    me = platform.client(Role.CUSTOMER, LAB, subject=customer.customer_id)
    day = pb.LunarDate(month=12, day=30)
    mine = await change(me, update(solar, "lunar_birth_date", lunar_birth_date=day))
    assert (day, "") == (mine.lunar_birth_date, mine.birth_date)
    stored = await platform.database.customers.find_one({"_id.c": customer.customer_id})
    assert [] == [word for word in ("12-30", "2020", "1990") if word in str(stored)]

    none = pb.LunarDate(year=2021, month=4, day=8, leap_month=True)
    no_day = update(mine, "lunar_birth_date", lunar_birth_date=none)
    await refused(change(admin, no_day), Code.FIELD_INVALID, "customer.lunar_birth_date")
    both = update(mine, "lunar_birth_date", "birth_date", lunar_birth_date=leap)
    await refused(change(admin, both), Code.FIELD_INVALID, "update_mask.paths")


async def test_customers_keep_preferences_of_their_own(platform: Platform) -> None:
    """Whole or by name; an empty one goes."""
    partner = platform.client()
    own = (await partner.identify(("member", "m-1"))).customer
    me = platform.client(Role.CUSTOMER, subject=own.customer_id)
    request = update(own, "preferences")
    request.customer.preferences["style"].values.extend(["plain", "bold"])
    request.customer.preferences["promotion"].values.extend(["points"])
    after = await change(me, request)
    found = {name: list(one.values) for name, one in after.preferences.items()}
    assert {"style": ["plain", "bold"], "promotion": ["points"]} == found
    less = await change(me, update(after, "preferences.style", request_id=str(uuid.uuid4())))
    assert ["promotion"] == list(less.preferences)
