/**
 * On every block of every chain: would each way out that a ceremony prepared work, if it were sent now? One eth_call
 * proves all of them on the present state, a second in the same message what waits for its time.
 */

import { keccak256, stringToBytes } from "viem";
import type { Head } from "../chain-facts.ts";
import type { BlockRef, CeremonyState } from "../domain/ceremony.ts";
import { safeOf } from "../domain/ceremony.ts";
import type { Rules } from "../domain/decision.ts";
import { type Exit, exitsOf } from "../domain/exits/exit.ts";
import { type ExitObservation, exitChanges } from "../domain/exits/exit-log.ts";
import { isSameSafe, safeFound } from "../domain/exits/facts.ts";
import { type ExitReading, judgeExit } from "../domain/exits/judge.ts";
import { type ExitPlan, execKey, type Known, planOf } from "../domain/exits/plan.ts";
import { type Answers, type Asked, answersTo, type Script, scriptOf } from "../domain/exits/trial.ts";
import type { SafeNow } from "../domain/intent.ts";
import type { Policy } from "../domain/policy.ts";
import type { Address, ChainId, Hex } from "../domain/primitives.ts";
import { type CeremonyTx, safeKey } from "../domain/transactions.ts";
import type { Chain, Chains } from "../ports.ts";

export interface ExitWatchParts {
  chains: Chains;
  policy: Policy;
  rules: Rules;
  list(): Promise<readonly CeremonyState[]>;
  /** Bytes of a signature by their hash; undefined where they cannot be read here. */
  signature(hash: Hex): Promise<Hex | undefined>;
  /** Writes into a ceremony's log; pages follow from there. */
  record(ceremony: string, seen: ExitObservation): Promise<unknown>;
  onFault(where: string, fault: unknown): void;
}

export interface ExitWatch {
  /** What the newest look showed of a ceremony, in the order of its package; empty before the first. */
  readings(ceremony: string): readonly ExitReading[];
  /** The same; looks at the newest block first where nothing was seen yet. */
  current(ceremony: string): Promise<readonly ExitReading[]>;
  /** Looks at one block, and resolves when what it shows is recorded. */
  look(chain: ChainId, block: Head): Promise<void>;
  /** Looks at the newest block of every chain. */
  all(): Promise<void>;
  stop(): Promise<void>;
}

interface Kept {
  plans: ExitPlan[];
  script: Script;
  /** What it was put together from. */
  from: string;
}

/** What is known of one chain from block to block. */
interface Place {
  safes: Map<string, SafeNow>;
  /** Bytes by hash, of the ceremonies that run: they are read once. */
  signatures: Map<Hex, Hex>;
  /** Who used a nonce, by Safe and nonce. */
  takers: Map<string, Hex | undefined>;
  kept: Kept | undefined;
  readings: Map<string, ExitReading[]>;
}

/** Blocks that are searched for the transaction that took a nonce. */
const searched = 5_000n;
const executions = ["ExecutionSuccess(bytes32,uint256)", "ExecutionFailure(bytes32,uint256)"].map((one) =>
  keccak256(stringToBytes(one)),
);

export function startExitWatch(parts: ExitWatchParts): ExitWatch {
  const { chains, policy, rules } = parts;
  const places = new Map<ChainId, Place>();
  let stopped = false;

  function placeOf(id: ChainId): Place {
    const found = places.get(id) ?? freshPlace();
    places.set(id, found);
    return found;
  }

  function knownOf(place: Place, gasAccount: Address): Known {
    return {
      ...{ policy, rules, gasAccount },
      safe: ({ tx }) => place.safes.get(safeKey(tx.chain, tx.safe)),
      signature: (hash) => place.signatures.get(hash),
    };
  }

  /** Put together anew only where a ceremony, a person or a Safe has changed. */
  async function plansFor(states: readonly CeremonyState[], chain: Chain, place: Place): Promise<Kept> {
    for (const { signature } of states.flatMap((one) => one.signatures)) {
      if (place.signatures.has(signature)) continue;
      // What is encrypted here may have no key, or another: what else it takes is proved all the same.
      const bytes = await parts.signature(signature).catch(() => undefined);
      if (bytes !== undefined) place.signatures.set(signature, bytes);
    }
    const wanted = new Set(states.flatMap((one) => one.signatures.map((given) => given.signature)));
    for (const hash of place.signatures.keys()) if (!wanted.has(hash)) place.signatures.delete(hash);
    const from = JSON.stringify([
      states.map((one) => [one.id, one.seq]),
      policy.people.map((one) => [one.id, one.frozen, one.roles, one.wallets]),
      [...place.safes.values()].map((one) => [one.address, one.threshold, one.owners, one.nested]),
      place.signatures.size,
    ]);
    if (place.kept?.from === from) return place.kept;
    const known = knownOf(place, chain.gasAccount);
    const plans = states.flatMap((state) => exitsHere(state, chain.id).map((exit) => planOf(state, exit, known)));
    const script = scriptOf(
      plans.flatMap((one) => one.asked),
      plans.flatMap((one) => one.pretend),
    );
    const kept = { plans, script, from };
    place.kept = kept;
    return kept;
  }

  async function look(id: ChainId, block: Head): Promise<void> {
    if (stopped) return;
    const [chain, place] = [chains.get(id), placeOf(id)];
    const states = (await parts.list()).filter((one) => exitsHere(one, id).length > 0);
    if (states.length === 0) {
      place.readings.clear();
      return;
    }
    let kept = await plansFor(states, chain, place);
    let answers = await ask(chain, block, kept.script);
    // The Safe is another than it was taken for: what was sent in its name was packed for other owners.
    if (learn(states, kept.plans, answers, place)) {
      kept = await plansFor(states, chain, place);
      answers = await ask(chain, block, kept.script);
    }
    answers = await withInner(chain, block, kept.plans, answers);
    await findTakers(chain, block, kept.plans, place);
    const at = { chain: id, number: block.number, hash: block.hash, timestamp: block.timestamp };
    place.readings = new Map();
    for (const state of states)
      await tell(state, kept.plans, { ...knownOf(place, chain.gasAccount), answers, block: at }, place);
  }

  async function tell(
    state: CeremonyState,
    plans: readonly ExitPlan[],
    at: Known & { answers: Answers; block: BlockRef },
    place: Place,
  ): Promise<void> {
    const own = plans.filter(({ exit }) => exit.ceremony === state.id);
    const tookNonce = (safe: SafeNow, nonce: bigint) => place.takers.get(takerKey(safe, nonce));
    const readings = own.map((plan) => judgeExit(state, plan, { ...at, tookNonce }));
    place.readings.set(state.id, readings);
    for (const seen of exitChanges(state, readings)) await parts.record(state.id, seen);
  }

  /** Heads that come while a look runs are covered by one more. */
  const running = new Map<ChainId, Promise<void>>();
  const waiting = new Map<ChainId, Head>();
  function wake(id: ChainId, head: Head): Promise<void> {
    waiting.set(id, head);
    const before = running.get(id);
    if (before !== undefined) return before;
    const run = (async () => {
      for (let next = waiting.get(id); next !== undefined && !stopped; next = waiting.get(id)) {
        waiting.delete(id);
        await look(id, next).catch((fault: unknown) => parts.onFault(`exits on ${id}`, fault));
      }
    })().finally(() => running.delete(id));
    running.set(id, run);
    return run;
  }

  const unsubscribe = chains.ids.map((id) =>
    // What fails at the subscription is told by whoever watches the blocks.
    chains.get(id).onHead(
      (head) => void wake(id, head),
      () => undefined,
    ),
  );

  const readings = (ceremony: string) => [...places.values()].flatMap((one) => one.readings.get(ceremony) ?? []);
  async function all(): Promise<void> {
    await Promise.all(
      chains.ids.map(async (id) => {
        const head = await chains
          .get(id)
          .head()
          .catch(() => undefined);
        if (head !== undefined) await wake(id, head);
      }),
    );
  }

  return {
    readings,
    async current(ceremony) {
      if (readings(ceremony).length === 0) await all();
      return readings(ceremony);
    },
    look,
    all,
    async stop() {
      stopped = true;
      for (const end of unsubscribe) end();
      await Promise.all(running.values());
    },
  };
}

const freshPlace = (): Place => ({
  safes: new Map(),
  signatures: new Map(),
  takers: new Map(),
  kept: undefined,
  readings: new Map(),
});

function exitsHere(state: CeremonyState, chain: ChainId): Exit[] {
  return exitsOf(state).filter((one) => one.chain === chain);
}

async function ask(chain: Chain, block: Head, script: Script): Promise<Answers> {
  return answersTo(script, await chain.tryOut(script.questions, { blockHash: block.hash }));
}

/** Keeps what the Safes are now; true where one is not what the plans took it for. */
function learn(states: readonly CeremonyState[], plans: readonly ExitPlan[], answers: Answers, place: Place): boolean {
  let isOther = false;
  for (const { exit, txs } of plans)
    for (const tx of txs) {
      const key = safeKey(tx.tx.chain, tx.tx.safe);
      const state = states.find((one) => one.id === exit.ceremony);
      const before = place.safes.get(key) ?? (state && safeOf(state, tx));
      const now = before && safeFound(answers, before)?.safe;
      if (before === undefined || now === undefined) continue;
      isOther ||= !isSameSafe(before, now);
      place.safes.set(key, now);
    }
  return isOther;
}

/** Why a Safe's transaction failed, the Safe does not say: the calls themselves do. */
async function withInner(chain: Chain, block: Head, plans: readonly ExitPlan[], answers: Answers): Promise<Answers> {
  const failing = plans.filter(({ exit }) => answers.get(execKey(exit))?.failed !== undefined);
  const inner: Asked[] = failing.flatMap((one) => one.inner).filter((one) => !answers.has(one.key));
  if (inner.length === 0) return answers;
  return new Map([...answers, ...(await ask(chain, block, scriptOf(inner, [])))]);
}

/** Which transactions took the nonces that something was signed for: looked for once, where a nonce has moved on. */
async function findTakers(chain: Chain, block: Head, plans: readonly ExitPlan[], place: Place): Promise<void> {
  for (const { tx } of plans.flatMap(({ exit, txs }) =>
    exit.stage === "over" ? [] : txs.slice(0, 1),
  ) as CeremonyTx[]) {
    const safe = place.safes.get(safeKey(tx.chain, tx.safe));
    if (safe === undefined || safe.nonce <= tx.nonce || place.takers.has(takerKey(safe, tx.nonce))) continue;
    const from = block.number > searched ? block.number - searched : 0n;
    // Nobody's way out hangs on its name: where the node keeps no logs it stays unnamed.
    const logs = await chain.logsOver(from, block.number, [safe.address], executions).catch(() => []);
    const taker = logs.at(-Number(safe.nonce - tx.nonce));
    place.takers.set(takerKey(safe, tx.nonce), taker?.transactionHash);
  }
}

const takerKey = ({ chain, address }: SafeNow, nonce: bigint) => `${safeKey(chain, address)}:${nonce}`;
