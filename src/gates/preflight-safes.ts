/** The Safes that would sign: they are there, hash as stated, stand where the transaction expects them, and are people's. */

import type { SafeFacts } from "../chain-facts.ts";
import type { ChainPolicy } from "../domain/chain-policy.ts";
import type { Finding, NestedSafe } from "../domain/events.ts";
import { type Policy, personOfWallet } from "../domain/policy.ts";
import type { Address } from "../domain/primitives.ts";
import { hasLegacyDomain, type SafeTx } from "../domain/safe-tx.ts";
import { type Chain, ChainFault } from "../ports.ts";
import { findings } from "./gate.ts";

const { refuse, flag, info } = findings("preflight");

type People = Pick<Policy, "people">;

/** A Safe that does not answer as one is a finding; a chain that does not answer is thrown. */
export async function safeOrNone(chain: Chain, account: Address): Promise<SafeFacts | Finding> {
  try {
    return await chain.safe(account);
  } catch (fault) {
    if (!(fault instanceof ChainFault) || fault.kind !== "not a Safe") throw fault;
    return refuse("safe", `The account ${account} on ${chain.id} would have to sign, and it is not a Safe.`, {
      evidence: fault.message,
      fix: "Compare the Safe's address and chain with policy's; a Safe has the same address on several chains only if it was made there too.",
    });
  }
}

/** What a single transaction states of its Safe. */
export function judgeStated(tx: SafeTx, safe: SafeFacts): Finding[] {
  const found: Finding[] = [];
  if (hasLegacyDomain(tx.safeVersion) !== hasLegacyDomain(safe.version))
    found.push(
      refuse(
        "domain",
        `The Safe ${safe.address} is of version ${safe.version}, and the transaction is hashed for version ${tx.safeVersion}, whose hashes differ: signatures over it would hold for nothing here.`,
        {
          evidence: hasLegacyDomain(safe.version)
            ? "before 1.3.0 the EIP-712 domain has no chain id"
            : "from 1.3.0 on the EIP-712 domain has the chain id",
          fix: `State safeVersion ${safe.version}, and hash it again.`,
        },
      ),
    );
  const detail = { evidence: `the Safe's nonce is ${safe.nonce}, the transaction's is ${tx.nonce}` };
  if (tx.nonce < safe.nonce)
    found.push(
      refuse("nonce-used", `Nonce ${tx.nonce} of the Safe ${safe.address} is used: this transaction can never run.`, {
        ...detail,
        fix: `Take nonce ${safe.nonce}, and sign anew.`,
      }),
    );
  if (tx.nonce > safe.nonce) {
    const before = tx.nonce - safe.nonce;
    found.push(
      flag(
        "nonce-ahead",
        `The transaction takes nonce ${tx.nonce}, and the Safe stands at ${safe.nonce}: ${before} other ${before === 1n ? "transaction has" : "transactions have"} to run before it.`,
        {
          ...detail,
          fix: "Look at what waits before it: it runs first, and may change what was checked here.",
        },
      ),
    );
  }
  return found.length > 0
    ? found
    : [info("nonce", `The Safe ${safe.address} (${safe.version}) stands at this transaction's nonce ${tx.nonce}.`)];
}

/** Who owns it, in people. `nested`: the owners that are Safes themselves. */
export function judgeOwners(
  safe: SafeFacts,
  nested: readonly NestedSafe[],
  { people, where }: { people: People; where: ChainPolicy | undefined },
): Finding[] {
  const found: Finding[] = [];
  if (where === undefined || ![where.council, where.guardian].includes(safe.address))
    found.push(
      flag(
        "other-safe",
        `The Safe ${safe.address} is neither the council's nor the guardians' of policy: whose it is, is not known.`,
        {
          evidence: `threshold ${safe.threshold} of ${safe.owners.length} owners`,
          fix: "Name it in chains.yaml if it is the council's; else find out whose it is.",
        },
      ),
    );
  if (safe.threshold < 2)
    found.push(
      refuse("threshold", `The Safe ${safe.address} acts on one signature: each of its owners is the whole council.`, {
        evidence: `threshold ${safe.threshold} of ${safe.owners.length}`,
        fix: "Raise its threshold to two or more first.",
      }),
    );
  const isKnown = (owner: Address) =>
    personOfWallet(people, owner) !== undefined || nested.some((one) => one.address === owner);
  const strangers = [safe, ...nested].flatMap((one) => one.owners).filter((owner) => !isKnown(owner));
  if (strangers.length > 0)
    found.push(
      flag(
        "unknown-owner",
        `Of the owners of the Safe ${safe.address} ${strangers.length} ${strangers.length === 1 ? "belongs" : "belong"} to nobody in policy: whose signatures would count is not known.`,
        {
          evidence: strangers.join(", "),
          fix: "Link the wallets to people in council.yaml, or find out whose they are.",
        },
      ),
    );
  return found;
}
