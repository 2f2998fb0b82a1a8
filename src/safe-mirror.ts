/** Puts the mirror to Safe's Transaction Service together, where policy names one: out by the outbox, back by the poller. */

import { keccak256 } from "viem";
import { undelegatedCard } from "./ceremonies/cards/delegate-card.ts";
import { ignoredConfirmationCard, refusedThereCard, safeServiceCard } from "./ceremonies/cards/safe-service-card.ts";
import type { Outcome } from "./command.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import type { Actor, LoggedEvent } from "./domain/events.ts";
import type { Observation } from "./domain/intent.ts";
import { serviceAccount } from "./domain/mirroring.ts";
import type { Policy } from "./domain/policy.ts";
import type { Address, ChainId, Hex } from "./domain/primitives.ts";
import type { CeremonyTx } from "./domain/transactions.ts";
import type { ChatHealth, Clock } from "./ports.ts";
import { type Allowance, allowanceOf } from "./safe-service/budget.ts";
import { openSafeService } from "./safe-service/client.ts";
import type { Confirmation } from "./safe-service/compare.ts";
import { createGate } from "./safe-service/gate.ts";
import { type Mirrored, mirrorOut } from "./safe-service/mirror-out.ts";
import { startPoller } from "./safe-service/poller.ts";
import type { Delegate } from "./safe-service-port.ts";
import type { Card } from "./view.ts";

export interface SafeMirrorParts {
  policy: Policy;
  clock: Clock;
  apiKey: string | undefined;
  /** What may be asked of the service; by default what it allows with that key, or without one. */
  allowance?: Allowance | undefined;
  /** Who proposes where policy wants a delegate: the chain's gas account. */
  delegate(chain: ChainId): Delegate;
  list(): Promise<CeremonyState[]>;
  history(ceremony: string): Promise<LoggedEvent[]>;
  confirm(by: Actor, ceremony: string, safeTxHash: Hex, signature: Hex): Promise<Outcome>;
  record(ceremony: string, seen: Observation): Promise<Outcome>;
  announce(card: Card): void;
  onFault(where: string, fault: unknown): void;
}

export interface SafeMirror {
  /** Puts one owner's signature there: see {@link mirrorOut}. */
  put(state: CeremonyState, tx: CeremonyTx, owner: Address, signature: Hex): Promise<Mirrored>;
  /** Something was appended to a log. */
  wake(): void;
  /** Looks at every Safe that is due now. */
  look(): Promise<void>;
  health(): { name: string; health: ChatHealth }[];
  stop(): Promise<void>;
}

/** Undefined where policy names no service. */
export function startSafeMirror(parts: SafeMirrorParts): SafeMirror | undefined {
  const { policy, clock, apiKey, onFault } = parts;
  const services = policy.chains.flatMap(({ id, transactionService }) =>
    transactionService === undefined ? [] : [{ chain: id, url: transactionService.url }],
  );
  if (services.length === 0) return undefined;
  const delegates = policy.chains.filter((one) => one.transactionService?.delegate).map((one) => one.id);
  const now = () => Number(clock.now());
  const random = () => Math.random();
  const allowance = parts.allowance ?? allowanceOf(apiKey !== undefined);
  const changed = (chain: ChainId, health: ChatHealth) =>
    parts.announce(safeServiceCard(chain, health, policy, clock.now()));
  const gate = createGate({ allowance, now, random, changed });
  const service = openSafeService({ services, apiKey, gate });
  const poller = startPoller({
    ...{ service, gate, allowance, policy, now, random, onFault },
    list: parts.list,
    confirmed: (one) => hand(parts, one),
    async sibling(ceremony, seen) {
      await parts.record(ceremony, { what: "sibling", ...seen });
    },
    ignored: ({ state, tx, owner, reason }) =>
      parts.announce(ignoredConfirmationCard(state.id, tx, owner, reason, policy)),
  });
  return {
    async put(state, tx, owner, signature) {
      const { chain, safe } = tx.tx;
      const delegate = delegates.includes(chain) ? parts.delegate(chain) : undefined;
      const result = await mirrorOut(service, state, tx, { owner, signature, delegate });
      // Somebody was faster, and it is on the chain: that is no fault of the address.
      if ("refused" in result && !/already executed/i.test(result.refused))
        parts.announce(refusedThereCard(chain, tx.id, result.refused, policy, clock.now()));
      if ("mirrored" in result && result.undelegated !== undefined && delegate !== undefined)
        parts.announce(undelegatedCard({ chain, safe, account: delegate.account, ...result.undelegated }, policy));
      return result;
    },
    wake: poller.wake,
    look: poller.look,
    health: () =>
      services.map(({ chain }) => ({ name: `Safe's Transaction Service (${chain})`, health: gate.health(chain) })),
    async stop() {
      // Its thread first: whoever waits for an answer is told that there will be none.
      await service.close();
      await poller.stop();
    },
  };
}

/** False where it has to be handed in again. A refusal is an answer, and stands in the log: once, also after a restart. */
async function hand(parts: SafeMirrorParts, { state, tx, owner, person, signature }: Confirmation): Promise<boolean> {
  const by: Actor = { person, account: serviceAccount(owner), delivery: keccak256(signature) };
  const isOld = (event: LoggedEvent) =>
    event.type === "refused" && event.data.by.account === by.account && event.data.by.delivery === by.delivery;
  if ((await parts.history(state.id)).some(isOld)) return true;
  const outcome = await parts.confirm(by, state.id, tx.safeTxHash, signature);
  return outcome.ok || outcome.refusal.code !== "fault";
}
