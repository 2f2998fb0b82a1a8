/** What policy says of one chain: the council's contracts there, and what is enough gas. */

import { z } from "zod";
import { address, chainId, uint } from "./primitives.ts";

export const chainPolicy = z.strictObject({
  id: chainId,
  name: z.string().min(1).max(60),
  environment: z.string().min(1).max(40),
  council: address,
  guardian: address,
  timelock: address,
  preconditions: address,
  explorer: z.string().max(200).default(""),
  /** The MultiSendCallOnly contract through which this council's Safes may batch; left out, no DELEGATECALL passes. */
  multiSendCallOnly: address.optional(),
  /** Modules that may stand on this chain's Safes. */
  modules: z.array(address).default([]),
  /** Wei below which the gas account is said to run low. */
  lowGas: uint.default(10n ** 17n),
});
export type ChainPolicy = z.output<typeof chainPolicy>;
