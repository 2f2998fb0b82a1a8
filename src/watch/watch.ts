/** The watch of ceremonies: on every head of every chain, each that is live is compared with the chain. */

import type { Head } from "../chain-facts.ts";
import type { Outcome } from "../command.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import { allRules } from "../domain/decision.ts";
import type { Observation } from "../domain/intent.ts";
import { endings } from "../domain/lifecycle.ts";
import type { Policy } from "../domain/policy.ts";
import { policyChanges } from "../domain/policy-change.ts";
import type { ChainId } from "../domain/primitives.ts";
import { stillExecutable } from "../domain/still-executable.ts";
import type { Chains, Store } from "../ports.ts";
import { observations } from "./observer.ts";

export interface WatchParts {
  store: Store;
  chains: Chains;
  policy: Policy;
  list(): Promise<CeremonyState[]>;
  load(id: string): Promise<CeremonyState | undefined>;
  record(id: string, seen: Observation): Promise<Outcome>;
  /** Whether the people who count may be others than the policy files say. */
  policyMoved(): boolean;
  /** Resolves once the present heads were judged, with "all" what was missed too, and nothing recorded is left to be measured. */
  judged(what: "head" | "all"): Promise<void>;
  /** Samples of a ceremony may have come. */
  sampled(state: CeremonyState): Promise<void>;
  onFault(where: string, fault: unknown): void;
}

export interface Watch {
  /** Looks at one ceremony now, and resolves when everything it shows, up to the present head, is recorded. */
  observe(id: string): Promise<void>;
  /** Looks at every live ceremony now, up to the present head, and at every block that was missed. */
  all(): Promise<void>;
  stop(): Promise<void>;
}

/** A ceremony that is over but left something behind is still watched. */
function isWatched(state: CeremonyState): boolean {
  return !endings.includes(state.status) || stillExecutable(state).length > 0 || state.windDown !== undefined;
}

export function startWatch(parts: WatchParts): Watch {
  const { chains, onFault } = parts;
  /** One look a ceremony at a time; a look asked for meanwhile comes right after. */
  const looks = new Map<string, Promise<void>>();
  let stopped = false;

  async function look(id: string): Promise<void> {
    if ((await parts.load(id)) === undefined) return;
    if (parts.policyMoved()) await policyMoved(id);
    for (let changed = true; changed && !stopped; ) {
      changed = false;
      const state = await parts.load(id);
      if (state === undefined) return;
      for (const seen of await observations(state, chains, parts.store)) {
        const outcome = await parts.record(id, seen);
        changed ||= outcome.ok && outcome.events.length > 0;
      }
    }
  }

  async function policyMoved(id: string): Promise<void> {
    const state = await parts.load(id);
    if (state !== undefined && policyChanges(state, parts.policy, allRules).length > 0)
      await parts.record(id, { what: "policyChanged" });
  }

  /** What fails is told, and looked at again with the next head. */
  const told = (where: string, work: () => Promise<unknown>): Promise<void> =>
    work().then(
      () => undefined,
      (fault: unknown) => onFault(where, fault),
    );

  function lookAt(id: string): Promise<void> {
    const next = (looks.get(id) ?? Promise.resolve()).then(() =>
      told(id, async () => (stopped ? undefined : look(id))),
    );
    looks.set(id, next);
    return next;
  }

  async function lookAtAll(): Promise<string[]> {
    const live = (await parts.list()).filter(isWatched).map((state) => state.id);
    await Promise.all(live.map(lookAt));
    return live;
  }

  async function show(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const state = await parts.load(id);
      if (state !== undefined && !stopped) await told(id, () => parts.sampled(state));
    }
  }

  async function observe(id: string): Promise<void> {
    await told(id, () => parts.judged("head"));
    await lookAt(id);
    await told(id, () => parts.judged("head"));
    await show([id]);
  }

  async function all(): Promise<void> {
    await told("blocks", () => parts.judged("all"));
    const live = await lookAtAll();
    await told("blocks", () => parts.judged("all"));
    await show(live);
  }

  /** Heads that come while a round runs are covered by one more round. */
  let round: Promise<void> | undefined;
  let again = false;
  let after: Promise<void> | undefined;
  function wake(): void {
    again = true;
    if (stopped) return;
    round ??= (async () => {
      while (again && !stopped) {
        again = false;
        const live = await lookAtAll();
        // However long it takes to measure what was missed, the next look is not held back by it.
        after ??= told("blocks", () => parts.judged("head"))
          .then(() => show(live))
          .finally(() => {
            after = undefined;
          });
      }
    })()
      .catch((fault: unknown) => onFault("watch", fault))
      .finally(() => {
        round = undefined;
      });
  }

  const unsubscribe = chains.ids.map((id: ChainId) =>
    chains.get(id).onHead(
      (_head: Head) => wake(),
      (fault) => onFault(id, fault),
    ),
  );
  wake();
  return {
    observe,
    all,
    async stop() {
      stopped = true;
      for (const end of unsubscribe) end();
      await round;
      await after;
      await Promise.all(looks.values());
    },
  };
}
