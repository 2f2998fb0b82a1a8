/** What can be checked: a release package, one Safe transaction, or a file of the Safe Transaction Builder. */

import { encodeFunctionData, parseAbiItem } from "viem";
import { z } from "zod";
import { parsePackage } from "../ceremonies/build-package.ts";
import type { Finding } from "../domain/events.ts";
import { multiSendData } from "../domain/multi-send.ts";
import type { Policy } from "../domain/policy.ts";
import { type Address, address, bytes, type ChainId, type Hex, uint, zeroAddress } from "../domain/primitives.ts";
import { packageHash } from "../domain/release-package.ts";
import type { SafeTx } from "../domain/safe-tx.ts";
import { findings, type Subject } from "../gates/gate.ts";
import type { Chains } from "../ports.ts";
import { CliFault } from "./fault.ts";
import { statedTx } from "./safe-tx-file.ts";

/** Texts that came with it besides: people read them, so they are judged. */
export type Checkable = { subject: Subject; texts: [string, string][] } | { findings: Finding[] };

const builderTransaction = z.object({
  to: address,
  value: uint.default(0n),
  data: bytes.nullish(),
  contractMethod: z
    .object({
      name: z.string().max(200),
      inputs: z.array(z.object({ type: z.string().max(200), name: z.string().max(200) })).default([]),
    })
    .nullish(),
  contractInputsValues: z.record(z.string(), z.string().max(20_000)).nullish(),
});
/** https://github.com/safe-global/safe-react-apps, apps/tx-builder: batch files, version 1.0. */
const builderFile = z.object({
  chainId: z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().regex(/^[1-9][0-9]{0,14}$/)),
  meta: z.object({
    name: z.string().max(1000).default(""),
    description: z.string().max(10_000).nullish(),
    createdFromSafeAddress: address,
  }),
  transactions: z.array(builderTransaction).min(1).max(256),
});

/** Reads a file's text. Throws {@link CliFault} 2 for what is none of the three. */
export async function checkable(file: string, text: string, policy: Policy, chains: Chains): Promise<Checkable> {
  const json = parsed(file, text);
  const named = namesInsteadOfAddresses(json);
  if (named.length > 0) return { findings: named };
  if ("schema" in json) {
    const pkg = parsePackage(text);
    return { subject: { kind: "package", package: pkg, packageHash: packageHash(pkg) }, texts: [] };
  }
  if ("safeTx" in json) {
    const { tx } = statedTx(file, json);
    return { subject: { kind: "transaction", tx }, texts: [] };
  }
  if ("transactions" in json) return fromBuilder(file, json, policy, chains);
  throw new CliFault(
    2,
    `${file} is neither a release package, nor {chainId, safe, safeTx}, nor a file of the Safe Transaction Builder.`,
  );
}

function parsed(file: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    throw new CliFault(2, `${file} is not JSON.`);
  }
  throw new CliFault(2, `${file} is JSON, and no object: there is nothing to check in it.`);
}

/** Fields that hold an address in any of the three forms. */
const addressFields = [
  "to",
  "safe",
  "proxy",
  "admin",
  "timelock",
  "contract",
  "createdFromSafeAddress",
  "toImplementation",
];

/** A name in place of an address means whatever its owner points it at, tomorrow something else; and names have look-alikes. */
function namesInsteadOfAddresses(json: unknown): Finding[] {
  const { refuse } = findings("text");
  const found: Finding[] = [];
  JSON.stringify(json, (key, value: unknown) => {
    if (addressFields.includes(key) && typeof value === "string" && !/^0x[0-9a-fA-F]{40}$/.test(value))
      found.push(
        refuse(
          "not-an-address",
          `Where the address "${key}" belongs there is a name or a broken address: a name can be pointed elsewhere at any time, and letters of other scripts look alike.`,
          {
            evidence: JSON.stringify(value.slice(0, 100)).replace(
              /[^\x20-\x7e]/gu,
              (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`,
            ),
            fix: "Write the whole address, 0x and 40 hexadecimal digits, as policy has it.",
          },
        ),
      );
    return value;
  });
  return found;
}

async function fromBuilder(file: string, json: unknown, policy: Policy, chains: Chains): Promise<Checkable> {
  const shape = builderFile.safeParse(json);
  if (!shape.success) {
    const [issue] = shape.error.issues;
    throw new CliFault(2, `${file}: ${issue?.path.join(".")}: ${issue?.message}.`);
  }
  const { chainId, meta, transactions } = shape.data;
  const chain = `eip155:${chainId}` as ChainId;
  const safe = meta.createdFromSafeAddress;
  const calls = transactions.map((one) => ({ to: one.to, value: one.value, data: one.data ?? encoded(file, one) }));
  const lies = transactions.flatMap((one, index) => statedOtherwise(file, one, index));
  if (lies.length > 0) return { findings: lies };
  const { version, nonce } = await chains.get(chain).safe(safe);
  const tx = asOne(calls, { chain, safe, safeVersion: version, nonce }, multiSendOf(policy, chain));
  const texts: [string, string][] = [
    ["name of the batch", meta.name],
    ["description of the batch", meta.description ?? ""],
    ...transactions.flatMap((one): [string, string][] => [["name of a function", one.contractMethod?.name ?? ""]]),
  ];
  return { subject: { kind: "transaction", tx }, texts };
}

/** What Safe{Wallet} makes of a batch: one call as it is, several through MultiSendCallOnly. */
function asOne(
  calls: readonly { to: Address; value: bigint; data: Hex }[],
  at: Pick<SafeTx, "chain" | "safe" | "safeVersion" | "nonce">,
  multiSend: Address,
): SafeTx {
  const noGas = { safeTxGas: 0n, baseGas: 0n, gasPrice: 0n, gasToken: zeroAddress, refundReceiver: zeroAddress };
  const [only] = calls;
  if (only !== undefined && calls.length === 1) return { ...at, ...noGas, ...only, operation: 0 };
  const data = multiSendData(calls);
  return { ...at, ...noGas, to: multiSend, value: 0n, data, operation: 1 };
}

/** As policy names it; else where Safe 1.4.1 has it on most chains. */
function multiSendOf(policy: Policy, chain: ChainId): Address {
  return (
    policy.chains.find((one) => one.id === chain)?.multiSendCallOnly ?? "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"
  );
}

type Builder = z.output<typeof builderTransaction>;

function encoded(file: string, { contractMethod, contractInputsValues }: Builder): Hex {
  if (contractMethod === null || contractMethod === undefined) return "0x";
  const signature = `function ${contractMethod.name}(${contractMethod.inputs.map((one) => one.type).join(",")})`;
  try {
    const abi = parseAbiItem([signature]);
    const values = contractMethod.inputs.map(({ name, type }) => argument(type, contractInputsValues?.[name] ?? ""));
    return encodeFunctionData({ abi: [abi], args: values } as never);
  } catch {
    throw new CliFault(2, `${file}: the values given for ${contractMethod.name} do not fit its inputs.`);
  }
}

function argument(type: string, text: string): unknown {
  if (type.endsWith("]") || type.startsWith("tuple")) return JSON.parse(text);
  if (/^u?int/.test(type)) return BigInt(text);
  return type === "bool" ? text === "true" : text;
}

/** Data that says something else than the method and values shown beside it: people would read one and sign the other. */
function statedOtherwise(file: string, one: Builder, index: number): Finding[] {
  if (one.data === null || one.data === undefined || one.contractMethod === null || one.contractMethod === undefined)
    return [];
  if (one.contractInputsValues === null || one.contractInputsValues === undefined) return [];
  const shown = encoded(file, one);
  if (shown === one.data) return [];
  return [
    findings("decode").refuse(
      "stated-otherwise",
      `Transaction ${index + 1} of the file shows ${one.contractMethod.name} with its values, and its data is another call: one would be read and the other signed.`,
      {
        evidence: `data ${one.data.slice(0, 138)}, shown ${shown.slice(0, 138)}`,
        fix: "Delete the data field and build the batch anew from the method and its values.",
      },
    ),
  ];
}
