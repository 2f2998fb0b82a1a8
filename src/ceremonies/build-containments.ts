/** The containments of a package: from what policy prepares, bound to the code that the chain has now. */

import type { ChainPolicy } from "../domain/chain-policy.ts";
import { type Binding, effectOf, preparedData } from "../domain/containment.ts";
import { multiSendCallOnlyCode } from "../domain/multi-send.ts";
import type { Address } from "../domain/primitives.ts";
import { Refused, refusal } from "../domain/refusal.ts";
import type { Containment } from "../domain/release-package.ts";
import type { Target } from "../domain/target-policy.ts";
import type { Chain } from "../ports.ts";

/**
 * `notAfter`: block timestamp after which none of them can be used, seconds. They are bound where policy names a
 * MultiSendCallOnly for the chain; throws {@link Refused} where that is another contract.
 */
export async function buildContainments(
  target: Target,
  where: ChainPolicy,
  chain: Chain,
  notAfter: bigint,
): Promise<Containment[]> {
  const multiSend = await multiSendOf(where, chain);
  return Promise.all(
    target.containment.map(async (one): Promise<Containment> => {
      const effect = effectOf(one.effect, one.call.signature);
      const plain = { id: one.id, class: one.class, action: one.action, chain: target.chain, safe: where.guardian };
      return {
        ...plain,
        calls: [{ to: one.call.to, value: 0n, data: preparedData(one.call), purpose: one.action }],
        readBack: { to: one.readBack.to, data: preparedData(one.readBack), returns: one.readBack.returns },
        ...(multiSend === undefined
          ? {}
          : { bound: await bindingOf([one.call.to, one.readBack.to], multiSend, where, chain, notAfter) }),
        ...(effect === undefined ? {} : { effect }),
        ...(one.heldBack === undefined ? {} : { heldBack: one.heldBack }),
        ...(one.wayBack === undefined ? {} : { wayBack: one.wayBack }),
      };
    }),
  );
}

async function bindingOf(
  accounts: readonly Address[],
  multiSend: Address,
  { preconditions }: ChainPolicy,
  chain: Chain,
  notAfter: bigint,
): Promise<Binding> {
  const codeHashes = await Promise.all(
    [...new Set(accounts)].map(async (account) => ({ account, codeHash: await chain.codeHash(account) })),
  );
  return { multiSend, preconditionsAt: preconditions, notAfter, codeHashes };
}

/** A DELEGATECALL of the guardian Safe: nothing but Safe's own code may be there. */
async function multiSendOf({ multiSendCallOnly: at }: ChainPolicy, chain: Chain): Promise<Address | undefined> {
  if (at === undefined) return undefined;
  const code = await chain.codeHash(at);
  if (Object.values(multiSendCallOnlyCode).includes(code)) return at;
  throw new Refused(
    refusal(
      "propose/multi-send",
      `Nothing was proposed: the contract at ${at} on ${chain.id} is not Safe's MultiSendCallOnly. Correct multiSendCallOnly in chains.yaml.`,
    ),
  );
}
