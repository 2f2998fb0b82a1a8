/** `quorate delegate`: makes the gas account an owner's delegate in Safe's Transaction Service. */

import { openChains } from "../chain/open.ts";
import { toJson } from "../domain/canonical.ts";
import { delegateHashes, delegateTypedData } from "../domain/delegate-message.ts";
import { type Address, address, type ChainId, chainId, type Hex } from "../domain/primitives.ts";
import { recoverOwner } from "../domain/safe-signatures.ts";
import { readEnvironment } from "../env.ts";
import { readPolicy } from "../policy-folder/read-policy.ts";
import { allowanceOf } from "../safe-service/budget.ts";
import { openSafeService } from "../safe-service/client.ts";
import { createGate } from "../safe-service/gate.ts";
import { ServiceFault } from "../safe-service-port.ts";
import { CliFault } from "./fault.ts";

export interface DelegateFlags {
  chainId: string;
  safe: string;
  signature?: string;
}

interface Wanted {
  chain: ChainId;
  safe: Address;
  /** The gas account. */
  delegate: Address;
  owners: readonly Address[];
  url: string;
  apiKey: string | undefined;
}

/** Prints what an owner signs, good for an hour at least; with the signature, registers it at the service. */
export async function delegate(flags: DelegateFlags): Promise<void> {
  const wanted = await read(flags);
  const now = Math.floor(Date.now() / 1000);
  const { signature } = flags;
  process.stdout.write(
    signature === undefined ? toSign(wanted, BigInt(now)) : await registered(wanted, signature as Hex, now),
  );
}

async function read(flags: DelegateFlags): Promise<Wanted> {
  const parsed = chainId.safeParse(`eip155:${flags.chainId}`);
  if (!parsed.success) throw new CliFault(2, `${flags.chainId} is not the number of a chain.`);
  const safe = address.safeParse(flags.safe);
  if (!safe.success) throw new CliFault(2, `--safe is the Safe's address, and not ${flags.safe}.`);
  const chain = parsed.data;
  const { policies, rpc, gasKey, safeApiKey } = readEnvironment();
  const { transactionService } = (await readPolicy(policies)).chains.find((one) => one.id === chain) ?? {};
  if (transactionService === undefined)
    throw new CliFault(2, `Policy names no transactionService for ${chain}: say its url in chains.yaml.`);
  const url = rpc[chain];
  if (url === undefined) throw new CliFault(2, `RPC_${flags.chainId} is not set: it is the URL of the chain's RPC.`);
  if (gasKey === undefined) throw new CliFault(2, "GAS_KEY is not set: its account is to be the delegate.");
  const chains = openChains({ rpc: { [chain]: url }, gasKey });
  try {
    const opened = chains.get(chain);
    const { owners } = await opened.safe(safe.data);
    const delegate = opened.gasAccount;
    if (owners.includes(delegate))
      throw new CliFault(1, `The gas account ${delegate} is an owner of the Safe ${safe.data}: set another GAS_KEY.`);
    return { chain, safe: safe.data, delegate, owners, url: transactionService.url, apiKey: safeApiKey };
  } finally {
    chains.close();
  }
}

function toSign({ chain, safe, delegate }: Wanted, now: bigint): string {
  const { domain, types, primaryType, message } = delegateTypedData(chain, delegate, now);
  const EIP712Domain = [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "chainId", type: "uint256" },
  ];
  const data = JSON.stringify(toJson({ types: { EIP712Domain, ...types }, primaryType, domain, message }));
  const number = chain.slice("eip155:".length);
  return [
    `With this an owner of the Safe ${safe} on ${chain} lets the gas account ${delegate} propose for them in Safe's`,
    "Transaction Service. It gives no power on the chain, and lapses unless it is registered within the hour.",
    "",
    `cast wallet sign --ledger --data '${data}'`,
    `npm run -s quorate -- delegate --chain-id ${number} --safe ${safe} --signature 0x…`,
    "",
  ].join("\n");
}

async function registered(wanted: Wanted, signature: Hex, now: number): Promise<string> {
  const { chain, safe, delegate, url, apiKey } = wanted;
  const owner = await ownerOf(wanted, signature, now);
  const gate = createGate({
    allowance: allowanceOf(apiKey !== undefined),
    now: () => now,
    random: Math.random,
    changed: () => undefined,
  });
  const service = openSafeService({ services: [{ chain, url }], apiKey, gate });
  try {
    await service.addDelegate(chain, safe, { delegate, owner, signature });
  } catch (fault) {
    if (fault instanceof ServiceFault && fault.kind === "refused")
      throw new CliFault(1, `Safe's Transaction Service does not take the delegate: ${fault.message}.`);
    throw fault;
  } finally {
    await service.close();
  }
  return `The gas account ${delegate} may propose for ${owner}, an owner of the Safe ${safe}, in Safe's Transaction Service.\n`;
}

/** Throws {@link CliFault} 1 where no owner made the signature, this hour or the last. */
async function ownerOf({ chain, safe, delegate, owners }: Wanted, signature: Hex, now: number): Promise<Address> {
  for (const hash of delegateHashes(chain, delegate, BigInt(now))) {
    const found = await recoverOwner(hash, signature);
    if (!found.ok && found.always) throw new CliFault(1, found.reason);
    if (found.ok && owners.includes(found.owner)) return found.owner;
  }
  throw new CliFault(
    1,
    `No owner of the Safe ${safe} made this signature for ${delegate} within the hour: run the command without --signature, and have an owner sign what it prints.`,
  );
}
