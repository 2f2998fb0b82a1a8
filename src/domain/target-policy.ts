/** What may be upgraded: contracts, phases with their limits, and the containments prepared for them. */

import { z } from "zod";
import { address, bytes, chainId, slug, uint } from "./primitives.ts";
import { proxyKind } from "./release-package.ts";

const targetContract = z.strictObject({
  name: slug,
  title: z.string().min(1).max(80),
  proxy: address,
  kind: proxyKind,
  initData: bytes.default("0x"),
  /** Its own functions that a package may call, such as `function setFee(uint256 bps)`. What moves authority is known anyway. */
  functions: z.array(z.string().max(300)).default([]),
});

const targetPhase = z.strictObject({
  id: slug,
  contracts: z.array(slug).min(1),
  exposure: z.strictObject({ maxValue: uint, routes: z.array(z.string()).default([]) }),
  /** Seconds. */
  minDuration: uint,
  minSamples: uint,
  metrics: z.array(slug).min(1),
  stopOn: z.array(slug).min(1),
});

export const target = z.strictObject({
  id: slug,
  title: z.string().min(1).max(120),
  chain: chainId,
  contracts: z.array(targetContract).min(1),
  phases: z.array(targetPhase).min(1),
  containment: z
    .array(
      z.strictObject({
        id: slug,
        class: z.enum(["asset", "authorization", "economic", "liveness"]),
        action: z.string().min(1).max(200),
        call: z.strictObject({ to: address, signature: z.string().max(300) }),
        readBack: z.strictObject({ to: address, signature: z.string().max(300), returns: bytes }),
      }),
    )
    .min(1),
  /** Named sets of new implementations, so that nobody types three addresses. They grant nothing. */
  releases: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(40),
        title: z.string().max(120),
        implementations: z.record(slug, address),
        /** Run by the proxy in the same call as the upgrade. */
        initData: z.record(slug, bytes).default({}),
      }),
    )
    .default([]),
});
export type Target = z.output<typeof target>;
