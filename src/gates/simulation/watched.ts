/** Which contracts a simulation looks at: those that get new code, those that decide over them, and who could gain. */

import type { Policy } from "../../domain/policy.ts";
import { type Address, type ChainId, zeroAddress } from "../../domain/primitives.ts";
import type { Upgrade } from "../upgrades.ts";
import { stranger } from "./strangers.ts";
import type { Watched } from "./survey.ts";

/** `touched`: further contracts that the calls go to. */
export function watchedBy(
  upgrades: readonly Upgrade[],
  touched: readonly Address[],
  policy: Policy,
  chain: ChainId,
): Watched[] {
  const where = policy.chains.find((one) => one.id === chain);
  const ours: Watched[] =
    where === undefined
      ? []
      : [
          { address: where.timelock, name: "the timelock", code: [where.timelock] },
          { address: where.council, name: "the council Safe", code: [] },
          { address: where.guardian, name: "the guardian Safe", code: [] },
        ];
  const changed = upgrades.flatMap(({ proxy, name, through, from, to }): Watched[] => [
    { address: proxy, name, code: [...(from === undefined ? [] : [from]), to] },
    { address: to, name: `the new code of ${name}`, code: [] },
    ...(through === proxy ? [] : [{ address: through, name: `what upgrades ${name}`, code: [through] }]),
  ]);
  const others = touched.map((address): Watched => ({ address, name: address, code: [address] }));
  const all = [...changed, ...ours, ...others];
  return all.filter((one, index) => all.findIndex((other) => other.address === one.address) === index);
}

/** Accounts that are asked after in every role: policy's people, whoever the run named, and a stranger. */
export function suspectsOf(policy: Policy, named: readonly Address[]): Address[] {
  const ours = policy.people.flatMap((one) => one.wallets);
  const all = [stranger, ...named, ...ours].filter((one) => one !== zeroAddress && BigInt(one) > 0xffffn);
  return [...new Set(all)].slice(0, 60);
}
