/** The configured chains for commands that only read. */

import { generatePrivateKey } from "viem/accounts";
import { type OpenChains, openChains } from "../chain/open.ts";
import { readEnvironment } from "../env.ts";
import { CliFault } from "./fault.ts";

/** Needs no gas key: a fresh one that owns nothing takes its place, and nothing is sent. The caller closes it. */
export function openChainsToRead(): OpenChains {
  const { rpc } = readEnvironment();
  if (Object.keys(rpc).length === 0)
    throw new CliFault(2, "No chain is configured: set RPC_ and the chain's number, such as RPC_1, to its RPC's URL.");
  return openChains({ rpc, gasKey: generatePrivateKey() });
}
