/** Turns what goes wrong at an RPC into a {@link ChainFault} that a person can read and that holds no secret. */

import type { ChainId } from "../domain/primitives.ts";
import { ChainFault } from "../ports.ts";

/** How an endpoint is named to people: its chain and its host, never path, query or credentials, where keys are kept. */
export interface EndpointName {
  chain: ChainId;
  url: URL;
}

/** The endpoint in a sentence: `the RPC of chain eip155:1 at node.example:8545`. */
function named({ chain, url }: EndpointName): string {
  return `the RPC of chain ${chain} at ${url.host}`;
}

/** Text from outside, as one short inert line without what the URL keeps secret. */
export function inert(text: string, url?: URL): string {
  let line = text;
  for (const secret of url ? secrets(url) : []) line = line.replaceAll(secret, "***");
  line = line
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/[`*_~<>|@[\]]/g, " ")
    .replace(/ {2,}/g, " ")
    .trim();
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}

function secrets(url: URL): string[] {
  const parts = [url.href, url.search, url.pathname, url.username, url.password, ...url.pathname.split("/")];
  const all = [...parts, ...url.searchParams.values()];
  return all.flatMap((part) => [part, safeDecode(part)]).filter((part) => part.length >= 6);
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A fault about one endpoint. `rest` ends the sentence that starts with the endpoint's name. */
export function endpointFault(kind: ChainFault["kind"], name: EndpointName, rest: string, cause?: unknown): ChainFault {
  const subject = named(name);
  const sentence = `${subject.charAt(0).toUpperCase()}${subject.slice(1)} ${rest}`;
  // The cause goes to logs: keep its words, not its object, which may hold the request with the key in it.
  const options = cause === undefined ? undefined : { cause: new Error(inert(wordsOf(cause), name.url)) };
  return new ChainFault(kind, sentence, options);
}

function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause instanceof Error ? ` (${cause.cause.message})` : "";
  return `${cause.message}${inner}`;
}

/** Why a connection failed, in words: from Node's and undici's error codes. */
export function connectionReason(error: unknown): string {
  const code = codeOf(error);
  const reasons: Record<string, string> = {
    ECONNREFUSED: "the connection was refused",
    ECONNRESET: "the connection was cut",
    UND_ERR_SOCKET: "the connection was cut",
    EPIPE: "the connection was cut",
    ENOTFOUND: "there is no host of that name",
    EAI_AGAIN: "its name could not be looked up",
    EHOSTUNREACH: "there is no route to it",
    ENETUNREACH: "there is no route to it",
    ETIMEDOUT: "the connection timed out",
    UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
    CERT_HAS_EXPIRED: "its certificate has expired",
  };
  return reasons[code] ?? (code === "" ? "the connection failed" : `the connection failed (${code})`);
}

function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause)
    if ("code" in at && typeof at.code === "string") return at.code;
  return "";
}
