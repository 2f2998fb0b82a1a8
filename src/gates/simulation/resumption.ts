/** How a contained or held ceremony would go on: its way back, what is still to run, and what could contain it again. */

import { stringToBytes } from "viem";
import type { SimulationReport } from "../../chain-facts.ts";
import { contentHash } from "../../content-hash.ts";
import { canonicalJson } from "../../domain/canonical.ts";
import type { BlockRef, CeremonyState } from "../../domain/ceremony.ts";
import { onChainOf } from "../../domain/ceremony.ts";
import { containmentCalls } from "../../domain/containment.ts";
import type { Finding } from "../../domain/events.ts";
import type { ChainId, Hex } from "../../domain/primitives.ts";
import { type Leg, proxyChanges } from "../../domain/release-package.ts";
import { legsInOrder } from "../../domain/transactions.ts";
import type { Fork } from "../../fork.ts";
import type { Chain, Chains } from "../../ports.ts";
import { findings } from "../gate.ts";
import { execution, failed, type Path, pathOf, undoing } from "./release-path.ts";
import { restoredOrNot } from "./restored.ts";

const { refuse, flag, info } = findings("resumption");

export interface Resumption {
  findings: Finding[];
  /** RFC 8785 JSON of findings and reports, in UTF-8, and its keccak256. */
  evidence: Uint8Array;
  evidenceHash: Hex;
  block: BlockRef;
}

/** On copies of the chains as they are now; nothing of it stays. Throws where the ceremony was never reviewed. */
export async function examineResumption(
  state: CeremonyState,
  chains: Chains,
  progress: (text: string) => void,
): Promise<Resumption> {
  const ids = [...new Set<ChainId>(legsInOrder(state.package).map((leg) => leg.chain))];
  const runs = await Promise.all(
    ids.map((id) => {
      progress(`Simulating on a fork of ${id} how ${state.id} goes on…`);
      return goOn(state, chains.get(id));
    }),
  );
  const all = runs.flatMap((one) => one.findings);
  const [first] = runs;
  if (first === undefined) throw new RangeError(`${state.id} has no leg.`);
  const { block } = first.report;
  if (!all.some((one) => one.severity === "refuse"))
    all.push(
      info(
        "passed",
        `On a fork at block ${block.number} its rollback put the old code back, and what is still to run went through.`,
      ),
    );
  const evidence = stringToBytes(canonicalJson({ findings: all, reports: runs.map((one) => one.report) }));
  return {
    findings: all,
    evidence,
    evidenceHash: contentHash(evidence),
    block: { chain: first.report.chain, ...block },
  };
}

interface Run {
  findings: Finding[];
  report: SimulationReport;
}

async function goOn(state: CeremonyState, chain: Chain): Promise<Run> {
  const { review } = state;
  if (review === undefined) throw new RangeError(`${state.id} was never reviewed.`);
  const anchor = { packageHash: state.packageHash, auditHead: review.auditHead };
  const legs = legsInOrder(state.package).filter((leg) => leg.chain === chain.id);
  const paths = await Promise.all(
    legs.map(async (leg) => {
      const timelock = leg.authority.kind === "safe" ? undefined : await chain.timelock(leg.authority.timelock);
      const [executor] = timelock?.executors ?? [];
      if (executor === undefined) throw new Error(`Nobody may execute ${leg.id}.`);
      return pathOf(state.package, leg, anchor, executor);
    }),
  );
  const hasRun = ({ leg }: Path) => state.executedLegs.some((one) => one.leg === leg.id && one.purpose === "upgrade");
  const done = paths.filter(hasRun);
  return chain.onFork(async (fork) => {
    const watch = legs.flatMap((leg) => proxyChanges(leg).map((change) => change.proxy));
    const before = await fork.running(watch);
    const report: SimulationReport = { chain: fork.chain, block: fork.block, before, steps: [], branches: [] };
    const found = [...(await lifted(fork, state)), ...otherCode(before, legs, done)];
    const contain = await containAgain(fork, state, report);
    found.push(...contain);
    found.push(...(await rollBack(fork, done, watch, report)));
    found.push(
      ...(await runTheRest(
        fork,
        paths.filter((one) => !hasRun(one)),
        watch,
        report,
      )),
    );
    return { findings: found, report };
  });
}

/** What is simulated has to be what will be: nothing goes on under a containment. */
async function lifted(fork: Fork, { package: pkg, containment }: CeremonyState): Promise<Finding[]> {
  const one = pkg.containment.find(({ id, chain }) => id === containment?.id && chain === fork.chain);
  const [answer] = one === undefined ? [] : await fork.read([one.readBack]);
  if (one === undefined || answer !== one.readBack.returns) return [];
  return [
    refuse("contained", `The containment ${one.id} still holds, so how it goes on without it cannot be tried.`, {
      evidence: `${one.readBack.to} answers ${answer}`,
      fix:
        one.wayBack === undefined
          ? "Lift it, and check again."
          : `Lift it (${one.wayBack.by}: ${one.wayBack.call}), and check again.`,
    }),
  ];
}

function otherCode(now: SimulationReport["before"], legs: readonly Leg[], done: readonly Path[]): Finding[] {
  return legs.flatMap((leg) =>
    proxyChanges(leg).flatMap((change) => {
      const isNew = done.some((one) => one.leg.id === leg.id);
      const wanted = isNew ? change.toCodeHash : change.fromCodeHash;
      const found = now.find((one) => one.address === change.proxy);
      if (found?.codeHash === wanted) return [];
      return [
        refuse("code", `${change.name} runs other code than the ceremony left there.`, {
          evidence: `${found?.implementation ?? "nothing"}: ${found?.codeHash ?? "no code"}, wanted ${wanted}`,
          fix: "Find out who changed it; roll back, or propose the present code as an upgrade of its own.",
        }),
      ];
    }),
  );
}

/** A used containment took the nonce that the others were signed for: from then on none is ready. */
async function containAgain(fork: Fork, state: CeremonyState, report: SimulationReport): Promise<Finding[]> {
  const mine = state.package.containment.filter((one) => one.chain === fork.chain);
  const used = mine.some((one) => onChainOf(state, `containment/${one.id}`) !== undefined);
  const found: Finding[] = [];
  if (used)
    found.push(
      flag(
        "no-containment",
        `No containment on ${fork.chain} is ready any more: using one voided the signatures of the others.`,
        {
          evidence: mine.map((one) => one.id).join(", "),
          fix: "Have the guardians keep another way to pause at hand for the rest of the canary.",
        },
      ),
    );
  for (const one of mine) {
    const calls = containmentCalls(one).map((call) => ({
      name: `${one.id}: ${one.action}`,
      from: one.safe,
      ...call,
      after: 0n,
    }));
    const { steps, answers } = await fork.play(calls, [], [one.readBack]);
    const [answer] = answers;
    report.branches.push({ name: one.id, steps });
    const stopped = failed(steps);
    if (stopped === undefined && answer === one.readBack.returns) continue;
    found.push(
      flag(
        "containment",
        `Tried as it stands now, the containment ${one.id} did not work: ${stopped?.reason ?? "its effect was not to be read back"}.`,
        {
          evidence: answer ?? "no answer",
          fix: "Have the guardians keep another way to pause at hand.",
        },
      ),
    );
  }
  return found;
}

async function rollBack(
  fork: Fork,
  done: readonly Path[],
  watch: Parameters<Fork["running"]>[0],
  report: SimulationReport,
): Promise<Finding[]> {
  if (done.length === 0) return [];
  const { steps } = await fork.play(undoing(done), watch);
  report.branches.push({ name: "rollback", steps });
  const stopped = failed(steps);
  if (stopped !== undefined)
    return [
      refuse("rollback", `Tried as it stands now, "${stopped.name}" failed: ${stopped.reason}.`, {
        evidence: `${stopped.gasUsed} gas used`,
        fix: "Without a way back nothing should go on: find out what took it away.",
      }),
    ];
  return restoredOrNot(
    done.map(({ leg }) => leg),
    steps,
  );
}

async function runTheRest(
  fork: Fork,
  open: readonly Path[],
  watch: Parameters<Fork["running"]>[0],
  report: SimulationReport,
): Promise<Finding[]> {
  for (const path of open) {
    const { timestamp } = await fork.head();
    const ready = timestamp + path.delay;
    const time = path.window.notBefore > ready ? path.window.notBefore : ready;
    if (time > path.window.notAfter) continue;
    const step = await fork.send(execution(path, time - timestamp), watch);
    report.steps.push(step);
    if (step.success) continue;
    return [
      refuse("rest", `What is still to run would fail: "${step.name}", ${step.reason}.`, {
        evidence: `${step.gasUsed} gas used`,
        fix: "Roll back, and propose a new revision of what is left.",
      }),
    ];
  }
  return [];
}
