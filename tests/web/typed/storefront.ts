// Every operation of the storefront, used with its types.
import { ask } from "./client.js";
import {
  ClaimGiftDocument,
  GiftDocument,
  HoldDocument,
  MeDocument,
  OfferGiftDocument,
  ProductsDocument,
  TrackDocument,
} from "./generated/operations.js";

const cart = { currencyCode: "KRW", lines: [{ lineId: "1", unitPriceMinorUnits: 89000 }] };

export async function visit(url: string, token: string, customerId: string): Promise<string[]> {
  const { me } = await ask(url, token, MeDocument, { cart, shopping: true });
  const { products } = await ask(url, token, ProductsDocument, {});
  const names = products?.nodes.map((product) => product.name ?? product.id) ?? [];
  const event = {
    eventId: crypto.randomUUID(),
    customer: { namespace: "customer", value: customerId },
    type: "visit",
    occurredAt: new Date().toISOString(),
    channel: "WEB" as const,
  };
  const { track } = await ask(url, token, TrackDocument, { input: { events: [event] } });
  const outcome = "results" in track ? track.results[0]?.outcome : track.code;
  return [me.greeting?.text ?? "", outcome ?? "", ...names];
}

export async function hold(url: string, token: string, customerId: string): Promise<number> {
  const { me } = await ask(url, token, MeDocument, { cart, shopping: true });
  const couponId = me.savings?.best[0]?.couponId;
  if (couponId === undefined) return 0;
  const requestId = crypto.randomUUID();
  const input = { requestId, couponId, customerId, orderId: crypto.randomUUID(), cart };
  const { holdCoupon } = await ask(url, token, HoldDocument, { input });
  // Without the question, `discount` is no property: a refusal has none.
  if ("code" in holdCoupon) throw new Error(holdCoupon.code);
  return holdCoupon.discount?.minorUnits ?? 0;
}

export async function give(url: string, token: string, couponId: string, giver: string) {
  const input = { requestId: crypto.randomUUID(), couponId, giverCustomerId: giver };
  const { offerGift } = await ask(url, token, OfferGiftDocument, { input });
  if ("code" in offerGift) throw new Error(offerGift.code);
  return offerGift.token;
}

export async function claim(url: string, token: string, gift: string, claimer: string) {
  const shown = await ask(url, token, GiftDocument, { token: gift });
  if (shown.gift?.state !== "OFFERED") return undefined;
  const input = { requestId: crypto.randomUUID(), token: gift, claimerCustomerId: claimer };
  const { claimGift } = await ask(url, token, ClaimGiftDocument, { input });
  if ("code" in claimGift) throw new Error(claimGift.code);
  return claimGift.coupon?.id;
}
