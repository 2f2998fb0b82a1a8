/**
 * What a fork will read, told by the chain itself before anything runs: one message for the slots, one for their values. A
 * fork starts with what was foreseen. Nothing is made up: what is missing here, a fork asks for when it comes to it.
 */

import { getContractAddress, numberToHex, zeroAddress } from "viem";
import { z } from "zod";
import type { Address, Hex } from "../domain/primitives.ts";
import type { Foreseen } from "../fork.ts";
import { answerProbes, attemptProbes, type Probe } from "./probes.ts";
import { type Answer, hexAddress, hexBytes, hexQuantity, hexWord, type Rpc, type RpcCall } from "./rpc.ts";

/** As anvil loads it: slots that are not named stay unknown. */
export type KnownState = Record<Address, { nonce: number; balance: Hex; code: Hex; storage: Record<Hex, Hex> }>;

/** By every block and every call without a sender: whose hashes (EIP-2935) and roots (EIP-4788) are kept, and what nobody would create. */
const alwaysRead: readonly Address[] = [
  zeroAddress,
  getContractAddress({ from: zeroAddress, nonce: 0n }),
  "0x0000F90827F1C53a10cb7A02335B175320002935",
  "0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02",
];

interface Pin {
  blockHash: Hex;
}
interface Touched {
  address: Address;
  slots: Hex[];
}

export async function foreseenState(rpc: Rpc, foreseen: Foreseen, pin: Pin): Promise<KnownState> {
  const codes = await codesOf(rpc, foreseen, pin);
  const asked = [
    ...foreseen.calls.flatMap(({ from, to, data, value = 0n }) =>
      questionsOf({ call: { from, to, data, value: numberToHex(value) } }, pin),
    ),
    ...probesOf(foreseen, codes).flatMap((probe) => questionsOf(probe, pin)),
  ];
  const touched = (await rpc.batch(asked)).flatMap(touchedIn);
  const accounts = [
    ...alwaysRead,
    ...foreseen.accounts,
    ...foreseen.calls.flatMap(({ from, to }) => [from, to]),
    ...foreseen.replaced.flatMap(({ account, by }) => [account, by]),
  ];
  return valuesOf(rpc, [...accounts.map((address) => ({ address, slots: [] })), ...touched], pin);
}

async function codesOf(rpc: Rpc, { replaced }: Foreseen, pin: Pin): Promise<(Hex | undefined)[]> {
  const answers = await rpc.batch(replaced.map(({ by }) => ({ method: "eth_getCode", params: [by, pin] })));
  return answers.map((one) => (one.ok ? hexBytes.safeParse(one.result).data : undefined));
}

/** Questions before and after the new code is there, tries after it. */
function probesOf({ reads, attempts, replaced }: Foreseen, codes: readonly (Hex | undefined)[]): Probe[] {
  const later = Object.fromEntries(
    replaced.flatMap(({ account }, index) => {
      const code = codes[index];
      return code === undefined ? [] : [[account, { code }]];
    }),
  ) as Probe["state"];
  const questions = answerProbes(zeroAddress, reads);
  const after = [...questions, ...attemptProbes(attempts.from, attempts.calls)];
  return [...questions, ...after.map((one) => ({ ...one, state: { ...later, ...one.state } }))];
}

/** Most nodes give access lists, though not all with pretended state or of calls that revert; some trace: whichever does counts. */
function questionsOf({ call, state }: { call: object; state?: Probe["state"] }, pin: Pin): RpcCall[] {
  const pretended = state === undefined ? {} : { stateOverrides: state };
  const tracer = { tracer: "prestateTracer", tracerConfig: { disableCode: true } };
  return [
    { method: "eth_createAccessList", params: [call, pin, ...(state === undefined ? [] : [state])] },
    { method: "debug_traceCall", params: [call, pin, { ...tracer, ...pretended }] },
  ];
}

const accessList = z.object({
  accessList: z.array(z.object({ address: hexAddress, storageKeys: z.array(hexWord) })),
});
const prestate = z.record(hexAddress, z.object({ storage: z.record(hexWord, z.unknown()).optional() }));

/** Which slots calls read, of which accounts; nothing where the node does not say. The values may be pretended: not taken. */
function touchedIn(answer: Answer): Touched[] {
  if (!answer.ok) return [];
  const list = accessList.safeParse(answer.result);
  if (list.success) return list.data.accessList.map(({ address, storageKeys }) => ({ address, slots: storageKeys }));
  const states = prestate.safeParse(answer.result).data ?? {};
  return Object.entries(states).map(([address, { storage = {} }]) => ({
    address: address as Address,
    slots: Object.keys(storage) as Hex[],
  }));
}

async function valuesOf(rpc: Rpc, touched: readonly Touched[], pin: Pin): Promise<KnownState> {
  const slots = new Map<Address, Set<Hex>>();
  for (const one of touched) slots.set(one.address, new Set([...(slots.get(one.address) ?? []), ...one.slots]));
  const wanted = [...slots].map(([address, keys]) => ({ address, keys: [...keys] }));
  const answers = await rpc.batch(
    wanted.flatMap(({ address, keys }) => [
      { method: "eth_getBalance", params: [address, pin] },
      { method: "eth_getTransactionCount", params: [address, pin] },
      { method: "eth_getCode", params: [address, pin] },
      ...keys.map((slot) => ({ method: "eth_getStorageAt", params: [address, slot, pin] })),
    ]),
  );
  const state: KnownState = {};
  let next = 0;
  const take = <T>(form: z.ZodType<T>): T | undefined => {
    const answer = answers[next];
    next += 1;
    return answer?.ok ? form.safeParse(answer.result).data : undefined;
  };
  for (const { address, keys } of wanted) {
    const [balance, nonce, code] = [take(hexQuantity), take(hexQuantity), take(hexBytes)];
    const words = keys.map((slot) => [slot, take(hexWord)] as const);
    // What delegates by EIP-7702 is no plain code: a fork asks for it itself.
    if (balance === undefined || nonce === undefined || code === undefined || code.startsWith("0xef")) continue;
    const storage = Object.fromEntries(words.filter(([, word]) => word !== undefined)) as Record<Hex, Hex>;
    state[address] = { nonce: Number(nonce), balance: numberToHex(balance), code, storage };
  }
  return state;
}
