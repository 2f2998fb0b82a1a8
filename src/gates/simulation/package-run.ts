/** A package on a fork: scheduled, delayed, executed, looked at from all sides, undone and contained. */

import type { PhaseValues, SimulationReport, SimulationStep, StepReport, TimelockFacts } from "../../chain-facts.ts";
import type { DecodedCall } from "../../domain/decode-calls.ts";
import type { Finding } from "../../domain/events.ts";
import { type Address, type ChainId, zeroHash } from "../../domain/primitives.ts";
import { proxyChanges } from "../../domain/release-package.ts";
import { legsInOrder, timelockOf } from "../../domain/transactions.ts";
import type { Fork, Trace } from "../../fork.ts";
import type { Chain } from "../../ports.ts";
import { findings, type GateInput, type Subject } from "../gate.ts";
import { knownAddresses } from "../new-code.ts";
import { addressesWritten, callsOf, functionsOf, signedBy } from "../signed-calls.ts";
import type { Upgrade } from "../upgrades.ts";
import { type Done, foreseenBy, judgeAfter, look, type Scene, type Sight, sight } from "./aftermath.ts";
import { authorityOf } from "./authority-powers.ts";
import { judgeSurroundings, surroundings } from "./environments.ts";
import { gasOf } from "./gas.ts";
import { judgeGriefing } from "./griefing.ts";
import type { Purses } from "./money.ts";
import { endedBy, valuesAfter } from "./phase-values.ts";
import { rehearse } from "./rehearsal.ts";
import {
  execution,
  failed,
  foreseen,
  judgeEarly,
  judgeStrangersPath,
  type Path,
  pathOf,
  schedules,
} from "./release-path.ts";
import { placeTarget } from "./strangers.ts";

const { refuse, info } = findings("simulation");

export interface Run {
  findings: Finding[];
  report: SimulationReport;
}

type PackageInput = GateInput<Subject & { kind: "package" }>;

export async function runPackage(input: PackageInput, chain: Chain, upgrades: readonly Upgrade[]): Promise<Run> {
  const { package: pkg, packageHash } = input.subject;
  // Salt and operation ids are those of a rehearsal: the audit head of the check is not known yet.
  const anchor = { packageHash, auditHead: zeroHash };
  const legs = legsInOrder(pkg).filter((leg) => leg.chain === chain.id);
  const [one] = legs;
  if (one === undefined) throw new RangeError(`The package has no leg on ${chain.id}.`);
  const where = timelockOf(one).timelock;
  const scene: Scene = { upgrades, touched: touchedBy(input, chain.id), policy: input.policy };
  // The steps need nothing of what the contracts answer before them: that is looked at while they run.
  const seen = sight(chain, scene);
  const prepared = prepare();
  async function prepare() {
    const timelock = await chain.timelock(where);
    const [executor] = timelock.executors;
    if (executor === undefined) throw new Error(`Nobody may execute on the timelock ${where}.`);
    return { timelock, paths: legs.map((leg) => pathOf(pkg, leg, anchor, executor)) };
  }
  const expected = Promise.all([prepared, seen]).then(([{ paths, timelock }, before]) =>
    foreseenBy(scene, before, foreseen(pkg, paths), [
      ...timelock.executors,
      ...addressesWritten(callsOn(input, chain.id)),
    ]),
  );
  // The fork starts meanwhile.
  const run = chain.onFork(async (fork) => {
    const watch = legs.flatMap((leg) => proxyChanges(leg).map((change) => change.proxy));
    const [{ timelock, paths }, running] = await Promise.all([prepared, fork.running(watch)]);
    await placeTarget(fork);
    return play({ fork, input, paths, scene, seen, timelock, watch, running });
  }, expected);
  const [done] = await Promise.all([run, prepared, seen]);
  return done;
}

interface Play {
  fork: Fork;
  input: PackageInput;
  paths: readonly Path[];
  scene: Scene;
  seen: Promise<Sight>;
  timelock: TimelockFacts;
  /** The proxies, and what they run before anything happens. */
  watch: readonly Address[];
  running: StepReport["implementations"];
}

async function play({ fork, input, paths, scene, seen, timelock, watch, running }: Play): Promise<Run> {
  const { package: pkg } = input.subject;
  const { upgrades } = scene;
  const [, otherExecutor] = timelock.executors;
  const steps: StepReport[] = [];
  const found: Finding[] = [];
  const phaseValues: PhaseValues[] = [];
  const of = { chain: fork.chain, block: fork.block, before: running };
  const report = (): SimulationReport => ({ ...of, steps, branches: [] });
  const around = { other: otherExecutor, purses: { upgrades, known: knownAddresses(input, fork.chain) } };
  for (const step of paths.flatMap(schedules)) steps.push(await fork.send(step, watch));
  const unscheduled = failed(steps);
  if (unscheduled !== undefined) return { findings: [broke(unscheduled)], report: report() };
  const [early, traces] = await Promise.all([
    Promise.all(paths.map((path) => judgeEarly(fork, path))),
    preview(fork, paths),
  ]);
  found.push(...early.flat());
  // Looked at while the first execution is judged, before it is sent.
  const looking = seen.then((one) => look(fork, scene, one, traces, callsOn(input, fork.chain)));
  // Its fault is that of whoever waits for it below; nobody may be left to, where a step before that breaks off.
  looking.catch(() => undefined);
  let waited = false;
  for (const path of paths) {
    const { timestamp } = await fork.head();
    const soonest = timestamp + (waited ? 1n : path.delay);
    const time = path.window.notBefore > soonest ? path.window.notBefore : soonest;
    // The traces leave nothing behind; they are made at the time at which the step will run.
    const step = execution(path, time - timestamp);
    const isInTime = path.window.notAfter >= time;
    const [ready] = await Promise.all([isInTime ? judgeReady(fork, path, step, time, around) : [], looking]);
    found.push(...ready);
    const done = await fork.send(step, watch);
    steps.push(done);
    waited = true;
    if (!done.success) return { findings: [...found, broke(done)], report: report() };
    const phase = endedBy(pkg, paths, path);
    const [values, unread] = phase === undefined ? [] : await valuesAfter(fork, phase, input.policy);
    if (values !== undefined) phaseValues.push(values);
    found.push(...(unread ?? []));
  }
  found.push(...results(paths, steps), ...gasOf(steps));
  const before = await looking;
  // Neither leaves anything behind.
  const [{ findings: judged, after }, { branches, findings: rehearsed }] = await Promise.all([
    judgeAfter(fork, before, doneBy(paths, steps)),
    rehearse(fork, pkg, paths, watch),
  ]);
  found.push(...judged, ...(await judgeGriefing(fork, pkg, input.policy)), ...rehearsed);
  const authority = authorityOf({ look: before, after, timelock, steps });
  if (!found.some((one) => one.severity !== "info"))
    found.push(
      info(
        "passed",
        `On a fork at block ${fork.block.number} the upgrade of ${upgrades.map((one) => one.name).join(", ")} went through, for its executor and in its window alone; strangers, other surroundings and thirty days changed nothing; its rollback put the old code back, and every containment worked.`,
      ),
    );
  const measured = phaseValues.length === 0 ? {} : { phaseValues };
  return { findings: found, report: { ...report(), branches, authority, ...measured } };
}

const doneBy = (paths: readonly Path[], steps: readonly StepReport[]): Done => ({
  steps,
  declared: paths.flatMap(({ leg }) => leg.changes),
  expected: paths.flatMap(({ leg }) => leg.expects.storage),
});

/** What the executions will do, traced where they stand, at a time at which they may run. */
async function preview(fork: Fork, paths: readonly Path[]): Promise<Trace[]> {
  const { timestamp } = await fork.head();
  return fork.trace(
    paths.map((path) => {
      const { from, to, data, value } = execution(path, 0n);
      const ready = timestamp + path.delay;
      const time = path.window.notBefore > ready ? path.window.notBefore : ready;
      return { from, to, data, value, environment: { time } };
    }),
  );
}

/** Traces at the moment at which it is due: who else could run it, and whether it does the same in other surroundings. */
async function judgeReady(
  fork: Fork,
  path: Path,
  { name, from, to, value, data }: SimulationStep,
  time: bigint,
  { other, purses }: { other: Address | undefined; purses: Purses },
): Promise<Finding[]> {
  const list = surroundings(time, path.window.notAfter, fork.block.number, other);
  const found = await Promise.all([
    judgeStrangersPath(fork, path, time),
    judgeSurroundings({ fork, name, call: { from, to, data, value }, time }, list, purses),
  ]);
  return found.flat();
}

/** Contracts that the calls go to and that get no new code. */
function touchedBy(input: PackageInput, chain: ChainId): Address[] {
  const leaves = callsOn(input, chain).filter((call) => call.nested.length === 0);
  return leaves.filter((call) => call.known?.abi.stateMutability !== "view").map((call) => call.to);
}

/** Every call of the upgrades on a chain. */
function callsOn({ subject, policy }: PackageInput, chain: ChainId): DecodedCall[] {
  const named = functionsOf(policy);
  const mine = signedBy(subject).filter((one) => one.tx.chain === chain && one.name.endsWith("/upgrade"));
  return mine.flatMap((signed) => callsOf(signed, named));
}

const broke = (step: StepReport) =>
  refuse("outcome", `In the simulation "${step.name}" failed: ${step.reason}.`, {
    evidence: `${step.gasUsed} gas used`,
    fix: "Run the call against a fork with a debugger, and mend what makes it revert.",
  });

/** The proxies run what the package names. */
function results(paths: readonly Path[], steps: readonly StepReport[]): Finding[] {
  const after = steps.at(-1)?.implementations ?? [];
  return paths.flatMap(({ leg }) =>
    proxyChanges(leg).flatMap((change) => {
      const now = after.find((one) => one.address === change.proxy);
      if (now?.implementation === change.toImplementation && now.codeHash === change.toCodeHash) return [];
      return [
        refuse(
          "result",
          `After the simulated upgrade the contract ${change.name} runs ${now?.implementation ?? "nothing"}, not ${change.toImplementation}.`,
          {
            evidence: `code hash ${now?.codeHash ?? zeroHash}`,
            fix: "Build the package anew: its calls and what it says of them do not fit.",
          },
        ),
      ];
    }),
  );
}
