/** OpenZeppelin's TimelockController, owned by nobody but itself. */

import { encodeFunctionData, keccak256, parseAbi, stringToBytes } from "viem";
import { type Address, type Hex, zeroHash } from "../domain/primitives.ts";
import { packageBytecode, withArguments } from "./bytecode.ts";
import type { Plan } from "./plan.ts";

const abi = parseAbi([
  "function grantRole(bytes32 role, address account)",
  "function revokeRole(bytes32 role, address account)",
  "function renounceRole(bytes32 role, address account)",
]);

/** Role ids as TimelockController has them; the admin's is zero (AccessControl's DEFAULT_ADMIN_ROLE). */
export const timelockRoles = {
  admin: zeroHash,
  proposer: keccak256(stringToBytes("PROPOSER_ROLE")),
  executor: keccak256(stringToBytes("EXECUTOR_ROLE")),
  canceller: keccak256(stringToBytes("CANCELLER_ROLE")),
} satisfies Record<string, Hex>;

export interface TimelockSetup {
  /** Seconds. */
  minDelay: bigint;
  proposer: Address;
  canceller: Address;
  executors: readonly Address[];
}

/**
 * Plans the timelock. Its constructor makes every proposer a canceller too: that is taken back, because containment is
 * the guardians' alone, and then the deployer gives up the admin role.
 */
export function deployTimelock(plan: Plan, { minDelay, proposer, canceller, executors }: TimelockSetup): Address {
  const code = packageBytecode("@openzeppelin/contracts/build/contracts/TimelockController.json");
  const types = "uint256, address[], address[], address";
  const timelock = plan.create(withArguments(code, types, [minDelay, [proposer], executors, plan.from]));
  const call = (functionName: "grantRole" | "revokeRole" | "renounceRole", role: Hex, account: Address) =>
    plan.call(timelock, encodeFunctionData({ abi, functionName, args: [role, account] }));
  call("grantRole", timelockRoles.canceller, canceller);
  call("revokeRole", timelockRoles.canceller, proposer);
  call("renounceRole", timelockRoles.admin, plan.from);
  return timelock;
}
