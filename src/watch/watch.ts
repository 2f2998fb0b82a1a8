/** The watch: on every head of every chain, each live ceremony is compared with the chain and measured. */

import type { Head } from "../chain-facts.ts";
import type { Outcome } from "../command.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import { allRules } from "../domain/decision.ts";
import type { Observation } from "../domain/intent.ts";
import { endings } from "../domain/lifecycle.ts";
import { policyChanges } from "../domain/policy-change.ts";
import type { ChainId } from "../domain/primitives.ts";
import { stillExecutable } from "../domain/why.ts";
import { observations } from "./observer.ts";
import { type Remembered, type SamplerParts, sample } from "./sampler.ts";

export interface WatchParts extends SamplerParts {
  list(): Promise<CeremonyState[]>;
  load(id: string): Promise<CeremonyState | undefined>;
  record(id: string, seen: Observation): Promise<Outcome>;
  /** Whether the people who count may be others than the policy files say. */
  policyMoved(): boolean;
  /** New samples of a ceremony are in the store. */
  sampled(state: CeremonyState): Promise<void>;
  onFault(where: string, fault: Error): void;
}

export interface Watch {
  /** Looks at one ceremony now, and resolves when everything it shows is recorded. */
  observe(id: string): Promise<void>;
  /** Looks at every live ceremony now, up to the present head. */
  all(): Promise<void>;
  stop(): Promise<void>;
}

/** A ceremony that is over but left something behind is still watched. */
function isWatched(state: CeremonyState): boolean {
  return !endings.includes(state.status) || stillExecutable(state).length > 0 || state.windDown !== undefined;
}

export function startWatch(parts: WatchParts): Watch {
  const { chains } = parts;
  /** One look a ceremony at a time; a look asked for meanwhile comes right after. */
  const looks = new Map<string, Promise<void>>();
  const remembered: Remembered = { metrics: new Map(), budgets: new Map() };
  let stopped = false;

  async function look(id: string): Promise<void> {
    let state = await parts.load(id);
    if (state === undefined) return;
    if (parts.policyMoved() && policyChanges(state, parts.policy, allRules).length > 0)
      await parts.record(id, { what: "policyChanged" });
    for (const seen of await measured(state)) await parts.record(id, seen);
    for (let changed = true; changed && !stopped; ) {
      changed = false;
      state = await parts.load(id);
      if (state === undefined) return;
      for (const seen of await observations(state, chains, parts.store)) {
        const outcome = await parts.record(id, seen);
        changed ||= outcome.ok && outcome.events.length > 0;
      }
    }
  }

  async function measured(state: CeremonyState): Promise<Observation[]> {
    const ids = [...new Set(state.package.legs.map((leg) => leg.chain))];
    const found: Observation[] = [];
    for (const id of ids) found.push(...(await sample(state, id, await chains.get(id).head(), parts, remembered)));
    await parts.sampled(state);
    return found;
  }

  function observe(id: string): Promise<void> {
    const next = (looks.get(id) ?? Promise.resolve())
      .then(() => (stopped ? undefined : look(id)))
      .catch((fault: unknown) => parts.onFault(id, fault as Error));
    looks.set(id, next);
    return next;
  }

  async function all(): Promise<void> {
    const live = (await parts.list()).filter(isWatched);
    await Promise.all(live.map((state) => observe(state.id)));
  }

  /** Heads that come while a round runs are covered by one more round. */
  let round: Promise<void> | undefined;
  let again = false;
  function wake(): void {
    again = true;
    if (stopped) return;
    round ??= (async () => {
      while (again && !stopped) {
        again = false;
        await all();
      }
    })()
      .catch((fault: unknown) => parts.onFault("watch", fault as Error))
      .finally(() => {
        round = undefined;
      });
  }

  const unsubscribe = chains.ids.map((id: ChainId) =>
    chains.get(id).onHead(
      (_head: Head) => wake(),
      (fault) => parts.onFault(id, fault),
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
      await Promise.all(looks.values());
    },
  };
}
