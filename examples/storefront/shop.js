// What a customer does in the shop, without a word about the page that shows it.

import { CLAIM_GIFT, GIFT, HOLD, ME, OFFER_GIFT, PRODUCTS, TRACK } from "./documents.js";

const requestId = () => crypto.randomUUID();

export class Shop {
  constructor(api) {
    this.api = api;
    this.products = [];
    this.order = newOrder();
  }

  get customerId() {
    return this.api.session.customerId;
  }

  async loadProducts() {
    this.products = (await this.api.ask(PRODUCTS)).products.nodes;
  }

  /** All that the page shows of this customer and this cart, in one query. */
  async me() {
    const { id, lines } = this.order;
    const variables = { cart: this.#cart(), orderId: id, shopping: lines.length > 0 };
    return (await this.api.ask(ME, variables)).me;
  }

  /** Tells that the customer looked at a product. */
  async view(productId) {
    const { category, price } = this.#product(productId);
    const item = { productId, category, unitPriceMinorUnits: price.minorUnits };
    await this.#track("product_view", { items: [item] });
  }

  async addToCart(productId) {
    const line = this.order.lines.find((one) => one.productId === productId);
    if (line) line.quantity += 1;
    else this.order.lines.push({ productId, quantity: 1 });
    const { category, price } = this.#product(productId);
    const item = { productId, category, unitPriceMinorUnits: price.minorUnits };
    await this.#track("cart_add", { cartId: this.order.id, items: [item] });
  }

  /**
   * Holds the best coupons for this order, then orders. The shop's server, which takes the money,
   * uses the coupons up: a page could not be trusted to.
   */
  async checkOut() {
    const { savings } = await this.me();
    const couponIds = savings.best.map((one) => one.couponId);
    for (const [place, couponId] of couponIds.entries()) {
      await this.api.change(HOLD, {
        requestId: requestId(),
        couponId,
        customerId: this.customerId,
        orderId: this.order.id,
        cart: this.#cart(),
        combinedCouponIds: couponIds.slice(place + 1),
      });
    }
    const { id, lines } = this.order;
    const receipt = await this.api.shop("orders", { orderId: id, lines, couponIds });
    this.order = newOrder();
    return receipt;
  }

  /** A link for whoever shall have the coupon. */
  async give(couponId) {
    const input = { requestId: requestId(), couponId, giverCustomerId: this.customerId };
    const { token } = await this.api.change(OFFER_GIFT, input);
    // Behind the #: what stands there is in no server's log.
    return new URL(`#gift=${token}`, location.href).href;
  }

  /** What a link holds; looking at it claims nothing. */
  async gift(token) {
    return (await this.api.ask(GIFT, { token })).gift;
  }

  async claim(token) {
    const input = { requestId: requestId(), token, claimerCustomerId: this.customerId };
    return this.api.change(CLAIM_GIFT, input);
  }

  async #track(type, more) {
    const event = {
      eventId: requestId(),
      customer: { namespace: "customer", value: this.customerId },
      type,
      occurredAt: new Date().toISOString(),
      channel: "WEB",
      ...more,
    };
    const { results } = await this.api.change(TRACK, { events: [event] });
    if (results[0].outcome === "REJECTED") throw new Error(results[0].message);
  }

  #product(productId) {
    return this.products.find((one) => one.id === productId);
  }

  #cart() {
    const lines = this.order.lines.map(({ productId, quantity }, place) => {
      const { category, price } = this.#product(productId);
      const unitPriceMinorUnits = price.minorUnits;
      return { lineId: String(place + 1), productId, category, quantity, unitPriceMinorUnits };
    });
    return { currencyCode: this.products[0].price.currencyCode, lines };
  }
}

function newOrder() {
  return { id: crypto.randomUUID(), lines: [] };
}
