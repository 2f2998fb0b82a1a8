/**
 * How soon a signer can use the signing page, and what it weighs: the real server, a real ceremony's brief, and Chromium,
 * over loopback and with nothing cached.
 */

import { cpus } from "node:os";
import { launchBrowser } from "../test/support/browser.ts";
import { walk } from "../test/support/embedded.ts";
import { type PublicCouncil, startPublicCouncil } from "../test/support/public-council.ts";
import { mostScriptBytes, pageSize } from "../test/web/page/size.ts";
import { type Visit, visitPage } from "./page/visit.ts";

const RUNS = 10;
const limits = { /** Milliseconds. */ interactive: 1000, /** Bytes. */ script: mostScriptBytes };
/** Asked for the most signatures: upgrades, rollbacks and containments. */
const signer = "caro";

/** Prints medians; hands back the exit code: 0 where the median and the weight are within their limits. */
export async function measure(json: boolean): Promise<number> {
  const startedAt = performance.now();
  const council = await startPublicCouncil();
  try {
    const state = await walk(council, "approved");
    const size = pageSize(await (await fetch(`${council.publicUrl}/sign`)).text());
    const visits = await visitOften(council, state.package.title);
    const [document, brief, interactive] = (["document", "brief", "interactive"] as const).map((name) =>
      spread(visits.map((one) => one[name])),
    );
    const ok = {
      interactiveWithin1s: (interactive?.median ?? Number.POSITIVE_INFINITY) <= limits.interactive,
      scriptWithin250kB: size.script.gzip <= limits.script,
    };
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const result = {
      ...{ bench: "page", runs: RUNS, cores: cpus().length, seconds, limits },
      ...{ document, brief, interactive, size, ok },
    };
    const line = (what: string, one: Spread | undefined) => `  ${what}: ${one?.median} ms (${one?.min} to ${one?.max})`;
    const weight = (one: typeof size.script) => `${one.gzip} bytes with gzip -9, ${one.brotli} with brotli`;
    const text = [
      `The signing page, ${RUNS} times with nothing cached; medians from the start of the navigation.`,
      line("page received", document),
      line("brief received", brief),
      line(`release shown and the connect button answers (limit ${limits.interactive} ms)`, interactive),
      `  script: ${weight(size.script)} (limit ${limits.script}), ${size.script.plain} as it is`,
      `  whole file: ${weight(size.file)}, ${size.file.plain} as it is`,
    ].join("\n");
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text}\n`);
    return Object.values(ok).every(Boolean) ? 0 : 1;
  } finally {
    await council.stop();
  }
}

/** One visit to warm up the browser's process, which is not counted, and then each with a profile of its own. */
async function visitOften(council: PublicCouncil, title: string): Promise<Visit[]> {
  const browser = await launchBrowser();
  try {
    const visits: Visit[] = [];
    for (let run = 0; run <= RUNS; run += 1) visits.push(await visitPage(browser, await linkOf(council), title));
    return visits.slice(1);
  } finally {
    await browser.close();
  }
}

async function linkOf(council: PublicCouncil): Promise<string> {
  const view = await council.ask(signer, "sign", { ceremony: "UP-1" });
  if (view.kind !== "wallet" || view.link === undefined) throw new Error("The program gave no link to its page.");
  return view.link;
}

interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Whole milliseconds. */
function spread(values: readonly number[]): Spread {
  const sorted = values.map(Math.round).sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return {
    median: Math.round(((low ?? Number.NaN) + (high ?? Number.NaN)) / 2),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}
