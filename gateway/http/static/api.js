// Requests with the agent's token. Every refusal becomes a Refusal whose message can be shown.

const KEPT = "trunkline.token";

const LOOKS_MAX = 4; // a look that is put off is of no use for ever

const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export class Refusal extends Error {
  /** `again`: after so many seconds there may be room; 0 where waiting is no remedy. */
  constructor(status, message, again = 0) {
    super(message);
    this.status = status;
    this.again = again;
  }
}

/** The token of the address (which it is removed from) or of this tab; null if there is none. */
export function takeToken() {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (found) {
    history.replaceState(null, "", location.pathname);
    keepToken(found);
  }
  return sessionStorage.getItem(KEPT);
}

export const keepToken = (token) => sessionStorage.setItem(KEPT, token);
export const forgetToken = () => sessionStorage.removeItem(KEPT);

export class Api {
  #token;
  #refused;

  /** `refused` is called when the token opens nothing any more. */
  constructor(token, refused) {
    this.#token = token;
    this.#refused = refused;
  }

  get = (path) => this.#patiently(() => this.#json("GET", path));
  post = (path, body, headers) => this.#json("POST", path, body, headers);
  patch = (path, body) => this.#json("PATCH", path, body);
  put = (path, body) => this.#json("PUT", path, body);
  delete = (path, body) => this.#json("DELETE", path, body);

  /** The answer itself, for streams and files. */
  async raw(path, options = {}) {
    const headers = { ...options.headers, Authorization: `Bearer ${this.#token}` };
    let answer;
    try {
      answer = await fetch(path, { ...options, headers, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refusal(0, "Trunkline cannot be reached. Nothing is lost: try again.");
    }
    if (!answer.ok) throw await this.#refusal(answer);
    return answer;
  }

  async upload(file) {
    const headers = { "X-Filename": encodeURIComponent(file.name) };
    if (file.type) headers["Content-Type"] = file.type;
    const answer = await this.raw("/api/v1/attachments", { method: "POST", headers, body: file });
    return answer.json();
  }

  /** Whoever looks gives way to agents who write, and would else be shown what was before. */
  async #patiently(look) {
    for (let looks = 1; ; looks += 1) {
      try {
        return await look();
      } catch (error) {
        if (!error.again || looks === LOOKS_MAX) throw error;
        await wait(error.again);
      }
    }
  }

  async #json(method, path, body, headers = {}) {
    const options = { method, headers: { ...headers } };
    if (body !== undefined) {
      options.headers["Content-Type"] = "application/json";
      options.body = JSON.stringify(body);
    }
    const answer = await this.raw(path, options);
    return answer.status === 204 ? null : answer.json();
  }

  async #refusal(answer) {
    if (answer.status === 401) this.#refused();
    const problem = await answer.json().catch(() => ({}));
    const again = problem.code === "overloaded" ? Number(answer.headers.get("Retry-After")) : 0;
    const message = problem.detail ?? `Trunkline answered ${answer.status}.`;
    return new Refusal(answer.status, message, again);
  }
}

/** A new Idempotency-Key. (randomUUID exists only on https and this machine's own names.) */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
