// The server's HTTP API, one function per route.

/** A refused or failed call: `status` 0 means that the server did not answer. */
export class ApiError extends Error {
  constructor(status, message, fields = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

async function call(path, body) {
  const options = body === undefined
    ? { headers: { Accept: "application/json" }, cache: "no-store" }
    : {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(body),
      };
  let response;
  try {
    response = await fetch(path, { ...options, credentials: "same-origin" });
  } catch {
    throw new ApiError(0, "The server does not answer. Nothing is lost; try again in a moment.");
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  const sentence = typeof answer?.error === "string" ? answer.error : `That did not work (answer ${response.status}). Try again in a moment.`;
  throw new ApiError(response.status, sentence, answer?.fields ?? {});
}

const enc = encodeURIComponent;

export const people = () => call("/api/people");
export const chat = (email) => call(`/api/chats/${enc(email)}`);
export const tools = (as) => call(`/api/tools?as=${enc(as)}`);
export const suggestions = (as) => call(`/api/suggestions?as=${enc(as)}`);
export const estate = () => call("/api/estate");
export const request = (id) => call(`/api/requests/${enc(id)}`);
export const say = (as, text, id) => call("/api/chats", { as, text, id });
export const ask = (as, tool, values, note) => call("/api/requests", { as, tool, arguments: values, note });
export const act = (as, card, action, values) => call("/api/actions", { as, card, action, values });
export const preview = (as, card, values) => call("/api/previews", { as, card, values });

/** Gives a random UUID, also where the page is not served securely and `randomUUID` is missing. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
