/**
 * What a fork will read, told by the chain itself before anything runs: one message for the slots, one for their values. A
 * fork starts with what was foreseen. Nothing is made up: what is missing here, a fork asks for when it comes to it.
 */

import { hash } from "node:crypto";
import { getContractAddress, numberToHex, zeroAddress } from "viem";
import { z } from "zod";
import type { Address, Hex } from "../domain/primitives.ts";
import type { Foreseen, PlainCall } from "../fork.ts";
import { inList, joined, type Places, type Touched } from "./fork-places.ts";
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

/** What fork after fork reads. */
export function rememberedState(rpc: Rpc, known: Places, pin: Pin): Promise<KnownState> {
  return valuesOf(rpc, [...alwaysRead.map((address) => ({ address, slots: [] })), ...inList(known.slots)], pin);
}

export interface ForeseenPlaces {
  touched: Touched[];
  /** Keys of what was asked: its places need not be asked for again. */
  questions: string[];
}

/** Where what is foreseen will look, besides what is known: a question that was asked before is not asked again. */
export async function foreseenPlaces(rpc: Rpc, foreseen: Foreseen, known: Places, pin: Pin): Promise<ForeseenPlaces> {
  const codes = await codesOf(rpc, foreseen, pin);
  const open = questionsOn(foreseen, codes).filter(({ key }) => !known.questions.has(key));
  const answers = await rpc.batch(open.flatMap(({ probes }) => probes().flatMap((probe) => asked(probe, pin))));
  const named = [
    ...foreseen.accounts,
    ...foreseen.calls.flatMap(({ from, to }) => [from, to]),
    ...foreseen.replaced.flatMap(({ account, by }) => [account, by]),
  ];
  const touched = [...named.map((address) => ({ address, slots: [] })), ...answers.flatMap(touchedIn)];
  return { touched, questions: answers.some(({ ok }) => ok) ? open.map(({ key }) => key) : [] };
}

/** The values at the places that are not known yet. */
export function addedState(rpc: Rpc, touched: readonly Touched[], known: Places, pin: Pin): Promise<KnownState> {
  const added = inList(joined(new Map(), touched)).flatMap(({ address, slots }): Touched[] => {
    const own = known.slots.get(address);
    const fresh = slots.filter((slot) => own?.has(slot) !== true);
    return own !== undefined && fresh.length === 0 ? [] : [{ address, slots: fresh }];
  });
  return valuesOf(rpc, added, pin);
}

async function codesOf(rpc: Rpc, { replaced }: Foreseen, pin: Pin): Promise<(Hex | undefined)[]> {
  const answers = await rpc.batch(replaced.map(({ by }) => ({ method: "eth_getCode", params: [by, pin] })));
  return answers.map((one) => (one.ok ? hexBytes.safeParse(one.result).data : undefined));
}

interface Question {
  /** The same for the same question. */
  key: string;
  probes(): { call: object; state?: Probe["state"] }[];
}

/** Questions before and after the new code is there, tries after it. */
function questionsOn({ calls, reads, attempts, replaced }: Foreseen, codes: readonly (Hex | undefined)[]): Question[] {
  const later = Object.fromEntries(
    replaced.flatMap(({ account }, index) => {
      const code = codes[index];
      return code === undefined ? [] : [[account, { code }]];
    }),
  ) as Probe["state"];
  const state = keyOf(...Object.entries(later).flatMap(([account, { code }]) => [account, code]));
  const pretended = (probes: readonly Probe[]) => probes.map((one) => ({ ...one, state: { ...later, ...one.state } }));
  const listed = (list: readonly PlainCall[]) => keyOf(...list.map(({ to, data }) => to + data));
  const questions = listed(reads);
  const answers = () => answerProbes(zeroAddress, reads);
  const tries = () => attemptProbes(attempts.from, attempts.calls);
  return [
    ...calls.map(({ from, to, data, value = 0n }) => ({
      key: keyOf("call", from, to, data, String(value)),
      probes: () => [{ call: { from, to, data, value: numberToHex(value) } }],
    })),
    { key: keyOf("reads", questions), probes: answers },
    { key: keyOf("reads", state, questions), probes: () => pretended(answers()) },
    { key: keyOf("tries", attempts.from, state, listed(attempts.calls)), probes: () => pretended(tries()) },
  ];
}

const keyOf = (...parts: string[]) => hash("sha256", parts.join(), "base64");

/** Most nodes give access lists, though not all with pretended state or of calls that revert; some trace: whichever does counts. */
function asked({ call, state }: { call: object; state?: Probe["state"] }, pin: Pin): RpcCall[] {
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
  const wanted = inList(joined(new Map(), touched));
  const answers = await rpc.batch(
    wanted.flatMap(({ address, slots }) => [
      { method: "eth_getBalance", params: [address, pin] },
      { method: "eth_getTransactionCount", params: [address, pin] },
      { method: "eth_getCode", params: [address, pin] },
      ...slots.map((slot) => ({ method: "eth_getStorageAt", params: [address, slot, pin] })),
    ]),
  );
  const state: KnownState = {};
  let next = 0;
  const take = <T>(form: z.ZodType<T>): T | undefined => {
    const answer = answers[next];
    next += 1;
    return answer?.ok ? form.safeParse(answer.result).data : undefined;
  };
  for (const { address, slots } of wanted) {
    const [balance, nonce, code] = [take(hexQuantity), take(hexQuantity), take(hexBytes)];
    const words = slots.map((slot) => [slot, take(hexWord)] as const);
    // What delegates by EIP-7702 is no plain code: a fork asks for it itself.
    if (balance === undefined || nonce === undefined || code === undefined || code.startsWith("0xef")) continue;
    const storage = Object.fromEntries(words.filter(([, word]) => word !== undefined)) as Record<Hex, Hex>;
    state[address] = { nonce: Number(nonce), balance: numberToHex(balance), code, storage };
  }
  return state;
}
