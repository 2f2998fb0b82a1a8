/** Solidity signatures in policy that could not be called: found when the file is read, not in the middle of a canary. */

import { type AbiFunction, encodeFunctionData, parseAbiItem } from "viem";
import type { Source } from "../domain/metrics.ts";
import type { PolicyFiles } from "./policy-files.ts";

/** Each problem as `FILE: path: reason`. */
export function signatureProblems(files: PolicyFiles): string[] {
  return [
    ...files.invariants.flatMap(({ file, value }) =>
      value.metrics.flatMap((metric) =>
        callsOf(metric.read).flatMap(({ signature, args }) =>
          problem(signature, args, true).map((text) => `${file}: metrics.${metric.id}: ${text}`),
        ),
      ),
    ),
    ...files.targets.flatMap(({ file, value }) =>
      value.containment.flatMap(({ id, call, readBack }) =>
        [...problem(call.signature, [], false), ...problem(readBack.signature, [], true)].map(
          (text) => `${file}: containment.${id}: ${text}`,
        ),
      ),
    ),
  ];
}

function callsOf(read: Source): { signature: string; args: readonly string[] }[] {
  switch (read.kind) {
    case "call":
      return [read];
    case "ratioBps":
      return [read.numerator, read.denominator];
    case "age":
    case "addressIs":
      return [read.of];
  }
}

function problem(signature: string, args: readonly string[], reads: boolean): string[] {
  const item = functionOf(signature);
  if (item === undefined)
    return [`the signature "${signature}" cannot be read; write it as "function NAME() view returns (uint256)"`];
  if (item.inputs.length !== args.length)
    return [`${item.name} takes ${item.inputs.length} arguments, and ${args.length} are given`];
  if (reads && item.outputs.length !== 1)
    return [`${item.name} must return one value, and returns ${item.outputs.length}`];
  try {
    encodeFunctionData({ abi: [item], args: [...args] });
    return [];
  } catch {
    return [`${item.name} does not take addresses, and only addresses can be given`];
  }
}

function functionOf(signature: string): AbiFunction | undefined {
  try {
    const item = parseAbiItem(signature as "function x()");
    return item.type === "function" ? (item as AbiFunction) : undefined;
  } catch {
    return undefined;
  }
}
