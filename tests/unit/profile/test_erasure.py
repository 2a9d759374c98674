"""What is left to do until a customer is erased everywhere."""

from __future__ import annotations

from dataclasses import replace

from profile_service.consents import Decision
from profile_service.domain import ERASED, AnsweredRequest, Attributes, Customer
from profile_service.erasure import Erasure, Part, complete, extend, finish, next_part, tombstone

SETTLE_MS = 100
BEGUN = Erasure("shop", "u_1", b"r", b"f", "withdrawal", "admin:kim", 0, ("u_1", "u_2"))


def test_nothing_that_was_known_stays_in_the_tombstone() -> None:
    """One who was merged before still points on; a second time nothing changes."""
    customer = Customer(
        "shop",
        "u_1",
        4,
        10,
        True,
        Attributes("Kim", tags=("vip",)),
        requests=(AnsweredRequest(b"k", b"f"),),
        data_key=b"key",
        consents={"marketing.sms": Decision(True, 1, 1)},
    )
    buried = tombstone(customer)
    assert Customer("shop", "u_1", 5, 10, True, merged_into=ERASED) == buried
    assert buried.erased
    assert tombstone(buried) is buried
    merged = tombstone(replace(customer, merged_into="u_9"))
    assert ("u_9", Attributes(), False) == (merged.merged_into, merged.attributes, merged.erased)


def test_parts_follow_each_other_and_all_come_again_after_settling() -> None:
    """Offers may be through at any time, and is asked again as the others are."""
    assert Part.PROFILE is next_part(BEGUN, 0, SETTLE_MS)
    erasure = finish(BEGUN, Part.PROFILE, 5, 10)
    assert (10, Part.SEGMENTATION) == (erasure.gone_ms, next_part(erasure, 10, SETTLE_MS))
    erasure = finish(erasure, Part.SEGMENTATION, 2, 20)
    erasure = finish(erasure, Part.OFFERS, 7, 30)
    assert None is next_part(erasure, 109, SETTLE_MS)
    assert erasure == complete(erasure, 109, SETTLE_MS)
    assert Part.PROFILE is next_part(erasure, 110, SETTLE_MS)
    erasure = finish(erasure, Part.PROFILE, 1, 115)
    assert {Part.PROFILE: 115} == erasure.done
    erasure = finish(erasure, Part.OFFERS, 1, 117)
    assert Part.SEGMENTATION is next_part(erasure, 117, SETTLE_MS)
    assert not complete(erasure, 117, SETTLE_MS).completed_ms
    erasure = complete(finish(erasure, Part.SEGMENTATION, 2, 120), 120, SETTLE_MS)
    assert 120 == erasure.completed_ms
    assert {Part.PROFILE: 6, Part.SEGMENTATION: 4, Part.OFFERS: 8} == erasure.counts


def test_it_waits_for_offers() -> None:
    """However often the others are done."""
    erasure = finish(BEGUN, Part.PROFILE, 0, 10)
    erasure = finish(finish(erasure, Part.PROFILE, 0, 200), Part.SEGMENTATION, 0, 210)
    assert None is next_part(erasure, 300, SETTLE_MS)
    assert not complete(erasure, 300, SETTLE_MS).completed_ms
    done = finish(erasure, Part.OFFERS, 0, 310)
    assert 310 == complete(done, 310, SETTLE_MS).completed_ms


def test_who_turns_out_to_be_the_same_person_begins_it_anew() -> None:
    """All parts hear of the newcomer; hashes that are noted stay until the end."""
    erasure = replace(BEGUN, hashes=(b"h",), floor_ms=9)
    for part in (Part.PROFILE, Part.SEGMENTATION, Part.OFFERS):
        erasure = finish(erasure, part, 0, 200)
    erasure = complete(erasure, 300, 0)
    assert ((), 300) == (erasure.hashes, erasure.completed_ms)
    anew = extend(erasure, ["u_3", "u_1"])
    assert (("u_1", "u_2", "u_3"), {}, 0, 0) == (
        anew.customer_ids,
        anew.done,
        anew.gone_ms,
        anew.completed_ms,
    )
    assert Part.PROFILE is next_part(anew, 400, SETTLE_MS)
