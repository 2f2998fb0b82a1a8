/** Roles of OpenZeppelin's AccessControl by the names that contracts commonly hash. */

import { keccak256, stringToBytes } from "viem";
import { type Hex, zeroHash } from "./primitives.ts";

const names = [
  ...["PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE", "TIMELOCK_ADMIN_ROLE", "PAUSER_ROLE", "UPGRADER_ROLE"],
  ...["MINTER_ROLE", "BURNER_ROLE", "GUARDIAN_ROLE", "OPERATOR_ROLE"],
];
const known = new Map<string, string>(names.map((name) => [keccak256(stringToBytes(name)), name]));
known.set(zeroHash, "DEFAULT_ADMIN_ROLE");

/** "PROPOSER_ROLE"; its hash where it is none of these. */
export const roleName = (role: Hex): string => known.get(role) ?? role;
