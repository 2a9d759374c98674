// How the page talks to the gateway, and to the shop's own server beside it.

const TRIES_MAX = 3;
const RETRY_MILLISECONDS = 300;

export class RefusedError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export class Api {
  constructor(graphqlUrl) {
    this.graphqlUrl = graphqlUrl;
    this.session = JSON.parse(sessionStorage.getItem("session"));
  }

  /** Signs in at the shop, which answers with a token of its customer. */
  async signIn(name) {
    this.session = await this.shop("session", { name });
    sessionStorage.setItem("session", JSON.stringify(this.session));
  }

  signOut() {
    this.session = null;
    sessionStorage.removeItem("session");
  }

  /** The data of a query. */
  async ask(query, variables = {}) {
    const answer = await this.#post(this.graphqlUrl, { query, variables });
    if (answer.errors) {
      const [{ message, extensions }] = answer.errors;
      throw new RefusedError(extensions?.code ?? "UNKNOWN", message);
    }
    return answer.data;
  }

  /** A mutation's success. Each input has an id, so trying again changes nothing twice. */
  async change(query, input) {
    const [result] = Object.values(await this.ask(query, { input }));
    if (result.code) throw new RefusedError(result.code, result.message);
    return result;
  }

  /** What the shop's own server answers. */
  async shop(path, body) {
    const answer = await this.#post(path, body);
    if (answer.code) throw new RefusedError(answer.code, answer.message);
    return answer;
  }

  async #post(url, body) {
    const headers = { "content-type": "application/json" };
    if (this.session) headers.authorization = `Bearer ${this.session.token}`;
    const request = { method: "POST", headers, body: JSON.stringify(body) };
    for (let tries = 1; ; tries++) {
      const response = await fetch(url, request).catch(() => null);
      if (response && response.status < 500) return response.json();
      if (tries === TRIES_MAX) throw new RefusedError("UNAVAILABLE", "The shop can't be reached.");
      await new Promise((resolve) => setTimeout(resolve, tries * RETRY_MILLISECONDS));
    }
  }
}
