/** What may be upgraded: contracts, phases with their limits, and the containments prepared for them. */

import { z } from "zod";
import { containmentEffect, wayBack } from "./containment.ts";
import { address, bytes, bytes32, chainId, slug, uint } from "./primitives.ts";
import { proxyKind } from "./release-package.ts";
import { argument, reading } from "./watch/sources.ts";

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
  exposure: z.strictObject({
    maxValue: uint,
    routes: z.array(z.string()).default([]),
    /** The metric whose value is what is at risk; it fails above `maxValue`. */
    metric: slug.optional(),
    /** Where the protocol itself says how much may be at risk. Without it the phase is watched, and no canary. */
    cap: reading.optional(),
  }),
  /** Seconds. */
  minDuration: uint,
  minSamples: uint,
  metrics: z.array(slug).min(1),
  stopOn: z.array(slug).min(1),
});

/** What new code has to show before it may be approved. It belongs to the authority: loosening it is a decision of the council. */
const codePolicy = z.strictObject({
  /** Without a source that the package names, refuse and do not only flag. */
  requireSource: z.boolean().default(false),
  /** Without an audit named for the new code or its build, refuse. */
  requireAudit: z.boolean().default(false),
  /** Code hashes that must never run again, such as an implementation with a known hole. */
  denied: z.array(bytes32).default([]),
  /** Immutable values as they have to be, by contract and variable: an address, a number, or 32 bytes. */
  immutables: z.record(slug, z.record(z.string().max(100), z.union([address, bytes32, uint]))).default({}),
  /** Where linked libraries are, by their name. */
  libraries: z.record(z.string().max(100), address).default({}),
  /** Further addresses that code may hold, such as a token or a router. */
  addresses: z.array(address).default([]),
});
export type CodePolicy = z.output<typeof codePolicy>;

/** Where a release's code comes from. `build`: a file in the builds folder, whose hash the package takes along. */
const releaseSource = z.strictObject({
  repository: z.string().min(1).max(300),
  commit: z.string().min(1).max(64),
  build: z.string().min(1).max(300),
});

const audit = z.strictObject({ name: z.string().min(1).max(120), url: z.string().min(1).max(500), hash: bytes32 });

const signed = { to: address, signature: z.string().max(300), args: z.array(argument).optional() };

export const target = z.strictObject({
  id: slug,
  title: z.string().min(1).max(120),
  chain: chainId,
  contracts: z.array(targetContract).min(1),
  phases: z.array(targetPhase).min(1),
  /** What is at risk once everything runs; left out, what the largest phase may put there. */
  fullExposure: uint.optional(),
  containment: z
    .array(
      z.strictObject({
        id: slug,
        class: z.enum(["asset", "authorization", "economic", "liveness"]),
        action: z.string().min(1).max(200),
        /** What it does; left out, what the function's name says. */
        effect: containmentEffect.optional(),
        /** `data`: calldata where the arguments have no plain form; it has to be of that function. */
        call: z.strictObject({ ...signed, data: bytes.optional() }),
        readBack: z.strictObject({ ...signed, returns: bytes }),
        /** One signature stays out until a guardian gives the word. */
        heldBack: z.literal(true).optional(),
        wayBack: wayBack.optional(),
      }),
    )
    .min(1),
  code: codePolicy.optional(),
  /** Named sets of new implementations, so that nobody types three addresses. They grant nothing. */
  releases: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(40),
        title: z.string().max(120),
        implementations: z.record(slug, address),
        /** Run by the proxy in the same call as the upgrade. */
        initData: z.record(slug, bytes).default({}),
        source: releaseSource.optional(),
        /** Reports; each `hash` is the code hash it speaks of, or the build's. */
        audits: z.array(audit).default([]),
      }),
    )
    .default([]),
});
export type Target = z.output<typeof target>;
