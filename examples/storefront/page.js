// Shows the shop and passes on what is clicked.

import { Api } from "./api.js";
import { Shop } from "./shop.js";

const find = (id) => document.getElementById(id);
const { graphql } = await (await fetch("shop.json")).json();
const api = new Api(graphql);
const shop = new Shop(api);

const money = ({ minorUnits, currencyCode }) => {
  const format = new Intl.NumberFormat("ko-KR", { style: "currency", currency: currencyCode });
  const { maximumFractionDigits } = format.resolvedOptions();
  return format.format(minorUnits / 10 ** maximumFractionDigits);
};

/** An element with text, which the browser escapes, and other elements in it. */
function element(name, attributes, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

function button(name, text, onclick) {
  return element("button", { name, type: "button", onclick: guarded(onclick) }, text);
}

/** Runs what a click asks for, then shows the page anew; says what went wrong. */
function guarded(action) {
  return async (event) => {
    event?.preventDefault();
    find("problem").textContent = "";
    document.body.ariaBusy = "true";
    try {
      await action();
      await show();
    } catch (error) {
      find("problem").textContent = `${error.code ?? "ERROR"}: ${error.message}`;
    } finally {
      document.body.ariaBusy = "false";
    }
  };
}

async function show() {
  find("sign-in").hidden = Boolean(api.session);
  find("shop").hidden = !api.session;
  find("gift").hidden = true;
  if (!api.session) return;
  if (shop.products.length === 0) await shop.loadProducts();
  const me = await shop.me();
  find("greeting").textContent = me.greeting.text;
  find("tier").textContent = me.tier?.displayName ?? "";
  find("curious").hidden = !me.segments.some((one) => one.segmentId === "storefront-curious");
  find("viewed").replaceChildren(
    ...me.customer.recentlyViewed.map((one) => element("li", {}, one.product?.name ?? one.productId)),
  );
  find("products").replaceChildren(...shop.products.map(productItem));
  find("coupons").replaceChildren(...me.coupons.nodes.map(couponItem));
  showCart(me.savings);
  await showGift();
}

function productItem(product) {
  const item = element("li", {}, `${product.name} ${money(product.price)} `);
  item.dataset.id = product.id;
  item.append(
    button("view", "Look", () => shop.view(product.id)),
    button("add", "Add to cart", () => shop.addToCart(product.id)),
  );
  return item;
}

function couponItem(coupon) {
  const item = element("li", {}, `${coupon.offer.displayName} (${coupon.state}) `);
  item.dataset.id = coupon.id;
  item.dataset.state = coupon.state;
  if (coupon.state === "AVAILABLE" && coupon.offer.giftable) {
    const give = async () => {
      find("gift-link").value = await shop.give(coupon.id);
    };
    item.append(button("give", "Give as a gift", give));
  }
  return item;
}

function showCart(savings) {
  const { lines } = shop.order;
  find("cart").hidden = !savings;
  if (!savings) return;
  find("lines").textContent = lines.map((one) => `${one.quantity} x ${one.productId}`).join(", ");
  find("discount").textContent = money(savings.discount);
  find("total").textContent = money(savings.total);
}

async function showGift() {
  const token = new URLSearchParams(location.hash.slice(1)).get("gift");
  const gift = token && (await shop.gift(token));
  if (!gift || gift.state !== "OFFERED") return;
  find("gift").hidden = false;
  find("gift-offer").textContent = gift.offer.displayName;
}

async function checkOut() {
  const receipt = await shop.checkOut();
  find("receipt").textContent = `Paid ${money(receipt.total)}, saved ${money(receipt.discount)}.`;
}

async function claim() {
  await shop.claim(new URLSearchParams(location.hash.slice(1)).get("gift"));
  history.replaceState(null, "", location.pathname);
}

find("sign-in").onsubmit = guarded(() => api.signIn(find("name").value));
find("pay").onclick = guarded(checkOut);
find("claim").onclick = guarded(claim);
find("sign-out").onclick = guarded(async () => api.signOut());
window.onhashchange = guarded(async () => {});
await guarded(async () => {})();
