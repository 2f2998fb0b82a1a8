/** One POST to an address of the configuration: bounded in time and length, no redirect, and what the answer means. */

import { PagerFault } from "../pager-port.ts";

export interface Answer {
  status: number;
  body: string;
}

/** An answer says in a few words whether it was taken. */
const maxBytes = 64 << 10;

/** Throws {@link PagerFault} where no answer came, or it asked to wait; every other status is the caller's to judge. */
export async function postJson(
  name: string,
  url: string,
  body: string,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await boundedText(response);
    if (response.status === 429) throw new PagerFault(`${name} asked to wait.`, { retryAfter: waitOf(response) });
    return { status: response.status, body: text };
  } catch (cause) {
    if (cause instanceof PagerFault) throw cause;
    throw new PagerFault(`${name} did not answer.`, { cause });
  }
}

/** Seconds (RFC 9110, 10.2.3), at most a minute: an alarm does not wait longer. */
function waitOf(response: Response): bigint {
  const text = response.headers.get("retry-after") ?? "";
  return BigInt(Math.min(60, /^\d{1,6}$/.test(text) ? Math.max(1, Number(text)) : 15));
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) break;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
