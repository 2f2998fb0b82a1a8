/**
 * One life of a Quorate that may be killed at any write: it opens the data folder, takes up what an earlier life left
 * undone, and drives the ceremony on. Chain, time and chat are its parent's, and outlive it.
 */

import { writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { openChains } from "../../src/chain/open.ts";
import { chainTime } from "../../src/embedded/chain-time.ts";
import { embeddedGasAccount } from "../../src/embedded/people.ts";
import { compose } from "../../src/main.ts";
import { openPeopleLog } from "../../src/people/people-log.ts";
import { readPolicy } from "../../src/policy-folder/read-policy.ts";
import { openStore } from "../../src/store/open-store.ts";
import { type Hold, takeHold } from "./crash-hold.ts";
import type { Answer, Life, Question } from "./crash-lives.ts";
import { type CrashPoints, withCrashPoints } from "./crash-points.ts";
import { driveCeremony } from "./live-ceremony.ts";
import { sampleBuilds } from "./sample-policy.ts";

const waiting = new Map<number, { resolve(answer: Answer): void; reject(fault: Error): void }>();
let questions = 0;

/** Asks the parent, who owns what this process must not take with it. */
function ask(question: Question["what"]): Promise<Answer> {
  questions += 1;
  const number = questions;
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject });
    process.send?.({ number, what: question } satisfies Question);
  });
}

function take(number: number, answer: Answer): void {
  if (answer.fault === undefined) waiting.get(number)?.resolve(answer);
  else waiting.get(number)?.reject(new Error(answer.fault));
}

const [policies = ""] = process.argv.slice(2);
const files = await readPolicy(policies);
process.on("disconnect", () => process.exit(3));
process.on("message", (message: Life | { number: number; answer: Answer }) => {
  if ("number" in message) return take(message.number, message.answer);
  live(message).catch((fault: unknown) => {
    process.stderr.write(`${fault instanceof Error ? fault.stack : fault}\n`);
    process.exit(1);
  });
});

/** Lives until it is done. Where it only loses its hold, it begins anew in the same process, knowing nothing. */
async function live(life: Life): Promise<void> {
  const losses = new Set(life.losses);
  for (;;) {
    const end = await liveOnce(life, losses);
    if ("passed" in end) {
      await ask({ kind: "done", passed: end.passed });
      process.exit(0);
    }
    losses.delete(end.lost);
    await ask({ kind: "lost", moment: end.lost });
  }
}

async function liveOnce(
  { url, dataDir, pushed, deaths }: Life,
  losses: ReadonlySet<string>,
): Promise<{ passed: string[] } | { lost: string }> {
  const [{ id }] = files.chains as [(typeof files.chains)[0]];
  const open = openChains({
    rpc: { [id]: url },
    gasKey: embeddedGasAccount.privateKey,
    ...(pushed ? { ws: [id] } : { pollMs: 3_600_000 }),
  });
  const store = await openStore({ dataDir });
  const hold = takeHold();
  const lost = Promise.withResolvers<{ lost: string }>();
  const passed: string[] = [];
  const points = await withCrashPoints({ store, chains: open }, hold, (point, moment) => {
    if (moment === "before") passed.push(point);
    const here = `${moment} ${point}`;
    if (deaths.includes(here)) {
      writeSync(1, `${deaths.indexOf(here)}\n`);
      process.kill(process.pid, "SIGKILL");
    }
    if (hold.lost || !losses.has(here)) return;
    hold.lose().then(() => lost.resolve({ lost: here }), lost.reject);
  });
  const finished = drive(points, hold, url).then(() => ({ passed }));
  const end = await Promise.race([finished, lost.promise]);
  open.close();
  await store.close();
  return end;
}

/** To the end, and until everything that follows from it is done. */
async function drive({ store, chains, platform }: CrashPoints, hold: Hold, url: string): Promise<void> {
  const clock = chainTime();
  const [{ id }] = files.chains as [(typeof files.chains)[0]];
  clock.reached((await chains.get(id).head()).timestamp);
  const chat = platform({ name: "sink", show: async (card) => void (await ask({ kind: "show", card })) });
  const onFault = (where: string, fault: unknown) => {
    if (!hold.lost) process.stderr.write(`${where}: ${fault}\n`);
  };
  const people = await openPeopleLog(store, files);
  const { policy } = people;
  const quorate = compose({ policy, people, store, chains, builds: sampleBuilds(), clock, platforms: [chat], onFault });
  await driveCeremony({
    ...{ quorate, policy, chains, url, platform: "console", release: "2.0.0" },
    async pass(time) {
      const answer = await hold.through(() => ask({ kind: "pass", ...time }));
      clock.reached(answer.timestamp);
    },
  });
  while ((await store.open()) > 0) await pause(50);
}
