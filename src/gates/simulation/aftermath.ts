/** A state before and after a run, compared; and what strangers and time can do to it afterwards. */

import type { StepReport } from "../../chain-facts.ts";
import type { DecodedCall } from "../../domain/decode-calls.ts";
import { dispatchSelectors } from "../../domain/dispatch-selectors.ts";
import type { Finding } from "../../domain/events.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { Change } from "../../domain/release-package.ts";
import type { Fork, Trace } from "../../fork.ts";
import { findings } from "../gate.ts";
import { addressesWritten } from "../signed-calls.ts";
import type { Upgrade } from "../upgrades.ts";
import { addressesIn, judgeAnswers } from "./changed-answers.ts";
import { judgeSlots } from "./changed-slots.ts";
import { judgeStrangers, type Tried } from "./strangers.ts";
import { functionsIn, type Survey, survey, type Watched } from "./survey.ts";
import { suspectsOf, watchedBy } from "./watched.ts";

const { refuse } = findings("simulation");

export interface Scene {
  upgrades: readonly Upgrade[];
  /** Contracts that the calls go to besides. */
  touched: readonly Address[];
  policy: Policy;
}

/** A state, as far as contracts tell. */
export interface Look extends Scene {
  watched: Watched[];
  functions: Map<Address, Hex[]>;
  seen: Survey;
  /** The same questions, asked of the state as it is then. */
  again(): Promise<Survey>;
}

/** Who and what is asked after, before and after alike: what the run would name, found by tracing it first. */
export async function look(
  fork: Fork,
  scene: Scene,
  preview: readonly Trace[],
  calls: readonly DecodedCall[],
): Promise<Look> {
  const watched = watchedBy(scene.upgrades, scene.touched, scene.policy, fork.chain);
  const functions = await functionsIn(fork, watched);
  const events = preview.flatMap((one) => one.events);
  const roles = events.filter((one) => one.topics[0] === roleGranted).flatMap((one) => one.topics.slice(1, 2));
  const words = preview.flatMap((one) => [
    ...one.events.flatMap(({ topics }) => topics),
    ...one.storage.map(({ after }) => after),
  ]);
  const suspects = suspectsOf(scene.policy, [...addressesWritten(calls), ...addressesIn(words)]);
  const seen = () => survey(fork, watched, functions, suspects, roles);
  return { ...scene, watched, functions, again: seen, seen: await seen() };
}

export interface Done {
  steps: readonly StepReport[];
  declared: readonly Change[];
  expected: readonly { address: Address; slot: Hex; value: Hex }[];
}

const roleGranted: Hex = "0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d";
const day = 86_400n;

/** `after`: what contracts answered then. */
export async function judgeAfter(
  fork: Fork,
  before: Look,
  done: Done,
): Promise<{ findings: Finding[]; after: Survey }> {
  const { upgrades, watched, policy, again } = before;
  const after = await again();
  const nameOf = () => undefined;
  const compare = { before: before.seen, after, watched, declared: done.declared, nameOf };
  const tried = await triedOn(fork, upgrades);
  const found = [
    ...judgeAnswers(compare),
    ...judgeSlots({
      ...done,
      upgrades,
      safes: policy.chains.filter((one) => one.id === fork.chain).flatMap((one) => [one.council, one.guardian]),
      timelocks: policy.chains.filter((one) => one.id === fork.chain).map((one) => one.timelock),
      meant: before.touched,
      variableOf: nameOf,
    }),
    ...(await judgeStrangers(fork, tried, "")),
  ];
  const seen = new Set(found.map((one) => one.code));
  for (const [days, words] of [
    [1n, " a day later"],
    [30n, " thirty days later"],
  ] as const)
    await fork.aside(async () => {
      await fork.wait(days * day);
      const later = [
        ...judgeAnswers({ ...compare, before: after, after: await again() }).filter(
          (one) => one.code !== "simulation/value-moved",
        ),
        ...(await judgeStrangers(fork, tried, words)),
      ].filter((one) => !seen.has(one.code));
      for (const one of later) seen.add(one.code);
      found.push(...later.map((one) => delayed(one, words)));
    });
  return { findings: found, after };
}

/** What nobody did and time brought about was planted. */
const delayed = (one: Finding, words: string): Finding => ({
  ...refuse(
    "delayed",
    `Nobody does anything, and${words} this is so: ${one.message.charAt(0).toLowerCase()}${one.message.slice(1)}`,
    {
      evidence: one.evidence,
      fix: "Find what waits for the time to pass, and take it out.",
    },
  ),
});

async function triedOn(fork: Fork, upgrades: readonly Upgrade[]): Promise<Tried[]> {
  const code = await fork.code(upgrades.flatMap((one) => [one.to, one.from ?? one.to]));
  return upgrades.map((upgrade, index) => ({
    upgrade,
    selectors: dispatchSelectors(code[index * 2] ?? "0x"),
    before: upgrade.from === undefined ? [] : dispatchSelectors(code[index * 2 + 1] ?? "0x"),
    nameOf: () => undefined,
  }));
}
