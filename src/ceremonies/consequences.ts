/** What has to be done because of events: cards to show, people to page, transactions to send. */

import { toJson } from "../domain/canonical.ts";
import {
  type CeremonyState,
  type GivenSignature,
  isFullySigned,
  onChainOf,
  schedules,
  transactionById,
} from "../domain/ceremony.ts";
import type { LoggedEvent } from "../domain/events.ts";
import { nextForGas } from "../domain/gas-execution.ts";
import { isWordGiven } from "../domain/held-back.ts";
import { endings } from "../domain/lifecycle.ts";
import { publicSignatures } from "../domain/mirroring.ts";
import type { Policy } from "../domain/policy.ts";
import { rollbacksToSend, scheduledAtOnce, unaskedRollbacks } from "../domain/presigned.ts";
import { type CeremonyTx, safeKey } from "../domain/transactions.ts";
import type { OutboxEntry } from "../ports.ts";
import type { Card } from "../view.ts";
import { phaseOver } from "./cards/canary-card.ts";
import { ceremonyCard } from "./cards/ceremony-card.ts";
import { siblingCard } from "./cards/sibling-card.ts";
import { supersededCard } from "./cards/superseded-card.ts";
import { threadNote } from "./cards/thread-note.ts";
import { unaskedRollbackCard } from "./cards/unasked-rollback-card.ts";
import { whileUnwatched } from "./cards/unwatched-card.ts";

/** Outbox kinds, and who works them off: `card` and `page` go to the chat platforms, the rest to effects.ts. */
export const kinds = {
  card: "card",
  page: "page",
  openReview: "open-review",
  broadcast: "broadcast",
  relay: "relay",
  executeByGas: "execute-by-gas",
  windDown: "wind-down",
  /** To Safe's Transaction Service; a lane a chain, so that nothing else waits for it. */
  mirror: "mirror",
  /** To what pages people besides chat. */
  pager: "pager",
  /** The watchdog's synthetic breach, to a chat platform. */
  heartbeat: "heartbeat",
  /** The digest of a phase that is over, once more. */
  lastDigest: "last-digest",
} as const;

/** `platforms`: the names of those that are to show it. `unwatched`: why nothing goes on now, for the ceremony's card. */
export function consequences(
  state: CeremonyState,
  events: readonly LoggedEvent[],
  policy: Policy,
  platforms: readonly string[],
  unwatched?: string,
): OutboxEntry[] {
  const show = (card: Card, key: string, lane: string) => showings(card, key, lane, platforms);
  const card = whileUnwatched(ceremonyCard(state, policy), state, unwatched);
  return [
    ...show(card, `card:${state.id}:${state.seq}`, `chat:${state.id}`),
    ...events.flatMap((one) => notes(state, one, policy, show)),
    ...events.flatMap((one) => effects(state, one)),
    ...events.flatMap((one) => lastDigests(state, one, platforms)),
    ...events.flatMap((one) => mirrored(state, one, policy)),
  ];
}

/** One entry a platform, in a lane of its own there: a platform that is down holds back nothing of the others. */
export function showings(card: Card, key: string, lane: string, platforms: readonly string[]): OutboxEntry[] {
  const shown = toJson(card);
  return platforms.map((platform) => ({
    kind: card.urgent ? kinds.page : kinds.card,
    key: `${key}@${platform}`,
    lane: `${lane}@${platform}`,
    payload: { platform, card: shown },
  }));
}

/** A thread message for every event; what wakes people also is a message of its own, in a lane that nothing else can hold up. */
function notes(
  state: CeremonyState,
  one: LoggedEvent,
  policy: Policy,
  show: (card: Card, key: string, lane: string) => OutboxEntry[],
): OutboxEntry[] {
  const note = show(threadNote(state, one, policy), `note:${state.id}:${one.seq}`, `chat:${state.id}`);
  const page = pageOf(state, one, policy);
  if (page === undefined) return note;
  return [...show(page.card, `page:${state.id}:${one.seq}`, `page:${state.id}:${page.about}`), ...note];
}

/** What wakes people, and what it is about: pages about the same thing keep their order. Breaches are the alerts' to page. */
function pageOf(state: CeremonyState, one: LoggedEvent, policy: Policy): { card: Card; about: string } | undefined {
  if (one.type === "siblingSeen") return { card: siblingCard(state, one, policy), about: one.data.safeTxHash };
  if (one.type === "transactionMined" && unaskedRollbacks(state).some((tx) => tx.id === one.data.tx))
    return { card: unaskedRollbackCard(state, one, policy), about: one.data.tx };
  if (one.type === "supersededSeen") return { card: supersededCard(state, one, policy), about: one.data.tx };
  return undefined;
}

function effects(state: CeremonyState, one: LoggedEvent): OutboxEntry[] {
  const key = (kind: string) => `${kind}:${state.id}:${one.seq}`;
  const ceremony = state.id;
  switch (one.type) {
    case "checked":
    case "refusalsOverridden":
      return [{ kind: kinds.openReview, key: key(kinds.openReview), lane: `flow:${ceremony}`, payload: { ceremony } }];
    case "scheduleRequested":
      return scheduledAtOnce(state).map((tx) => broadcast(state, tx));
    // Asked for again after it was given up, it is another entry.
    case "rollbackStarted":
      return rollbacksToSend(state, one.data.legs).map((tx) => {
        const entry = broadcast(state, tx);
        return { ...entry, key: `${entry.key}:${one.seq}` };
      });
    case "executionRequested":
    case "legExecuted":
      return executeByGas(state);
    case "containmentRequested": {
      const tx = transactionById(state, `containment/${one.data.containment}`);
      return tx === undefined || !isFullySigned(state, tx) ? [] : [contain(state, tx)];
    }
    case "executorSent": {
      const { leg, purpose, hash, raw } = one.data;
      const payload = { ceremony, leg, purpose, hash, raw };
      // A lane each: one that is never mined does not hold back the executor's next.
      const lane = `relay:${ceremony}:${hash}`;
      // The gas key signs the very same bytes again, where they did not leave the first time: that is another entry.
      return [{ kind: kinds.relay, key: `${lane}:${one.seq}`, lane, payload }];
    }
    case "signed":
      return [...lastSignature(state, one.data.tx), ...windDownReady(state).map((tx) => broadcast(state, tx))];
    // A schedule that was on its way when the ceremony ended stands in the timelock now: it has to be cancelled too.
    case "transactionMined":
      return endings.includes(state.status) ? [windDown(state, one)] : [];
    case "canaryPassed":
    case "rolledBack":
    case "expired":
    case "cancelled":
      return [windDown(state, one)];
    default:
      return [];
  }
}

/** A phase is owed one a platform, in a lane of its own: said of it again, it is the same entry. */
function lastDigests(state: CeremonyState, one: LoggedEvent, platforms: readonly string[]): OutboxEntry[] {
  if (!endPhases.includes(one.type)) return [];
  const over = state.phases.filter((run) => phaseOver(state, run.phase) !== undefined);
  return over.flatMap(({ phase: index }) => {
    const phase = state.package.phases[index]?.id;
    return platforms.map((platform) => {
      const key = `${kinds.lastDigest}:${state.id}:${phase}@${platform}`;
      return { kind: kinds.lastDigest, key, lane: key, payload: { ceremony: state.id, phase, platform } };
    });
  });
}

const endPhases: readonly LoggedEvent["type"][] = [
  "advanced",
  "canaryPassed",
  "closed",
  "rolledBack",
  "expired",
  "cancelled",
];

/** What was held back is whole now, and the word was given before: it is sent. */
function lastSignature(state: CeremonyState, id: string): OutboxEntry[] {
  const tx = transactionById(state, id);
  return tx !== undefined && isWordGiven(state, tx) && isFullySigned(state, tx) ? [contain(state, tx)] : [];
}

/** Refused by the chain and asked for again, it is another entry. */
function contain(state: CeremonyState, tx: CeremonyTx): OutboxEntry {
  const entry = broadcast(state, tx);
  return { ...entry, key: `${entry.key}:${state.seq}` };
}

function executeByGas(state: CeremonyState): OutboxEntry[] {
  const next = nextForGas(state);
  if (next === undefined) return [];
  const { leg, purpose, seq } = next;
  const key = `${kinds.executeByGas}:${state.id}:${seq}:${leg}`;
  const payload = { ceremony: state.id, leg, purpose, seq };
  return [{ kind: kinds.executeByGas, key, lane: `gas:${state.id}`, payload }];
}

function windDown(state: CeremonyState, { seq }: LoggedEvent): OutboxEntry {
  const key = `${kinds.windDown}:${state.id}:${seq}`;
  return { kind: kinds.windDown, key, lane: `flow:${state.id}`, payload: { ceremony: state.id } };
}

function windDownReady(state: CeremonyState): CeremonyTx[] {
  const open = (state.windDown?.transactions ?? []).filter((tx) => onChainOf(state, tx.id) === undefined);
  const before = (tx: CeremonyTx) =>
    open.filter(
      (one) => safeKey(one.tx.chain, one.tx.safe) === safeKey(tx.tx.chain, tx.tx.safe) && one.tx.nonce <= tx.tx.nonce,
    );
  // A later nonce that is signed first would stand at the head of its Safe's lane and hold up the earlier one for ever.
  return open.filter((tx) => before(tx).every((one) => isFullySigned(state, one)));
}

/** One entry a transaction, in the order of the Safe's nonces. */
function broadcast(state: CeremonyState, tx: CeremonyTx): OutboxEntry {
  return {
    kind: kinds.broadcast,
    key: `${kinds.broadcast}:${state.id}:${tx.safeTxHash}`,
    lane: `safe:${safeKey(tx.tx.chain, tx.tx.safe)}`,
    payload: { ceremony: state.id, tx: tx.id },
  };
}

/** Signatures that may be shown in Safe's Transaction Service from now on, where the chain has one. */
function mirrored(state: CeremonyState, one: LoggedEvent, policy: Policy): OutboxEntry[] {
  if (one.type === "scheduleRequested" || one.type === "rollbackStarted")
    return schedules(state).flatMap((tx) => publicSignatures(state, tx).flatMap((given) => mirror(tx, given)));
  // Also what was confirmed there comes by: that it has it already costs one request.
  if (one.type !== "signed") return [];
  const tx = transactionById(state, one.data.tx);
  const given = tx && publicSignatures(state, tx).find((item) => item.owner === one.data.owner);
  return tx === undefined || given === undefined ? [] : mirror(tx, given);

  function mirror({ tx: { chain }, id, safeTxHash }: CeremonyTx, { owner, signature }: GivenSignature): OutboxEntry[] {
    if (policy.chains.find((item) => item.id === chain)?.transactionService === undefined) return [];
    const key = `${kinds.mirror}:${state.id}:${safeTxHash}:${owner}`;
    return [
      {
        kind: kinds.mirror,
        key,
        lane: `${kinds.mirror}:${chain}`,
        payload: { ceremony: state.id, tx: id, safeTxHash, owner, signature },
      },
    ];
  }
}
