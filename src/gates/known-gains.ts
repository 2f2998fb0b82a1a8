/** Changes of authority that policy itself explains: what is given goes where policy says that such power belongs. */

import { keccak256, stringToBytes } from "viem";
import type { DecodedCall } from "../domain/decode-calls.ts";
import { type Policy, personOfWallet } from "../domain/policy.ts";
import { type Address, type ChainId, type Hex, zeroHash } from "../domain/primitives.ts";
import type { Change } from "../domain/release-package.ts";
import { longestDelay } from "./timelock-delays.ts";

const role = (name: string): Hex => keccak256(stringToBytes(name));
const proposer = role("PROPOSER_ROLE");
const canceller = role("CANCELLER_ROLE");
const executor = role("EXECUTOR_ROLE");
/** Whoever holds one of these can give themselves all others, or new code: the timelock alone. */
const highest: readonly Hex[] = [
  zeroHash,
  ...["TIMELOCK_ADMIN_ROLE", "ADMIN_ROLE", "OWNER_ROLE", "GOVERNOR_ROLE", "UPGRADER_ROLE", "UPGRADE_ROLE"].map(role),
  role("PROXY_ADMIN_ROLE"),
];

/** Functions whose last argument becomes the owner or the administrator. */
const handovers = [
  ...["transferOwnership(address)", "setOwner(address)", "setPendingAdmin(address)", "setAdmin(address)"],
  ...["setGovernor(address)", "changeAdmin(address)", "changeProxyAdmin(address,address)"],
  "beginDefaultAdminTransfer(address)",
];
const acceptances = ["acceptOwnership()", "acceptAdmin()", "acceptDefaultAdminTransfer()"];

/** What a call does to authority, where policy explains it: who holds the power afterwards, and how that is declared. */
export interface KnownGain {
  contract: Address;
  /** Whom getters may name then; a delay in seconds for the timelock's own. */
  holder: Address | bigint;
  change: (Change & { kind: "role" }) | undefined;
}

/** Undefined where policy does not explain it: then people have to weigh it, or it is refused. */
export function knownGain(
  { known, args, to, from }: DecodedCall,
  policy: Policy,
  chain: ChainId,
): KnownGain | undefined {
  const where = policy.chains.find((one) => one.id === chain);
  if (where === undefined || known === undefined) return undefined;
  const { timelock, council, guardian } = where;
  const { signature } = known;
  if (handovers.includes(signature))
    return args.at(-1) === timelock ? { contract: to, holder: timelock, change: undefined } : undefined;
  if (acceptances.includes(signature))
    return from === timelock ? { contract: to, holder: timelock, change: undefined } : undefined;
  if (signature === "setPauser(address)")
    return args[0] === guardian || args[0] === timelock
      ? { contract: to, holder: args[0], change: undefined }
      : undefined;
  if (signature === "updateDelay(uint256)") {
    const [wanted] = args;
    const least = policy.lanes.routine.minDelay;
    return to === timelock && typeof wanted === "bigint" && wanted >= least && wanted <= longestDelay(least)
      ? { contract: to, holder: wanted, change: undefined }
      : undefined;
  }
  const grant = signature === "grantRole(bytes32,address)";
  if (!grant && signature !== "revokeRole(bytes32,address)") return undefined;
  const [hash, account] = args as [Hex, Address];
  const isPersons = personOfWallet(policy, account) !== undefined;
  const isOurs = isPersons || [timelock, council, guardian].includes(account);
  const mayHold =
    account === timelock ||
    (to === timelock
      ? (hash === proposer && account === council) ||
        (hash === canceller && [council, guardian].includes(account)) ||
        (hash === executor && isOurs)
      : isOurs && !highest.includes(hash));
  // A role taken from a stranger is good; one that is taken from ourselves has to be weighed.
  if (grant ? !mayHold : isOurs) return undefined;
  return {
    contract: to,
    holder: account,
    change: { kind: "role", name: "role", contract: to, role: hash, account, grant },
  };
}
