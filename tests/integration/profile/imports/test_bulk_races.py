"""Batches beside single calls, rotations and erasures."""

from __future__ import annotations

import asyncio
import uuid

from dangol_service_kit.auth import Role

from tests.integration.profile.harness import SHOP, Platform, eventually
from tests.integration.profile.imports.bulk import batch, outcome, row, send
from tests.integration.profile.privacy.erasing import Eraser
from tests.integration.profile.privacy.ring_file import RingFile
from tests.integration.profile.privacy.test_rotation import rotated_to

COUNT = 24


async def test_batches_and_single_calls_at_once_make_one_customer_of_each_person(
    platform: Platform,
) -> None:
    """Two imports that share addresses, and calls that name these: everybody is somebody once."""
    partner = platform.client()
    members = [row(n, ("member", f"m{n}"), ("email", f"e{n}")) for n in range(COUNT)]
    devices = [row(n, ("email", f"e{n}"), ("device", f"d{n}")) for n in range(COUNT)]
    (results, others), singles = await asyncio.gather(
        asyncio.gather(*(send(platform, partner, batch(rows)) for rows in (members, devices))),
        asyncio.gather(
            *(partner.identify(("device", f"d{n}"), ("email", f"e{n}")) for n in range(0, COUNT, 3))
        ),
    )
    assert not [one for one in (*results, *others) if one.code]
    assert COUNT // 3 == len(singles)
    for number in range(COUNT):
        names = (("member", f"m{number}"), ("email", f"e{number}"), ("device", f"d{number}"))
        found = [await partner.find(*name) for name in names]
        assert 1 == len({one.customer_id for one in found})
        assert ["customer", "device", "email", "member"] == sorted(
            set(found[0].identifier_namespaces)
        )
    alive = {"_id.t": SHOP, "merged_into": ""}
    assert COUNT == await platform.database.customers.count_documents(alive)


async def test_a_rotation_under_way_leaves_nothing_of_an_import_under_the_old_key(
    platform: Platform, ring: RingFile
) -> None:
    """Batches before, during and after; all of it opens, and lies under the new version."""
    partner = platform.client()
    sent = 0

    async def more() -> None:
        nonlocal sent
        rows = [
            row(n, ("member", f"m{sent}-{n}"), display_name=f"name {sent}-{n}") for n in range(20)
        ]
        sent += 1
        results = await send(platform, partner, batch(rows))
        assert {"CREATED"} == {outcome(one) for one in results}

    await more()
    ring.add(2)
    rotated = rotated_to(platform, 2)

    async def over() -> bool:
        await more()
        return bool(await rotated())

    await eventually(over)
    await more()
    versions = {
        found[field][0]
        for name, field in (("customers", "data_key"), ("identifiers", "k"))
        async for found in platform.database[name].find({"t": {"$in": [SHOP, None]}})
        if found.get(field)
    }
    assert {2} == versions
    for number in (0, sent - 1):
        found = await platform.client(Role.ADMIN).find("member", f"m{number}-7")
        assert f"name {number}-7" == found.display_name


async def test_who_was_erased_is_not_brought_back_by_the_same_batch(platform: Platform) -> None:
    """The batch again answers nobody; a later import makes somebody new, with nothing of before."""
    partner, eraser = platform.client(), Eraser(platform)
    sent = batch([row(1, ("member", "a"), display_name="Kim"), row(2, ("member", "b"))])
    gone, stays = await send(platform, partner, sent)
    await eraser.erase(gone.customer_id)
    await eraser.carry_out(gone.customer_id)
    again = await send(platform, partner, sent)
    assert [("CREATED", ""), ("CREATED", stays.customer_id)] == [
        (outcome(one), one.customer_id) for one in again
    ]
    renewed = batch([row(1, ("member", "a"), ("email", "new"))], str(uuid.uuid4()))
    (fresh,) = await send(platform, partner, renewed)
    assert "CREATED" == outcome(fresh)
    assert gone.customer_id != fresh.customer_id
    found = await platform.client(Role.ADMIN).get(fresh.customer_id)
    assert ("", True) == (found.display_name, found.member)
