/** Works the outbox off: every entry at least once, in order within its lane, and taken up again after a crash. */

import { type CeremonyState, onChainOf, transactionById } from "../domain/ceremony.ts";
import type { Rules } from "../domain/decision.ts";
import { system } from "../domain/events.ts";
import { endings } from "../domain/lifecycle.ts";
import type { Policy } from "../domain/policy.ts";
import { unsentRollbacks } from "../domain/presigned.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import type { CeremonyTx } from "../domain/transactions.ts";
import { safeKey } from "../domain/transactions.ts";
import { windDownSafes } from "../domain/wind-down.ts";
import type { Pager } from "../pager-port.ts";
import type { PhaseTallies } from "../phase-tallies.ts";
import type { Chains, ChatPlatform, Clock, OutboxItem, Store } from "../ports.ts";
import type { Card, Picture } from "../view.ts";
import { broadcast } from "./broadcast.ts";
import { kinds } from "./consequences.ts";
import { executeByGas } from "./execute-by-gas.ts";
import { readSafe, readSafes } from "./facts.ts";
import { showLastDigest } from "./last-digest.ts";
import { ceremonyOf, type Ledger } from "./ledger.ts";
import { relay } from "./relay.ts";
import type { WarmContainments } from "./warm-containments.ts";
import { sendHeartbeat, tellPager } from "./watch-effects.ts";

export interface EffectParts {
  store: Store;
  chains: Chains;
  clock: Clock;
  policy: Policy;
  ledger: Ledger;
  /** All of them, unless a test leaves one out. */
  rules: Rules;
  platforms: readonly ChatPlatform[];
  /** Puts a signature into Safe's Transaction Service; undefined where none is configured. */
  mirror?:
    | ((state: CeremonyState, tx: CeremonyTx, owner: Address, signature: Hex) => Promise<Record<string, unknown>>)
    | undefined;
  /** What pages people besides chat. */
  pagers?: readonly Pager[];
  /** A pager will never take what it was told: that has to be said where somebody reads it. */
  pagerRefused?(pager: string, sentence: string): void;
  /** A platform took the watchdog's heartbeat of a moment. */
  heartbeat?(platform: string, at: bigint): Promise<void>;
  /** Containments made ready beforehand; left out, each is made when it is asked for. */
  warm?: Pick<WarmContainments, "sign"> | undefined;
  /** The transaction was handed to its node: whoever waited so that it leaves first goes on, without its answer. */
  left?(): void;
  tallies: PhaseTallies;
  /** Draws the samples of a phase, by its index. */
  draw(state: CeremonyState, phase: number): Promise<Picture[]>;
  /** Looks at the chain for a ceremony right away: a transaction of it was mined. */
  observe(ceremony: string): Promise<void>;
}

type Handler = (item: OutboxItem, parts: EffectParts) => Promise<Record<string, unknown>>;

/** By outbox kind. A handler that throws is tried again; what it hands back is kept with the entry. */
export const handlers: Record<string, Handler> = {
  [kinds.card]: show,
  [kinds.page]: show,
  [kinds.openReview]: openReview,
  [kinds.broadcast]: broadcast,
  [kinds.relay]: relay,
  [kinds.windDown]: windDown,
  [kinds.executeByGas]: executeByGas,
  [kinds.mirror]: mirror,
  [kinds.pager]: tellPager,
  [kinds.heartbeat]: sendHeartbeat,
  [kinds.lastDigest]: showLastDigest,
};

async function show(item: OutboxItem, { platforms }: EffectParts): Promise<Record<string, unknown>> {
  const name = String(item.payload.platform);
  const platform = platforms.find((one) => one.name === name);
  if (platform === undefined) return { skipped: `${name} is not configured any more` };
  await platform.show(item.payload.card as Card);
  return { shownOn: name };
}

async function openReview(item: OutboxItem, { ledger, chains }: EffectParts): Promise<Record<string, unknown>> {
  const state = await ceremonyOf(ledger, item);
  if (state.status !== "checked") return { skipped: `it is ${state.status}` };
  const safes = await readSafes(chains, state);
  const rivals = await rivalsOf(ledger, state);
  const outcome = await ledger.handle(state.id, { kind: "openReview", by: system, safes, rivals });
  return outcome.ok ? { digest: outcome.state.review?.digest } : { refused: outcome.refusal.code };
}

/** Ceremonies that hold unsent nonces of a Safe this one needs. */
async function rivalsOf(ledger: Ledger, state: CeremonyState): Promise<string[]> {
  const needed = new Set(state.package.legs.map((leg) => safeKey(leg.chain, leg.authority.safe)));
  const others = await ledger.list();
  return others
    .filter((other) => other.id !== state.id && holdsNonces(other))
    .filter((other) => other.package.legs.some((leg) => needed.has(safeKey(leg.chain, leg.authority.safe))))
    .map((other) => other.id);
}

/** Before its schedules are sent, and as long as a presigned rollback keeps nonces of its own. */
function holdsNonces(other: CeremonyState): boolean {
  if (["in review", "approved", "signing"].includes(other.status)) return true;
  return !endings.includes(other.status) && unsentRollbacks(other).length > 0;
}

async function windDown(item: OutboxItem, { ledger, chains, policy }: EffectParts): Promise<Record<string, unknown>> {
  const state = await ceremonyOf(ledger, item);
  const wanted = windDownSafes(state, policy);
  const safes = await Promise.all(wanted.map(({ chain, address }) => readSafe(chains, chain, address)));
  const outcome = await ledger.handle(state.id, { kind: "windDown", by: system, safes });
  return outcome.ok ? {} : { refused: outcome.refusal.code };
}

async function mirror({ payload, ...item }: OutboxItem, parts: EffectParts): Promise<Record<string, unknown>> {
  if (parts.mirror === undefined) return { skipped: "no Transaction Service is configured any more" };
  const state = await ceremonyOf(parts.ledger, { payload, ...item });
  const tx = transactionById(state, String(payload.tx));
  if (tx === undefined || tx.safeTxHash !== payload.safeTxHash || onChainOf(state, tx.id) !== undefined)
    return { skipped: "the ceremony does not ask for it any more" };
  const bytes = await parts.store.blob(payload.signature as Hex);
  if (bytes === undefined) throw new Error(`The signature of ${payload.owner} for ${tx.id} is not in the store.`);
  return parts.mirror(state, tx, payload.owner as Address, `0x${Buffer.from(bytes).toString("hex")}`);
}
