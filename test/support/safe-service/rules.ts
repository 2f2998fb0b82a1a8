/**
 * What Safe's Transaction Service demands of a request, as its public source and api-kit's types have it
 * (safe-global/safe-transaction-service: history/serializers, history/views): a refusal is its status and its body.
 */

import { getAddress, hashMessage, hashTypedData, recoverAddress } from "viem";
import { z } from "zod";
import type { Address, ChainId, Hex } from "../../../src/domain/primitives.ts";
import { type SafeTx, safeTxHashes } from "../../../src/domain/safe-tx.ts";

export class Refusal extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;
  constructor(status: number, body: Record<string, unknown>) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

/** The Safe as the service's own node has it. */
export interface OnChainSafe {
  owners: Address[];
  nonce: bigint;
  version: string;
}

export interface Confirmation {
  owner: Address;
  signature: Hex;
  signatureType: "EOA" | "ETH_SIGN";
}

export function checksummed(text: string): Address {
  if (/^0x[0-9a-fA-F]{40}$/.test(text) && getAddress(text) === text) return text as Address;
  throw new Refusal(422, { code: 1, message: "Checksum address validation failed", arguments: [text] });
}

const decimal = z.string().regex(/^(0|[1-9][0-9]*)$/);
const hex = z.string().regex(/^0x([0-9a-f]{2})*$/);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const checksum = z.string().refine((text) => getAddress(text) === text, "is not checksumed");

const proposal = z.strictObject({
  to: checksum,
  value: decimal,
  data: hex.nullable(),
  operation: z.union([z.literal(0), z.literal(1)]),
  safeTxGas: decimal,
  baseGas: decimal,
  gasPrice: decimal,
  gasToken: checksum,
  refundReceiver: checksum,
  nonce: decimal,
  contractTransactionHash: hash,
  sender: checksum,
  signature: hex.min(132),
  origin: z.string().max(200).nullish(),
});

export interface Proposed {
  tx: SafeTx;
  safeTxHash: Hex;
  sender: Address;
  origin: string;
  confirmation: Confirmation | undefined;
}

/** A body of POST …/multisig-transactions/. A delegate's signature is no confirmation. */
export async function proposedBy(
  body: unknown,
  chain: ChainId,
  safe: Address,
  { owners, nonce, version }: OnChainSafe,
  delegates: readonly Address[],
): Promise<Proposed> {
  const read = proposal.safeParse(body);
  if (!read.success)
    throw new Refusal(400, Object.fromEntries(read.error.issues.map((one) => [`${one.path}`, [one.message]])));
  const { contractTransactionHash, sender: from, signature, origin, ...fields } = read.data;
  const { value, safeTxGas, baseGas, gasPrice, nonce: wanted, data, ...rest } = fields;
  const amounts = { value: BigInt(value), safeTxGas: BigInt(safeTxGas), baseGas: BigInt(baseGas) };
  const tx = {
    ...{ ...rest, ...amounts, gasPrice: BigInt(gasPrice), nonce: BigInt(wanted), data: data ?? "0x" },
    ...{ chain, safe, safeVersion: version },
  } as SafeTx;
  const { safeTxHash } = safeTxHashes(tx);
  const sender = from as Address;
  const refuse = (text: string) => new Refusal(422, { nonFieldErrors: [text] });
  if (safeTxHash !== contractTransactionHash)
    throw refuse(
      `Contract-transaction-hash=${safeTxHash} does not match provided contract-tx-hash=${contractTransactionHash}`,
    );
  if (tx.nonce < nonce) throw refuse(`Tx with nonce=${tx.nonce} for safe=${safe} already executed`);
  if (!owners.includes(sender) && !delegates.includes(sender))
    throw refuse(`Sender=${sender} is not an owner or delegate. Current owners=${owners}. Delegates=${delegates}`);
  const found = await confirmationOf(safeTxHash, signature as Hex);
  if (found.owner !== sender)
    throw refuse(`Signature does not match sender=${sender}. Calculated owners=${[found.owner]}`);
  return { tx, safeTxHash, sender, origin: origin ?? "{}", confirmation: owners.includes(sender) ? found : undefined };
}

/** A body of POST …/confirmations/. */
export async function confirmedBy(body: unknown, safeTxHash: Hex, owners: readonly Address[]): Promise<Confirmation> {
  const read = z.strictObject({ signature: hex.min(132) }).safeParse(body);
  if (!read.success) throw new Refusal(400, { signature: ["This field is required."] });
  const found = await confirmationOf(safeTxHash, read.data.signature as Hex);
  if (!owners.includes(found.owner))
    throw new Refusal(400, { signature: [`Signer=${found.owner} is not an owner. Current owners=${owners}`] });
  return found;
}

/** v above 30 is eth_sign with 4 added; a high s recovers like any other, and so it does there. */
async function confirmationOf(safeTxHash: Hex, signature: Hex): Promise<Confirmation> {
  const v = Number.parseInt(signature.slice(130, 132), 16);
  const isEthSign = v > 30;
  const bytes = isEthSign ? (`${signature.slice(0, 130)}${(v - 4).toString(16)}` as Hex) : signature;
  const digest = isEthSign ? hashMessage({ raw: safeTxHash }) : safeTxHash;
  const owner = await recoverAddress({ hash: digest, signature: bytes }).catch(() => {
    throw new Refusal(400, { signature: [`Signature=${signature} is not valid`] });
  });
  return { owner, signature, signatureType: isEthSign ? "ETH_SIGN" : "EOA" };
}

const delegation = z.strictObject({
  safe: checksum,
  delegate: checksum,
  delegator: checksum,
  label: z.string().min(1).max(50),
  signature: hex.min(132),
});
const delegateTypes = {
  Delegate: [
    { name: "delegateAddress", type: "address" },
    { name: "totp", type: "uint256" },
  ],
} as const;

/** A body of POST …/delegates/ (version 2): signed by the delegator in this hour or the last. Answers the delegate. */
export async function delegatedBy(body: unknown, chain: ChainId): Promise<Address> {
  const read = delegation.safeParse(body);
  if (!read.success)
    throw new Refusal(400, Object.fromEntries(read.error.issues.map((one) => [`${one.path}`, [one.message]])));
  const { delegate, delegator, signature } = read.data;
  const hour = Math.floor(Date.now() / 3_600_000);
  const domain = { name: "Safe Transaction Service", version: "1.0", chainId: Number(chain.split(":")[1]) };
  for (const totp of [BigInt(hour), BigInt(hour - 1)]) {
    const message = { delegateAddress: delegate as Address, totp };
    const hash = hashTypedData({ domain, types: delegateTypes, primaryType: "Delegate", message });
    if ((await recoverAddress({ hash, signature: signature as Hex })) === delegator) return delegate as Address;
  }
  throw new Refusal(400, { nonFieldErrors: [`Signature does not match provided delegator=${delegator}`] });
}
