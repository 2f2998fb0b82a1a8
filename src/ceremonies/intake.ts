/** Where wallets hand in what they signed: the console, the CLI, and later the signing page all end here. */

import { getAddress, keccak256, parseTransaction, recoverTransactionAddress } from "viem";
import type { Intake, Outcome } from "../command.ts";
import { allTransactions, type CeremonyState, safeOf } from "../domain/ceremony.ts";
import type { Actor } from "../domain/events.ts";
import type { ExecutorTransaction } from "../domain/intent.ts";
import { type Policy, personById, personOfAccount } from "../domain/policy.ts";
import { isLateRollback } from "../domain/presigned.ts";
import { type Address, type Hex, zeroAddress } from "../domain/primitives.ts";
import { type Refusal, Refused, refusal } from "../domain/refusal.ts";
import { legById } from "../domain/release-package.ts";
import { executeBatchData } from "../domain/timelock.ts";
import { rollbackBatch, timelockOf, upgradeBatch } from "../domain/transactions.ts";
import { faultSentence } from "../fault-sentence.ts";
import type { Chains } from "../ports.ts";
import { readLeg, readSafe } from "./facts.ts";
import type { Ledger } from "./ledger.ts";
import { recogniseSignature } from "./recognise-signature.ts";

export interface IntakeParts {
  ledger: Ledger;
  chains: Chains;
  policy: Policy;
  /** Told of what was no refusal but a fault. */
  onFault(where: string, fault: unknown): void;
}

export interface CeremonyIntake extends Intake {
  /** A signature that an owner gave in Safe{Wallet}: `by` is the person whose wallet it was recovered to. */
  confirmation(by: Actor, ceremony: string, safeTxHash: Hex, signature: Hex): Promise<Outcome>;
}

/** Never throws: a chain or a database that is down ends in a sentence to the person whose wallet asked. */
export function createIntake(parts: IntakeParts): CeremonyIntake {
  const intake = throwingIntake(parts);
  const answered = async (where: string, work: () => Promise<Outcome>): Promise<Outcome> => {
    try {
      return await work();
    } catch (fault) {
      if (fault instanceof Refused) return { ok: false, refusal: fault.refusal, state: undefined };
      parts.onFault(where, fault);
      return { ok: false, refusal: refusal("fault", faultSentence(fault)), state: undefined };
    }
  };
  return {
    signature: (account, ...rest) => answered(`signature by ${account}`, () => intake.signature(account, ...rest)),
    confirmation: (by, ...rest) => answered(`confirmation by ${by.account}`, () => intake.confirmation(by, ...rest)),
    transaction: (account, ...rest) =>
      answered(`transaction by ${account}`, () => intake.transaction(account, ...rest)),
  };
}

interface Known {
  by: Actor;
  state: CeremonyState;
  wallets: readonly Address[];
}

function throwingIntake({ ledger, chains, policy }: IntakeParts): CeremonyIntake {
  async function known(account: string | Actor, ceremony: string): Promise<Known | Refusal> {
    const by = typeof account === "string" ? { account } : account;
    const person = "person" in by ? personById(policy, by.person) : personOfAccount(policy, by.account);
    if (person === undefined)
      return refusal("account/unknown", `The account ${by.account} belongs to nobody in the council's policy.`);
    const state = await ledger.load(ceremony);
    if (state === undefined) return refusal("ceremony/unknown", `There is no ceremony ${ceremony}. Use /upgrade list.`);
    return { by: { ...by, person: person.id }, state, wallets: person.wallets };
  }

  const no = (why: Refusal, state?: CeremonyState): Outcome => ({ ok: false, refusal: why, state });

  async function signed(account: string | Actor, ceremony: string, safeTxHash: Hex, signature: Hex): Promise<Outcome> {
    const found = await known(account, ceremony);
    if ("code" in found) return no(found);
    const { by, state, wallets } = found;
    const wanted = allTransactions(state).find((one) => one.safeTxHash === safeTxHash);
    if (wanted === undefined)
      return no(
        refusal(
          "integrity/signature-hash",
          `${ceremony} was not changed: the signature is over ${safeTxHash}, and this ceremony asks for no such hash.`,
        ),
        state,
      );
    const recognised = await recogniseSignature(signature, wanted, safeOf(state, wanted), wallets, chains);
    if ("code" in recognised) return no(recognised, state);
    const safe = await readSafe(chains, wanted.tx.chain, wanted.tx.safe);
    const bytes = Buffer.from(signature.slice(2), "hex");
    const hash = keccak256(signature);
    const intent = { kind: "sign", by, tx: wanted.id, safeTxHash, signature: hash, ...recognised, safe } as const;
    // A full set of these waits for a bad day, and whoever has it can send it.
    const sealed = wanted.purpose === "containment" || isLateRollback(state, wanted);
    return ledger.handle(ceremony, intent, [{ hash, bytes, sealed }]);
  }

  return {
    signature: signed,
    confirmation: signed,

    async transaction(account, ceremony, raw) {
      const found = await known(account, ceremony);
      if ("code" in found) return no(found);
      const { by, state } = found;
      const sent = await decodeTransaction(raw, state);
      if ("code" in sent) return no(sent, state);
      const leg = legById(state.package, sent.leg);
      const { executors } = await chains.get(leg.chain).timelock(timelockOf(leg).timelock);
      const legs = [await readLeg(chains, state, sent.leg, sent.purpose)];
      const bytes = Buffer.from(raw.slice(2), "hex");
      return ledger.handle(ceremony, { kind: "send", by, sent, legs, executors }, [{ hash: sent.raw, bytes }]);
    },
  };
}

/** Reads a raw signed transaction. Its leg is the one whose batch it carries; else the one whose turn it is, to be refused. */
async function decodeTransaction(raw: Hex, state: CeremonyState): Promise<ExecutorTransaction | Refusal> {
  try {
    const tx = parseTransaction(raw);
    const from = await recoverTransactionAddress({ serializedTransaction: raw as never });
    const rollingBack = state.rollbackBy !== undefined;
    const due = rollingBack ? state.rollbackBy?.legs : state.package.phases[state.currentPhase]?.legs;
    const purpose = rollingBack ? "rollback" : "upgrade";
    const open = (due ?? []).filter(
      (id) => !state.executedLegs.some((one) => one.leg === id && one.purpose === purpose),
    );
    const leg = open.find((id) => batchData(state, id, purpose) === tx.data) ?? open[0];
    if (leg === undefined) return refusal("send/nothing", `${state.id} expects no transaction of an executor now.`);
    const { to, value = 0n, data = "0x", chainId } = tx;
    return {
      leg,
      purpose,
      hash: keccak256(raw),
      raw: keccak256(raw),
      from,
      chain: `eip155:${chainId ?? 0}`,
      to: getAddress(to ?? zeroAddress),
      value,
      data,
    };
  } catch {
    return refusal("send/malformed", "These bytes are no signed Ethereum transaction.");
  }
}

/** Calldata of the batch that a leg's upgrade or rollback is; undefined before there is a review. */
function batchData(state: CeremonyState, legId: string, purpose: "upgrade" | "rollback"): Hex | undefined {
  if (state.review === undefined) return undefined;
  const anchor = { packageHash: state.packageHash, auditHead: state.review.auditHead };
  const leg = legById(state.package, legId);
  return executeBatchData((purpose === "upgrade" ? upgradeBatch : rollbackBatch)(state.package, leg, anchor));
}
