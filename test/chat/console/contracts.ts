/** Addresses and hashes that the samples speak of. */

import type { Address, Hex } from "../../../src/domain/primitives.ts";

export const packageHash: Hex = "0x8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63";
export const vault: Address = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
export const timelock: Address = "0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9";
export const safe: Address = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
