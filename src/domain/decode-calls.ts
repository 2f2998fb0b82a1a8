/** Every call that a call carries, however deep: decoded from its bytes alone, and compared with them again. */

import {
  type AbiFunction,
  decodeFunctionData,
  encodeFunctionData,
  parseAbiItem,
  size,
  slice,
  toFunctionSelector,
  toFunctionSignature,
} from "viem";
import { type KnownFunction, knownFunction } from "./known-abi.ts";
import { type Address, address, bytes, type Hex } from "./primitives.ts";

/** `value` in wei. */
export interface CallToDecode {
  to: Address;
  value: bigint;
  data: Hex;
  /** 1: DELEGATECALL, the callee's code runs with the caller's storage and powers. */
  operation: 0 | 1;
}

export interface DecodedCall extends CallToDecode {
  /** Where it stands: "2.1" is the first call inside the second. */
  place: string;
  /** Who makes it: the Safe, the timelock it goes through, the proxy that runs its initialiser. */
  from: Address;
  /** Undefined: bytes without a function, or of none that is known. */
  known: KnownFunction | undefined;
  /** In the order of the signature; empty where nothing was decoded. */
  args: readonly unknown[];
  /** Whether encoding what was decoded gives these very bytes: nothing hidden behind, no offset that overlaps. */
  canonical: boolean;
  nested: DecodedCall[];
}

/** Calls in all, depth, and bytes of one call: beyond that nobody reads it, and it is refused. */
export const decodeLimits = { calls: 256, depth: 8, bytes: 131_072 } as const;

export class TooMuchToDecode extends Error {
  override readonly name = "TooMuchToDecode";
}

/** Functions that policy names, by selector; see {@link namedFunctions}. */
export type NamedFunctions = ReadonlyMap<Hex, KnownFunction>;

/** From signatures as policy writes them, such as `function setFee(uint256 bps)`. Throws for what is no function. */
export function namedFunctions(signatures: readonly string[]): NamedFunctions {
  return new Map(
    signatures.map((text) => {
      const abi = parseAbiItem(text) as AbiFunction;
      if (abi.type !== "function") throw new TypeError(`${text} is no function.`);
      return [toFunctionSelector(abi), { abi, signature: toFunctionSignature(abi), authority: false }] as const;
    }),
  );
}

/** Decodes a call and what it carries. Throws {@link TooMuchToDecode} beyond {@link decodeLimits}. */
export function decodeCall(from: Address, call: CallToDecode, named: NamedFunctions = new Map()): DecodedCall {
  const left = { calls: decodeLimits.calls };
  return decodeOne(from, call, "1", 1, named, left);
}

/** The call itself, then everything inside it, in the order in which it runs. */
export function allCalls(one: DecodedCall): DecodedCall[] {
  return [one, ...one.nested.flatMap(allCalls)];
}

function decodeOne(
  from: Address,
  call: CallToDecode,
  place: string,
  depth: number,
  named: NamedFunctions,
  left: { calls: number },
): DecodedCall {
  left.calls -= 1;
  if (left.calls < 0) throw new TooMuchToDecode(`it has more than ${decodeLimits.calls} calls`);
  if (depth > decodeLimits.depth) throw new TooMuchToDecode(`its calls are nested deeper than ${decodeLimits.depth}`);
  if (size(call.data) > decodeLimits.bytes)
    throw new TooMuchToDecode(`a call has more than ${decodeLimits.bytes} bytes of data`);
  const bare = { ...call, place, from, known: undefined, args: [], nested: [] };
  if (call.data === "0x") return { ...bare, canonical: true };
  if (size(call.data) < 4) return { ...bare, canonical: false };
  const selector = slice(call.data, 0, 4);
  // Policy's own functions do not come first: nobody may rename what moves authority.
  const known = knownFunction(selector) ?? named.get(selector);
  const args = known === undefined ? undefined : argsOf(known.abi, call.data);
  if (known === undefined || args === undefined) return { ...bare, canonical: known === undefined };
  const canonical = encodeFunctionData({ abi: [known.abi], functionName: known.abi.name, args }) === call.data;
  const inner = carriedBy(known.signature, args, call, from);
  if (inner === undefined) return { ...bare, known, args, canonical: false };
  const nested = inner.map((one, index) =>
    decodeOne(one.from, one.call, `${place}.${index + 1}`, depth + 1, named, left),
  );
  return { ...bare, known, args, canonical, nested };
}

function argsOf(abi: AbiFunction, data: Hex): readonly unknown[] | undefined {
  try {
    return decodeFunctionData({ abi: [abi], data }).args ?? [];
  } catch {
    return undefined;
  }
}

interface Carried {
  from: Address;
  call: CallToDecode;
}

/** The calls that a known function makes; undefined where its arguments do not fit together. */
function carriedBy(
  signature: string,
  args: readonly unknown[],
  outer: CallToDecode,
  from: Address,
): Carried[] | undefined {
  const { to } = outer;
  const plain = (target: unknown, value: unknown, data: unknown): Carried => ({
    from: to,
    call: { to: target as Address, value: value as bigint, data: data as Hex, operation: 0 },
  });
  const initialiser = (proxy: unknown, data: unknown): Carried[] =>
    data === "0x"
      ? []
      : [{ from, call: { to: proxy as Address, value: outer.value, data: data as Hex, operation: 0 } }];
  switch (signature) {
    case "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)":
    case "execTransactionFromModule(address,uint256,bytes,uint8)":
    case "execTransactionFromModuleReturnData(address,uint256,bytes,uint8)": {
      const { call } = plain(args[0], args[1], args[2]);
      return args[3] === 0 || args[3] === 1 ? [{ from: to, call: { ...call, operation: args[3] } }] : undefined;
    }
    case "multiSend(bytes)":
      // By DELEGATECALL its calls come out of the caller; called plainly, out of the MultiSend contract itself.
      return unpacked(args[0] as Hex)?.map((call) => ({ from: outer.operation === 1 ? from : to, call }));
    case "aggregate((address,bytes)[])":
    case "aggregate3((address,bool,bytes)[])":
    case "aggregate3Value((address,bool,uint256,bytes)[])":
      return aggregated(args[0], outer, from);
    case "tryAggregate(bool,(address,bytes)[])":
      return aggregated(args[1], outer, from);
    case "multicall(bytes[])":
      // By DELEGATECALL to itself: whoever calls it stays the caller.
      return (args[0] as Hex[]).map((data) => ({ from, call: { to, value: outer.value, data, operation: 0 } }));
    case "schedule(address,uint256,bytes,bytes32,bytes32,uint256)":
    case "execute(address,uint256,bytes,bytes32,bytes32)":
      return [plain(args[0], args[1], args[2])];
    case "schedule(address,bytes,uint48)":
    case "execute(address,bytes)":
      return [plain(args[0], 0n, args[1])];
    case "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)":
    case "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)":
      return batch(args, plain);
    case "upgradeAndCall(address,address,bytes)":
      return initialiser(args[0], args[2]);
    case "upgradeToAndCall(address,bytes)":
      return initialiser(to, args[1]);
    default:
      return [];
  }
}

/** Multicall3's own calls; by DELEGATECALL they come out of the caller, as MultiSend's do. */
function aggregated(calls: unknown, outer: CallToDecode, from: Address): Carried[] {
  const listed = calls as readonly { target: Address; value?: bigint; callData: Hex }[];
  return listed.map(({ target, value = 0n, callData }) => ({
    from: outer.operation === 1 ? from : outer.to,
    call: { to: target, value, data: callData, operation: 0 },
  }));
}

function batch(
  args: readonly unknown[],
  plain: (target: unknown, value: unknown, data: unknown) => Carried,
): Carried[] | undefined {
  const [targets, values, payloads] = args as [Address[], bigint[], Hex[]];
  if (values.length !== targets.length || payloads.length !== targets.length) return undefined;
  return targets.map((target, index) => plain(target, values[index], payloads[index]));
}

/** MultiSend's packing: operation (1 byte) ‖ to (20) ‖ value (32) ‖ length (32) ‖ data, one after another to the last byte. */
function unpacked(packed: Hex): CallToDecode[] | undefined {
  const calls: CallToDecode[] = [];
  const end = size(packed);
  const part = (at: number, length: number) => slice(packed, at, at + length);
  for (let at = 0; at < end; ) {
    if (at + 85 > end) return undefined;
    const length = BigInt(part(at + 53, 32));
    const operation = BigInt(part(at, 1));
    if (operation > 1n || length > BigInt(end - at - 85)) return undefined;
    const data = length === 0n ? "0x" : bytes.parse(part(at + 85, Number(length)));
    calls.push({
      to: address.parse(part(at + 1, 20)),
      value: BigInt(part(at + 21, 32)),
      data,
      operation: operation === 1n ? 1 : 0,
    });
    at += 85 + Number(length);
  }
  return calls;
}
