/**
 * The two Safe transactions that make signed things unusable (trust rule 5). Pure, from the package alone, so that the
 * program and a signer's browser compute them each by themselves.
 */

import { legById, type ReleasePackage } from "./release-package.ts";
import { cancelData, operationId } from "./timelock.ts";
import {
  type Anchor,
  type CeremonyTx,
  ceremonyTx,
  rollbackBatch,
  type SafeAt,
  timelockOf,
  upgradeBatch,
} from "./transactions.ts";

/** An operation of a release: `pilot/rollback` is the rollback of the leg `pilot`. */
export interface OperationName {
  leg: string;
  purpose: "upgrade" | "rollback";
}

/** The guardian Safe takes an operation out of the timelock. Throws for a leg that the package has not. */
export function cancellation(
  pkg: ReleasePackage,
  anchor: Anchor,
  { leg: id, purpose }: OperationName,
  guardian: SafeAt,
  nonce: bigint,
): CeremonyTx {
  const leg = legById(pkg, id);
  const operation = operationId((purpose === "upgrade" ? upgradeBatch : rollbackBatch)(pkg, leg, anchor));
  const { timelock } = timelockOf(leg);
  return ceremonyTx("cancel", `${id}/${purpose}`, guardian, nonce, timelock, cancelData(operation), operation);
}

/** An empty call of the Safe to itself: it does nothing but use up the nonce, and whatever was signed for it is dead. */
export function rejection(safe: SafeAt, nonce: bigint): CeremonyTx {
  // A Safe can have one address on several chains.
  const subject = `${safe.chain}/${safe.address}/${nonce}`;
  return ceremonyTx("reject", subject, safe, nonce, safe.address, "0x", undefined);
}

/** `pilot/rollback` as what it names; undefined where it names no operation. */
export function operationNamed(id: string): OperationName | undefined {
  const [, leg, purpose] = /^(.+)\/(upgrade|rollback)$/.exec(id) ?? [];
  return leg === undefined ? undefined : { leg, purpose: purpose === "upgrade" ? "upgrade" : "rollback" };
}
