/** `quorate audit`: is the log what was written, and hand it out for others to check. Runs beside a running Quorate. */

import { readEnvironment } from "../env.ts";
import { exportStore, verifyStore } from "../store/audit.ts";
import { type OpenedStore, openStoreToRead } from "../store/open-store.ts";
import { CliFault } from "./fault.ts";

/** Throws {@link CliFault} 1 where the log is not what was written, with a sentence for every fault. */
export async function verifyAudit({ data, json = false }: { data?: string; json?: boolean }): Promise<void> {
  await reading(data, async (store) => {
    const { streams, events, faults } = await verifyStore(store);
    const heads = await store.streams();
    // A log without events may be new, or emptied with everything in it: absence is no success (trust rule 9).
    const sentences = events === 0 ? ["The log holds no event, so nothing was verified."] : [];
    sentences.push(...faults.map((one) => `${one.stream}: ${one.problem}.`));
    const ok = sentences.length === 0;
    if (json) process.stdout.write(`${JSON.stringify({ ok, streams, events, faults, heads })}\n`);
    else {
      for (const { stream, seq, head } of heads) process.stdout.write(`${stream} ${seq} ${head}\n`);
      if (ok)
        process.stdout.write(`The log is what was written: ${count(streams, "stream")}, ${count(events, "event")}.\n`);
    }
    if (!ok) throw new CliFault(1, sentences.join("\n"));
  });
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

/** One line of JSON an event. */
export async function exportAudit({ data, stream }: { data?: string; stream?: string }): Promise<void> {
  await reading(data, async (store) => {
    const names = await store.streamNames();
    if (stream !== undefined && !names.includes(stream))
      throw new CliFault(1, `There is no stream ${stream}; there are ${names.join(", ") || "none"}.`);
    for await (const line of exportStore(store, stream === undefined ? {} : { stream }))
      process.stdout.write(`${line}\n`);
  });
}

async function reading(data: string | undefined, work: (store: OpenedStore) => Promise<void>): Promise<void> {
  const { dataDir, databaseUrl, sealKey } = readEnvironment();
  const store = await openStoreToRead({
    ...(data === undefined && databaseUrl !== undefined ? { databaseUrl } : { dataDir: data ?? dataDir }),
    sealKey,
  });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}
