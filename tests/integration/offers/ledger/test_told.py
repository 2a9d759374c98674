"""What happens to coupons is counted by step, each step once, however often it is asked for."""

from __future__ import annotations

import uuid
from typing import Any

from dangol_service_kit.metrics import Metrics
from offers_service.service_kpis import observe_coupons


async def test_every_step_of_a_coupon_is_counted_once(shop: Any) -> None:
    """Issued one by one and as a list, held, redeemed, reversed, given and claimed; a repeated
    request, a refusal and a gift that is looked at are no step."""
    tally = shop.parts.accounts.tally
    before = dict(tally.counts)
    await shop.add_offer("counted")
    await shop.issue_list([f"told-{number}" for number in range(3)], offer_ids=["counted"])
    await shop.issue_list([f"told-{number}" for number in range(4)], offer_ids=["counted"])
    coupon_id = (await shop.issue(offer_id="counted")).coupon.coupon_id
    hold_id, redeem_id = str(uuid.uuid4()), str(uuid.uuid4())
    for _ in range(2):
        await shop.hold(coupon_id, request_id=hold_id)
        await shop.redeem(coupon_id, request_id=redeem_id)
    await shop.redeem(coupon_id, order_id="another")
    await shop.reverse(coupon_id)
    given = await shop.gift(coupon_id)
    await shop.claim(given.token)
    added = {step: count - before[step] for step, count in tally.counts.items()}
    once = dict.fromkeys(("held", "redeemed", "reversed", "gifted", "claimed"), 1)
    never = dict.fromkeys(("released", "revoked", "returned"), 0)
    assert {"issued": 5, **once, **never} == added
    metrics = Metrics("offers", "127.0.0.1:0")
    observe_coupons(metrics, tally)
    _, text = metrics.expose()
    await metrics.stop()
    line = f'dangol_offers_coupons_total{{step="claimed"}} {tally.counts["claimed"]}.0'
    assert line in text.decode().splitlines()
