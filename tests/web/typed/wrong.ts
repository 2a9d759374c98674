// Two mistakes that the compiler has to find; the test says where.
import { ask } from "./client.js";
import { GiftDocument, MeDocument } from "./generated/operations.js";

const cart = { currencyCode: "KRW", lines: [{ lineId: "1", unitPriceMinorUnits: 89000 }] };

export async function misspell(url: string, token: string) {
  const { me } = await ask(url, token, MeDocument, { cart, shopping: true });
  const wrong = me.customer?.reveneu;
  const { gift } = await ask(url, token, GiftDocument, { token });
  const alsoWrong: "GIVEN" | undefined = gift?.state ?? undefined;
  return [wrong, alsoWrong];
}
