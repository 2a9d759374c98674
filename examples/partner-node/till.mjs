// A till: somebody shows a card, buys shoes, pays less by a coupon. node till.mjs CARD
//
// DANGOL_PROFILE_TARGET, DANGOL_OFFERS_TARGET: host:port. DANGOL_TOKEN: a partner's token.
// DANGOL_PLAINTEXT=1: no encryption, on your own machine. Prints a line of JSON for each step, and
// waits for a line when the customer has to pay.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import grpc from '@grpc/grpc-js';
import { Dangol, DangolError } from './dangol.mjs';

const APPLIED = 'COUPON_OUTCOME_APPLIED';
const { env } = process;
const dangol = new Dangol({
  targets: { profile: env.DANGOL_PROFILE_TARGET, offers: env.DANGOL_OFFERS_TARGET },
  token: async () => env.DANGOL_TOKEN,
  ...(env.DANGOL_PLAINTEXT ? { credentials: grpc.credentials.createInsecure() } : {}),
  deadlineSeconds: Number(env.DANGOL_DEADLINE_SECONDS ?? 15),
});
const print = (line) => console.log(JSON.stringify(line));
const lines = createInterface({ input: process.stdin });

async function sell(card) {
  const identifier = { namespace: 'pos_card', value: card };
  const identified = await dangol.call('profile', 'CustomerService', 'IdentifyCustomer', {
    identifiers: [identifier],
  });
  const { customer_id } = identified.customer;
  const order_id = randomUUID();
  const price = 50_000;
  const cart = {
    currency_code: 'KRW',
    lines: [{ line_id: '1', product_id: 'shoes', quantity: 1, unit_price_minor_units: price }],
  };
  const offer = await dangol.call('offers', 'CouponService', 'EvaluateCart', {
    customer_id,
    cart,
  });
  const coupons = offer.best.map((one) => one.coupon_id);
  const held = [];
  for (const [number, coupon_id] of coupons.entries()) {
    const combined_coupon_ids = coupons.slice(number + 1);
    const step = { coupon_id, customer_id, order_id, cart, combined_coupon_ids };
    const answer = await dangol.call('offers', 'CouponService', 'HoldCoupon', step);
    print({ held: coupon_id, outcome: answer.outcome });
    // Whatever else came of it, docs/outcomes.md: sold without it.
    if (answer.outcome === APPLIED) held.push(answer);
  }

  const discount = held.reduce((sum, one) => sum + one.discount.minor_units, 0);
  print({ pay: offer.goods_amount.minor_units - discount });
  await once(lines, 'line');
  for (const { coupon } of held) {
    const step = { coupon_id: coupon.coupon_id, order_id, cart };
    const answer = await dangol.call('offers', 'CouponService', 'RedeemCoupon', step);
    const takenOff = answer.coupon?.redeemed_amount?.minor_units ?? 0;
    print({ redeemed: step.coupon_id, outcome: answer.outcome, takenOff });
  }

  const purchase = {
    event_id: randomUUID(),
    customer: identifier,
    type: 'purchase',
    occurred_at: { seconds: Math.floor(Date.now() / 1000) },
    channel: 'CHANNEL_STORE',
    order_id,
    items: [{ product_id: 'shoes', quantity: 1, unit_price_minor_units: price }],
    amount: { currency_code: cart.currency_code, minor_units: price - discount },
  };
  const tracked = await dangol.call('profile', 'EventService', 'RecordEvents', {
    events: [purchase],
  });
  print({ tracked: tracked.results[0].outcome });
}

try {
  await sell(process.argv[2] ?? '');
} catch (error) {
  if (!(error instanceof DangolError)) throw error;
  print({ failed: error.code, field: error.field, fix: error.fix });
}
lines.close();
dangol.close();
