/** What policy says of one chain: the council's contracts there, what is enough gas, and where Safe{Wallet} knows it. */

import { z } from "zod";
import { address, chainId, uint } from "./primitives.ts";

/** Environments whose chain runs on the operator's own machine: plain http is enough there. */
const localEnvironments = ["local", "embedded"];

const chainShape = z.strictObject({
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
  /**
   * Who sends what the timelock is to run: a person's wallet, or the gas key when a person asks for it. The gas key only
   * with rollbacks that are presigned: those that stand in the timelock it could run too.
   */
  executor: z.enum(["person", "gas-key"]).default("person"),
  /** Wei below which the gas account is said to run low. */
  lowGas: uint.default(10n ** 17n),
  /**
   * How many RPC sources of this chain must agree on what decides, out of how many that are asked: most of them, so that
   * two answers can never both have enough. Left out, one source is believed.
   */
  sources: z
    .strictObject({ agree: z.number().int().min(1), of: z.number().int().min(1).max(9) })
    .refine(
      ({ agree, of }) => agree <= of && agree * 2 > of,
      "more than half of the sources must agree, and at most all",
    )
    .optional(),
  /** Whether its catalogue of metrics is looked for as contracts, so that a block costs no upload: `quorate catalogue`. */
  deployedCatalogues: z.boolean().optional(),
  /**
   * Servers of metrics that may be inside of the operator's own network, as their address has them: `prometheus.internal:9090`.
   * All others have to be on the public internet.
   */
  privateHosts: z
    .array(
      z
        .string()
        .regex(
          /^[a-z0-9.-]{1,253}(:[0-9]{1,5})?$|^\[[0-9a-f:]+\](:[0-9]{1,5})?$/,
          "it is a host, such as prometheus.internal:9090",
        ),
    )
    .optional(),
  /** EIP-3770 short name (https://eips.ethereum.org/EIPS/eip-3770), such as `eth`: Safe{Wallet}'s links carry it. */
  shortName: z
    .string()
    .regex(/^[a-z0-9-]{1,30}$/, "a short name is small letters, digits and hyphens, such as eth (EIP-3770)")
    .optional(),
  /** Safe's Transaction Service, which signatures are mirrored to and from; nothing depends on it. */
  transactionService: z
    .strictObject({
      /** Up to and with `/api`, such as `https://api.safe.global/tx-service/eth/api`. */
      url: z
        .string()
        .max(200)
        .regex(/^https?:\/\/[^\s/?#@\\]+(\/[\w./~%-]*)?$/, "it is an https address without a query"),
      /** The gas account proposes, as the owners' delegate there, and owners' signatures follow as confirmations. */
      delegate: z.boolean().default(false),
    })
    .optional(),
});

export const chainPolicy = chainShape.superRefine(({ environment, transactionService }, context) => {
  if (transactionService === undefined) return;
  const path = ["transactionService", "url"];
  if (!URL.canParse(transactionService.url))
    context.addIssue({ code: "custom", path, message: "it is no address on the web" });
  else if (!transactionService.url.startsWith("https:") && !localEnvironments.includes(environment))
    context.addIssue({ code: "custom", path, message: "it must be https: a key and signatures travel there" });
});
export type ChainPolicy = z.output<typeof chainShape>;

type Network = Pick<ChainPolicy, "environment" | "privateHosts">;

/** Whether a metric's server may be inside of the operator's own network. */
export function mayBeInside(url: URL, { environment, privateHosts = [] }: Network): boolean {
  return localEnvironments.includes(environment) || privateHosts.includes(url.host);
}

/** Whether a metric's server may be asked like this: by https, or in plain text where it is this machine and policy names it. */
export function mayBeAsked(url: URL, where: Network): boolean {
  if (url.protocol === "https:" || localEnvironments.includes(where.environment)) return true;
  return mayBeInside(url, where) && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}
