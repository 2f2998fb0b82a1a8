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
import type { Answer, Life, Question } from "./crash-lives.ts";
import { withCrashPoints } from "./crash-points.ts";
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

async function live({ url, dataDir, pushed, deaths }: Life): Promise<void> {
  const [{ id }] = files.chains as [(typeof files.chains)[0]];
  const open = openChains({
    rpc: { [id]: url },
    gasKey: embeddedGasAccount.privateKey,
    ...(pushed ? { ws: [id] } : { pollMs: 3_600_000 }),
  });
  const clock = chainTime();
  clock.reached((await open.get(id).head()).timestamp);
  const passed: string[] = [];
  const points = await withCrashPoints({ store: await openStore({ dataDir }), chains: open }, (point, moment) => {
    if (moment === "before") passed.push(point);
    const index = deaths.indexOf(`${moment} ${point}`);
    if (index < 0) return;
    writeSync(1, `${index}\n`);
    process.kill(process.pid, "SIGKILL");
  });
  const chat = points.platform({ name: "sink", show: async (card) => void (await ask({ kind: "show", card })) });
  const { store, chains } = points;
  const onFault = (where: string, fault: unknown) => process.stderr.write(`${where}: ${fault}\n`);
  const people = await openPeopleLog(store, files);
  const { policy } = people;
  const quorate = compose({ policy, people, store, chains, builds: sampleBuilds(), clock, platforms: [chat], onFault });
  await driveCeremony({
    ...{ quorate, policy, chains, url, platform: "console", release: "2.0.0" },
    async pass(time) {
      const answer = await ask({ kind: "pass", ...time });
      clock.reached(answer.timestamp);
    },
  });
  while ((await store.open()) > 0) await pause(50);
  await ask({ kind: "done", passed });
  process.exit(0);
}
