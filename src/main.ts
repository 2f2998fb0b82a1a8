/** The composition root: the only file that knows every part. */

import { commands } from "../commands/index.ts";
import { consequences } from "./ceremonies/consequences.ts";
import { createIntake } from "./ceremonies/intake.ts";
import { createLedger, type Ledger } from "./ceremonies/ledger.ts";
import { type OutboxWorker, startOutboxWorker } from "./ceremonies/outbox-worker.ts";
import { createServices } from "./ceremonies/services.ts";
import { preconditionsCodeHash } from "./chain/preconditions/preconditions.ts";
import type { Intake, Services } from "./command.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import { allRules, type Rules } from "./domain/decision.ts";
import { system } from "./domain/events.ts";
import type { Policy } from "./domain/policy.ts";
import type { Chains, ChatPlatform, Clock, Store } from "./ports.ts";
import type { Picture } from "./view.ts";
import { startWatch, type Watch } from "./watch/watch.ts";

export interface Parts {
  policy: Policy;
  store: Store;
  chains: Chains;
  clock: Clock;
  /** May grow after the start: a platform shows its first card as soon as it is there. */
  platforms: readonly ChatPlatform[];
  rules?: Rules;
  draw?(state: CeremonyState): Promise<Picture[]>;
  sampled?(state: CeremonyState): Promise<void>;
  onFault(where: string, fault: unknown): void;
}

export interface Quorate {
  dispatch: Dispatch;
  intake: Intake;
  services: Services;
  ledger: Ledger;
  watch: Watch;
  outbox: OutboxWorker;
  /** Resolves once everything decided so far is worked off and seen on the chain. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts the parts together and takes up what an earlier run left undone. Owns nothing it was given. */
export function compose(parts: Parts): Quorate {
  const { policy, store, chains, clock } = parts;
  const ledger = createLedger({
    store,
    chains,
    clock,
    policy,
    rules: parts.rules ?? allRules,
    consequences: (state, events) => consequences(state, events, policy),
    appended: () => outbox.wake(),
  });
  const watch = startWatch({
    store,
    chains,
    clock,
    policy,
    list: () => ledger.list(),
    load: (id) => ledger.load(id),
    record: (id, seen) => ledger.handle(id, { kind: "observe", by: system, seen }),
    sampled: async (state) => parts.sampled?.(state),
    onFault: parts.onFault,
  });
  const outbox = startOutboxWorker(
    { store, chains, clock, policy, ledger, platforms: parts.platforms, observe: (id) => watch.observe(id) },
    (item, fault) => parts.onFault(`outbox ${item?.key ?? ""}`, fault),
  );
  const services = createServices({
    ledger,
    store,
    chains,
    policy,
    preconditionsCodeHash,
    draw: async (state) => parts.draw?.(state) ?? [],
    settle: () => outbox.settled(),
  });
  const onFault = (fault: unknown, { command, account }: { command: string; account: string }) =>
    parts.onFault(`${command} by ${account}`, fault);
  return {
    dispatch: createDispatch({ commands, policy, services, deliveries: store, clock, onFault }),
    intake: createIntake({ ledger, chains, policy, onFault: parts.onFault }),
    services,
    ledger,
    watch,
    outbox,
    async settle() {
      await outbox.settled();
      await watch.all();
      await outbox.settled();
    },
    async stop() {
      await watch.stop();
      await outbox.stop();
    },
  };
}
