/**
 * One GET to an address of policy: bounded in time and length, no redirect, and never to a place on the operator's own
 * network that policy does not name. What a name resolves to is looked at when it is connected to, so that a name which
 * means something else from one moment to the next gains nothing.
 */

import { type LookupAddress, lookup as resolve } from "node:dns";
import { Agent, type IncomingMessage, request as plainRequest, type RequestOptions } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { type ChainPolicy, mayBeAsked, mayBeInside } from "../domain/chain-policy.ts";

export interface CarefulGet {
  /** Rejects with an Error whose message is a clause for people, without the address: keys may be in it. */
  get(url: string): Promise<{ status: number; body: string }>;
  close(): void;
}

/** Two orders of magnitude more than a value needs. */
const maxBytes = 256 << 10;

/** Connections to one host: a Prometheus may be asked for hundreds of values. */
const maxSockets = 8;

/** Nobody's server: metadata of clouds and other link-local places, multicast, what is no address. */
const never = ranges(
  ["0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "100.100.100.200/32"],
  ["::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128"],
);
/** Not on the public internet, or a way of writing what may not be (RFC 6890; NAT64, 6to4, Teredo, IPv4-compatible). */
const inside = ranges(
  ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15"],
  ["::/96", "fc00::/7", "fec0::/10", "64:ff9b::/32", "2001::/32", "2002::/16"],
);

/** `timeoutMs` is for all of an answer. */
export function carefulGet(where: Pick<ChainPolicy, "environment" | "privateHosts">, timeoutMs = 5_000): CarefulGet {
  const agents = {
    plain: new Agent({ keepAlive: true, maxSockets }),
    tls: new TlsAgent({ keepAlive: true, maxSockets }),
  };

  async function get(text: string): Promise<{ status: number; body: string }> {
    const url = new URL(text);
    // Those who ask for the same host share its connections, and are judged alike.
    const own = mayBeInside(url, where);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (!mayBeAsked(url, where)) throw new Error("it is asked by https alone");
    // What is written as numbers is not looked up.
    if (isIP(host) !== 0) refuseInside([{ address: host, family: isIP(host) }], own);
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = { accept: "application/json", "accept-encoding": "identity" };
    const options = {
      signal,
      headers,
      lookup: lookupOf(own),
      agent: url.protocol === "https:" ? agents.tls : agents.plain,
    };
    try {
      const response = await opened(url, options);
      return { status: response.statusCode ?? 0, body: await bounded(response) };
    } catch (cause) {
      throw signal.aborted ? new Error(`it took longer than ${timeoutMs / 1000} s`, { cause }) : inWords(cause);
    }
  }
  return {
    get,
    close() {
      agents.plain.destroy();
      agents.tls.destroy();
    },
  };
}

/** Once more where the server had closed a connection that was kept for it. */
function opened(url: URL, options: RequestOptions, isAgain = false): Promise<IncomingMessage> {
  return new Promise((answered, failed) => {
    const sent = (url.protocol === "https:" ? tlsRequest : plainRequest)(url, options, answered);
    sent.on("error", (fault: NodeJS.ErrnoException) => {
      if (isAgain || !sent.reusedSocket || fault.code !== "ECONNRESET") failed(fault);
      else opened(url, options, true).then(answered, failed);
    });
    sent.end();
  });
}

/** A clause that this file made itself. */
class Clause extends Error {}

function inWords(cause: unknown): Error {
  if (cause instanceof Clause) return cause;
  const { code } = cause as { code?: unknown };
  return new Error(`no answer came${typeof code === "string" ? ` (${code})` : ""}`, { cause });
}

async function bounded(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      response.destroy();
      throw new Clause(`the answer is longer than ${maxBytes >> 10} KiB`);
    }
    chunks.push(chunk);
  }
  if (!response.complete) throw new Clause("the answer broke off");
  return Buffer.concat(chunks).toString("utf8");
}

/** Looks a name up and lets the connection have what was found, all of it or nothing. */
function lookupOf(own: boolean): LookupFunction {
  return (name, options, done) => {
    resolve(name, { ...options, all: true }, (fault, found) => {
      if (fault !== null) return done(fault, []);
      try {
        refuseInside(found, own);
      } catch (refused) {
        return done(refused as Error, []);
      }
      const [first] = found;
      if (options.all === true || first === undefined) done(null, found);
      else done(null, first.address, first.family);
    });
  };
}

function refuseInside(found: readonly LookupAddress[], own: boolean): void {
  for (const { address, family } of found) {
    const kind = family === 6 ? "ipv6" : "ipv4";
    if (never.check(address, kind)) throw new Clause(`it is at ${address}, which is nobody's server`);
    if (!own && inside.check(address, kind))
      throw new Clause(`it is at ${address}, inside of a network, and chains.yaml does not name it under privateHosts`);
  }
}

function ranges(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  const add = (range: string, kind: "ipv4" | "ipv6") => {
    const [net = "", bits] = range.split("/");
    list.addSubnet(net, Number(bits), kind);
  };
  for (const range of v4) add(range, "ipv4");
  for (const range of v6) add(range, "ipv6");
  return list;
}
