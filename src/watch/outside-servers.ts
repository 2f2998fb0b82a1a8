/**
 * Metrics whose value another server gives. A server is asked beside whatever else a block needs, once an interval at most,
 * and waited for only as long as it keeps on answering quickly: its slowness must not become the chain's.
 */

import type { Block } from "../block-reads.ts";
import { ageOf } from "../domain/watch/head-age.ts";
import { type HttpAnswer, httpAddress, judgeHttp } from "../domain/watch/http-reading.ts";
import type { OutsideReading } from "../domain/watch/outside.ts";
import type { HttpSource } from "../domain/watch/sources.ts";
import type { Clock } from "../ports.ts";
import type { CarefulGet } from "./careful-get.ts";
import type { AskedOutside } from "./outside-readings.ts";

export interface Servers {
  readings(asked: readonly AskedOutside[], block: Block): Promise<[key: string, OutsideReading][]>;
}

/** What is known of one address. */
interface Server {
  /** Wall time of the newest question, seconds. */
  asked: bigint;
  running: Promise<void> | undefined;
  /** What came last: an answer, or a clause why none did. */
  last: HttpAnswer | string;
  isQuick: boolean;
}

/** Milliseconds that a block waits for a server. */
const usualPatience = 250;

export function outsideServers(get: CarefulGet["get"], clock: Clock, patience = usualPatience): Servers {
  const servers = new Map<string, Server>();

  function ask(address: string, interval: bigint): Server {
    const now = clock.now();
    const known = servers.get(address);
    const pause = interval > 1n ? interval : 1n;
    if (known !== undefined && (known.running !== undefined || now < known.asked + pause)) return known;
    const server: Server = known ?? { asked: now, running: undefined, last: "no answer came yet", isQuick: true };
    servers.set(address, server);
    server.asked = now;
    server.running = get(address)
      .then(
        (answer) => ({ ...answer, at: now }),
        (fault: Error) => fault.message,
      )
      .then((last) => {
        server.last = last;
        server.running = undefined;
      });
    return server;
  }

  async function answered(server: Server): Promise<void> {
    if (server.running === undefined) return;
    if (server.isQuick) await inTime(server.running, patience);
    server.isQuick = server.running === undefined;
  }

  return {
    async readings(asked, block) {
      const wanted = asked.flatMap((one) =>
        one.metric.read.kind === "http" ? [{ ...one, read: one.metric.read }] : [],
      );
      return Promise.all(wanted.map((one) => reading(one, block)));
    },
  };

  async function reading({ key, metric, known, read }: AskedOutside & { read: HttpSource }, block: Block) {
    const pair = (found: OutsideReading): [string, OutsideReading] => [key, found];
    const age = ageOf(block, clock.now());
    // What it says now is nothing about a block of then.
    if (age > metric.maxBlockAge)
      return pair({
        verdict: "stale",
        value: null,
        reason: `the block was ${age} s old, and a server says only what is now`,
      });
    const server = ask(httpAddress(read), metric.interval);
    await answered(server);
    return pair(judgeHttp(metric, read, server.last, clock.now(), known));
  }
}

function inTime(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void work.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
