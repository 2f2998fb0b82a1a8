/** A state before and after a run, compared; and what strangers and time can do to it afterwards. */

import type { StepReport } from "../../chain-facts.ts";
import type { DecodedCall } from "../../domain/decode-calls.ts";
import { dispatchSelectors } from "../../domain/dispatch-selectors.ts";
import type { Finding } from "../../domain/events.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { Change } from "../../domain/release-package.ts";
import { remembered } from "../../domain/remembered.ts";
import type { Foreseen, Fork, Trace, TracedCall } from "../../fork.ts";
import type { Chain } from "../../ports.ts";
import { findings } from "../gate.ts";
import type { KnownGain } from "../known-gains.ts";
import { knownAddresses } from "../new-code.ts";
import { addressesWritten } from "../signed-calls.ts";
import type { Upgrade } from "../upgrades.ts";
import { addressesIn, judgeAnswers } from "./changed-answers.ts";
import { judgeSlots } from "./changed-slots.ts";
import { somebody } from "./environments.ts";
import { judgeKeptFor } from "./kept-for.ts";
import { judgeReadOtherwise } from "./read-otherwise.ts";
import { judgeRunning } from "./runs-other-code.ts";
import { judgeStrangers, stranger, type Tried, target, triesOf } from "./strangers.ts";
import { powerGetters, questionsOf, type Survey, survey, type Watched } from "./survey.ts";
import { suspectsOf, watchedBy } from "./watched.ts";

const { refuse } = findings("simulation");

export interface Scene {
  upgrades: readonly Upgrade[];
  /** Contracts that the calls go to besides. */
  touched: readonly Address[];
  policy: Policy;
}

/** Which contracts are looked at, and which functions they have. Code is read once: an upgrade changes who runs it. */
export interface Sight {
  watched: Watched[];
  functions: Map<Address, Hex[]>;
  /** What strangers will find once the upgrade is done, unless it brings code of its own into being. */
  tried: Tried[];
}

/** Of codes that are looked at again and again. */
const dispatched = remembered<readonly Hex[]>(200);
const selectorsIn = (code: Hex) => dispatched(code, () => dispatchSelectors(code));

export async function sight(chain: Chain, { upgrades, touched, policy }: Scene): Promise<Sight> {
  const watched = watchedBy(upgrades, touched, policy, chain.id);
  const accounts = [...new Set(watched.flatMap((one) => one.code))];
  const [codes, tried] = await Promise.all([chain.codes(accounts), triedOn((all) => chain.codes(all), upgrades)]);
  const selectors = new Map(accounts.map((account, index) => [account, selectorsIn(codes[index] ?? "0x")]));
  const functions = watched.map(({ address, code }): [Address, Hex[]] => [
    address,
    [...new Set(code.flatMap((account) => selectors.get(account) ?? []))],
  ]);
  return { watched, functions: new Map(functions), tried };
}

async function triedOn(
  codesOf: (accounts: readonly Address[]) => Promise<Hex[]>,
  upgrades: readonly Upgrade[],
): Promise<Tried[]> {
  const code = await codesOf(upgrades.flatMap((one) => [one.to, one.from ?? one.to]));
  return upgrades.map((upgrade, index) => ({
    upgrade,
    selectors: selectorsIn(code[index * 2] ?? "0x"),
    before: upgrade.from === undefined ? [] : selectorsIn(code[index * 2 + 1] ?? "0x"),
    nameOf: () => undefined,
  }));
}

/** What a run will make a fork read, as far as it can be told before: `named` are accounts that the calls name. */
export function foreseenBy(
  { upgrades, policy }: Scene,
  { watched, functions, tried }: Sight,
  calls: readonly TracedCall[],
  named: readonly Address[],
): Foreseen {
  return {
    calls,
    accounts: [...named, stranger, somebody, target],
    reads: questionsOf(watched, functions, suspectsOf(policy, named)).calls,
    attempts: { from: stranger, calls: triesOf(tried) },
    replaced: upgrades.flatMap(({ from, to }) => (from === undefined ? [] : [{ account: from, by: to }])),
  };
}

/** A state, as far as contracts tell. */
export interface Look extends Scene, Sight {
  seen: Survey;
  /** The same questions, asked of the state as it is then, or will be at a block time if nobody does anything. */
  again(time?: bigint): Promise<Survey>;
}

/** Who and what is asked after, before and after alike: what the run would name, found by tracing it first. */
export async function look(
  fork: Fork,
  scene: Scene,
  seen: Sight,
  preview: readonly Trace[],
  calls: readonly DecodedCall[],
): Promise<Look> {
  const events = preview.flatMap((one) => one.events);
  const roles = events.filter((one) => one.topics[0] === roleGranted).flatMap((one) => one.topics.slice(1, 2));
  const words = preview.flatMap((one) => [
    ...one.events.flatMap(({ topics }) => topics),
    ...one.storage.map(({ after }) => after),
  ]);
  const suspects = suspectsOf(scene.policy, [...addressesWritten(calls), ...addressesIn(words)]);
  const questions = questionsOf(seen.watched, seen.functions, suspects, roles);
  const again = (time?: bigint) => survey(fork, questions, time);
  return { ...scene, ...seen, again, seen: await again() };
}

export interface Done {
  steps: readonly StepReport[];
  declared: readonly Change[];
  expected: readonly { address: Address; slot: Hex; value: Hex }[];
  gain?: KnownGain | undefined;
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
  const nameOf = () => undefined;
  const compare = { before: before.seen, watched, declared: done.declared, gain: done.gain, nameOf };
  const [{ timestamp }, tried] = await Promise.all([fork.head(), triedOn(fork.code, upgrades)]);
  const tries = triesOf(tried, (proxy) => contractsNamed(before.seen, proxy));
  // Times are pretended to all of it at once: nobody does anything in between.
  const looks = Promise.all(
    [undefined, 1n, 30n].map(async (days) => {
      const time = days === undefined ? undefined : timestamp + days * day;
      const [after, strangers] = await Promise.all([
        again(time),
        judgeStrangers(fork, tries, days === undefined ? "" : words(days), time),
      ]);
      return { days, after, strangers };
    }),
  );
  const [[now, ...later], running, kept] = await Promise.all([
    looks,
    judgeRunning(fork, upgrades),
    planted(fork, before, done),
  ]);
  if (now === undefined) throw new Error("what came after was not looked at");
  const { after } = now;
  const found = [
    ...judgeAnswers({ ...compare, after }),
    ...judgeSlots({
      ...done,
      upgrades,
      safes: policy.chains.filter((one) => one.id === fork.chain).flatMap((one) => [one.council, one.guardian]),
      timelocks: policy.chains.filter((one) => one.id === fork.chain).map((one) => one.timelock),
      meant: before.touched,
      variableOf: nameOf,
    }),
    ...now.strangers,
    ...running,
    ...(await judgeReadOtherwise(fork, upgrades, {
      ...{ before: before.seen, after, steps: done.steps },
      later: later.map((one) => one.after),
    })),
    ...kept,
  ];
  const seen = new Set(found.map((one) => one.code));
  for (const { days = 0n, after: then, strangers } of later) {
    const waited = [
      ...judgeAnswers({ ...compare, before: after, after: then }).filter(
        (one) => one.code !== "simulation/value-moved",
      ),
      ...strangers,
    ].filter((one) => !seen.has(one.code));
    for (const one of waited) seen.add(one.code);
    found.push(...waited.map((one) => delayed(one, words(days))));
  }
  return { findings: found, after };
}

/** By answers of functions that are not about power: tokens, feeds, whatever it deals in. */
function contractsNamed({ answers }: Survey, proxy: Address): Address[] {
  const words = [...(answers.get(proxy) ?? [])].filter(([selector]) => !powerGetters.has(selector));
  return addressesIn(words.flatMap(([, answer]) => answer ?? [])).slice(0, 2);
}

async function planted(fork: Fork, { upgrades, policy }: Look, { steps }: Done): Promise<Finding[]> {
  const codes = await fork.code(upgrades.map((one) => one.to));
  const known = knownAddresses({ policy }, fork.chain);
  return upgrades.flatMap((upgrade, index) => judgeKeptFor({ steps, upgrade, code: codes[index] ?? "0x", known }));
}

const words = (days: bigint) => (days === 1n ? " a day later" : " thirty days later");

/** What nobody did and time brought about was planted. */
function delayed({ message, evidence }: Finding, words: string): Finding {
  return refuse("delayed", `Nobody does anything, and${words} this is found, which was not so at once: ${message}`, {
    evidence,
    fix: "Find what waits for the time to pass, and take it out.",
  });
}
