/** One poller for all chains, Safes and ceremonies: it looks where it is worth most, and hands on what is verified. */

import { allTransactions, type CeremonyState, onChainOf } from "../domain/ceremony.ts";
import { endings } from "../domain/lifecycle.ts";
import type { Policy } from "../domain/policy.ts";
import { isLateRollback } from "../domain/presigned.ts";
import type { Hex } from "../domain/primitives.ts";
import type { Sibling } from "../domain/siblings.ts";
import { missingSignatures } from "../domain/signing.ts";
import { safeKey } from "../domain/transactions.ts";
import { type SafeService, ServiceFault } from "../safe-service-port.ts";
import { type Allowance, type Interest, type Looked, nextLook } from "./budget.ts";
import { type Confirmation, compare, type Held, type Ignored } from "./compare.ts";
import type { Gate } from "./gate.ts";

export interface PollerParts {
  service: SafeService;
  gate: Gate;
  allowance: Allowance;
  policy: Policy;
  /** Wall time in seconds. */
  now(): number;
  random(): number;
  /** All ceremonies. */
  list(): Promise<CeremonyState[]>;
  /** Hands a verified confirmation to the intake. False where it has to be tried again. */
  confirmed(one: Confirmation): Promise<boolean>;
  /** Records a sibling. */
  sibling(ceremony: string, seen: Sibling): Promise<void>;
  /** Told of a confirmation that does not count; may be told of the same one again. */
  ignored(one: Ignored): void;
  onFault(where: string, fault: unknown): void;
}

export interface Poller {
  /** Something was appended to a log. */
  wake(): void;
  /** Looks at every Safe that is due now. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/** Seconds for which a ceremony counts as active after its last event. */
const activity = 900;
const millisecondsBetweenLooks = 1_000;
/** Seconds after which ceremonies are read again although nothing was appended here. */
const reading = 60;

interface Watched extends Looked {
  held: Held[];
  from: bigint;
}

export function startPoller(parts: PollerParts): Poller {
  const { service, gate, now } = parts;
  const lastLooks = new Map<string, number>();
  /** Ceremonies and the length of their log when it last grew, by what was seen here. */
  const changes = new Map<string, { seq: number; at: number }>();
  /** Confirmations that were handed on; the log remembers them too, this saves the asking. */
  const handed = new Set<string>();
  let known: { watched: Watched[]; ours: ReadonlySet<Hex>; at: number } | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  async function read(): Promise<NonNullable<typeof known>> {
    if (known !== undefined && now() - known.at < reading) return known;
    const all = await parts.list();
    for (const { id, seq } of all) if (changes.get(id)?.seq !== seq) changes.set(id, { seq, at: now() });
    const ours = new Set(all.flatMap((one) => [...one.abandoned, ...allTransactions(one)].map((tx) => tx.safeTxHash)));
    known = { watched: watchedOf(all, service, interestOf), ours, at: now() };
    return known;
  }

  function interestOf({ state }: Held): Interest {
    const wanted = missingSignatures(state, parts.policy).some(
      ({ tx }) => tx.purpose !== "containment" && !isLateRollback(state, tx),
    );
    if (!wanted) return "idle";
    return now() - (changes.get(state.id)?.at ?? 0) < activity ? "active" : "expected";
  }

  async function lookAtDue(): Promise<void> {
    for (;;) {
      const { watched, ours } = await read();
      const open = watched
        .filter(({ held: [any] }) => any !== undefined && gate.closedFor(any.tx.tx.chain) === 0)
        .map((one) => ({ ...one, last: lastLooks.get(one.key) }));
      const due = nextLook(open, gate.bucket(), now(), parts.allowance, 1 + parts.random() / 5);
      if (due === undefined || stopped) return;
      lastLooks.set(due.key, now());
      await lookAt(due, ours);
    }
  }

  async function lookAt({ key, held, from }: Watched, ours: ReadonlySet<Hex>): Promise<void> {
    const [any] = held;
    if (any === undefined) return;
    const { tx } = any.tx;
    try {
      const rows = await service.pending(tx, from);
      const found = await compare(rows, held, ours, parts.policy);
      for (const one of found.siblings) await parts.sibling(one.ceremony, one.sibling);
      for (const one of found.confirmations) await hand(one);
      for (const one of found.ignored) parts.ignored(one);
    } catch (fault) {
      // It saw nothing: the next look is as soon as the gate opens again. The gate says what is wrong, once.
      if (fault instanceof ServiceFault) lastLooks.delete(key);
      else if (!stopped) parts.onFault(`Safe's Transaction Service for ${tx.chain}`, fault);
    }
  }

  async function hand(one: Confirmation): Promise<void> {
    const key = `${one.tx.safeTxHash}/${one.signature}`;
    if (!handed.has(key) && (await parts.confirmed(one))) handed.add(key);
  }

  function look(): Promise<void> {
    if (stopped) return Promise.resolve();
    running ??= lookAtDue()
      .catch((fault: unknown) => parts.onFault("Safe's Transaction Service", fault))
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  const timer = setInterval(() => void look(), millisecondsBetweenLooks);
  timer.unref();
  return {
    wake() {
      known = undefined;
    },
    look,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

/** One entry a Safe: a single list serves every ceremony that holds a nonce of it. The most urgent one sets the pace. */
function watchedOf(
  all: readonly CeremonyState[],
  service: SafeService,
  interestOf: (one: Held) => Interest,
): Watched[] {
  const order: Interest[] = ["active", "expected", "idle"];
  const bySafe = new Map<string, Held[]>();
  for (const state of all)
    for (const tx of heldBy(state).filter((one) => service.chains.includes(one.tx.chain))) {
      const key = safeKey(tx.tx.chain, tx.tx.safe);
      bySafe.set(key, [...(bySafe.get(key) ?? []), { state, tx }]);
    }
  return [...bySafe].map(([key, held]) => {
    const found = held.map(interestOf);
    const from = held.map(({ tx }) => tx.tx.nonce).reduce((a, b) => (a < b ? a : b));
    return { key, held, from, interest: order.find((one) => found.includes(one)) ?? "idle", last: undefined };
  });
}

/** What waits for signatures or to be sent. Of an ended ceremony only what makes the rest unusable. */
function heldBy(state: CeremonyState) {
  const ended = endings.includes(state.status);
  return allTransactions(state)
    .filter((tx) => !ended || tx.purpose === "cancel" || tx.purpose === "reject")
    .filter((tx) => onChainOf(state, tx.id) === undefined);
}
