/** fetch with the limits that api-kit lacks: time, length, no redirect; and it keeps what an answer of 429 says. */

/** An answer that api-kit would lose the meaning of: too many requests, or a body beyond every limit. */
export class HttpAnswer extends Error {
  readonly answer: { status: number; message: string; retryAfter?: number };
  constructor(answer: HttpAnswer["answer"]) {
    super(answer.message);
    this.answer = answer;
  }
}

/** A page of 100 transactions with all their confirmations is far below this. */
const maxBytes = 8 << 20;

/** Covers head and body together with one limit of time. */
export function boundedFetch(timeoutMs: number): typeof fetch {
  return async (url, init = {}) => {
    const signal = AbortSignal.timeout(timeoutMs);
    // Lower-case method names are only normalised for some verbs by the fetch standard.
    const method = init.method?.toUpperCase() ?? "GET";
    const response = await fetch(url, { ...init, method, signal, redirect: "error" });
    if (response.status === 429) {
      await response.body?.cancel();
      throw new HttpAnswer({ status: 429, message: "too many requests", ...waitOf(response) });
    }
    return new Response(await boundedText(response), { status: response.status, statusText: response.statusText });
  };
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function waitOf(response: Response): { retryAfter?: number } {
  const text = response.headers.get("retry-after");
  if (text === null) return {};
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? { retryAfter: Math.max(0, seconds) } : {};
}

/** Null for an empty body: some statuses must have none. */
async function boundedText(response: Response): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes)
      throw new HttpAnswer({ status: 0, message: `an answer of more than ${maxBytes >> 20} MiB was cut off` });
    text += decoder.decode(chunk, { stream: true });
  }
  return text === "" ? null : text + decoder.decode();
}
