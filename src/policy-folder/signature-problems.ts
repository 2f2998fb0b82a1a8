/** Solidity signatures in policy that could not be called: found when the file is read, not in the middle of a canary. */

import { type AbiEvent, type AbiFunction, encodeFunctionData, parseAbiItem } from "viem";
import { isOfSignature } from "../domain/containment.ts";
import type { Hex } from "../domain/primitives.ts";
import { type Argument, readingsOf, type Source } from "../domain/watch/sources.ts";
import type { PolicyFiles } from "./policy-files.ts";

/** Each problem as `FILE: path: reason`. */
export function signatureProblems(files: PolicyFiles): string[] {
  return [
    ...files.invariants.flatMap(({ file, value }) =>
      value.metrics.flatMap((metric) =>
        sourceProblems(metric.read).map((text) => `${file}: metrics.${metric.id}: ${text}`),
      ),
    ),
    ...files.canaries.flatMap(({ file, value }) =>
      value.phases.flatMap(({ id, exposure: { cap } }) =>
        (cap === undefined ? [] : sourceProblems(cap)).map((text) => `${file}: phases.${id}.exposure.cap: ${text}`),
      ),
    ),
    ...files.targets.flatMap(({ file, value }) =>
      value.containment.flatMap(({ id, call, readBack }) =>
        [
          ...(call.data === undefined
            ? problem(call.signature, call.args ?? [], { reads: false })
            : dataProblem(call.signature, call.data)),
          ...problem(readBack.signature, readBack.args ?? [], { reads: true }),
        ].map((text) => `${file}: containment.${id}: ${text}`),
      ),
    ),
  ];
}

/** The functions that a source calls, or the event that it looks for. */
function sourceProblems(read: Source): string[] {
  if (read.kind === "event")
    return eventOf(read.signature) === undefined
      ? [`the event "${read.signature}" cannot be read; write it as "event NAME(address)"`]
      : [];
  return readingsOf(read).flatMap((one) =>
    one.kind === "call" ? problem(one.signature, one.args, { reads: true, output: one.output }) : [],
  );
}

/** Calldata given as it is has to be of the function that people read beside it. */
function dataProblem(signature: string, data: Hex): string[] {
  const item = functionOf(signature);
  if (item === undefined) return [`the signature "${signature}" cannot be read; write it as "function NAME(address)"`];
  if (isOfSignature(data, signature)) return [];
  return [`the data ${data.slice(0, 10)} is no call of ${item.name}`];
}

/** Types whose one word is a number: what else a function returns cannot be compared. */
const isWord = (type: string) => /^(u?int\d*|bool|address|bytes\d+)$/.test(type);

function problem(
  signature: string,
  args: readonly Argument[],
  { reads, output }: { reads: boolean; output?: number | undefined },
): string[] {
  const item = functionOf(signature);
  if (item === undefined)
    return [`the signature "${signature}" cannot be read; write it as "function NAME() view returns (uint256)"`];
  if (item.inputs.length !== args.length)
    return [`${item.name} takes ${item.inputs.length} arguments, and ${args.length} are given`];
  if (reads && output === undefined && item.outputs.length !== 1)
    return [
      `${item.name} must return one value, and returns ${item.outputs.length}${item.outputs.length === 0 ? "" : "; say which one counts under output, from 0"}`,
    ];
  const returned = item.outputs[output ?? 0];
  if (reads && returned === undefined)
    return [`${item.name} returns ${item.outputs.length} values, and none has the number ${output}`];
  if (reads && returned !== undefined && !isWord(returned.type))
    return [
      `${item.name} returns a ${returned.type}, and only a number, a bool, an address or bytes of fixed size can be compared`,
    ];
  try {
    encodeFunctionData({ abi: [item], args: [...args] });
    return [];
  } catch {
    return [`${item.name} takes ${item.inputs.map((one) => one.type).join(", ")}, and is given something else`];
  }
}

function functionOf(signature: string): AbiFunction | undefined {
  const item = itemOf(signature);
  return item?.type === "function" ? item : undefined;
}

function eventOf(signature: string): AbiEvent | undefined {
  const item = itemOf(signature);
  return item?.type === "event" ? item : undefined;
}

function itemOf(signature: string): AbiFunction | AbiEvent | undefined {
  try {
    return parseAbiItem(signature as "function x()");
  } catch {
    return undefined;
  }
}
