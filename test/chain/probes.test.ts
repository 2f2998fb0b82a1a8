/** Many calls in one: each finds the state as it was, whatever the ones before it did, and says what came of it alone. */

import fc from "fast-check";
import { type Address, getAddress, type Hex, zeroAddress } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fork, TracedCall } from "../../src/fork.ts";
import { person, startWorld, type World, word } from "./world.ts";

const at = (low: number): Address => `0x${(0xc0de_0000 + low).toString(16).padStart(40, "0")}`;
const [counter, failing, clock, measuring, asking, silent, telling, again] = [1, 2, 3, 4, 5, 6, 7, 8].map(at) as [
  ...[Address, Address, Address, Address],
  ...[Address, Address, Address, Address],
];
const [hiding, sparing, reading, spending] = [21, 22, 23, 24].map(at) as [Address, Address, Address, Address];
const [late, noticing, creating] = [31, 32, 33].map(at) as [Address, Address, Address];
const echoes = [11, 12, 13].map(at);
/**
 * Puts one more into slot 0 and returns it; reverts; returns the time; the length of what it is told; who asks; nothing.
 * Passes on to its caller what it is told: reverts where that fails; returns how long the answer is. Answers what it is told.
 */
const codes: [Address, Hex][] = [
  [counter, "0x5f54600101805f555f5260205ff3"],
  [failing, "0x5f5ffd"],
  [clock, "0x425f5260205ff3"],
  [measuring, "0x365f5260205ff3"],
  [asking, "0x335f5260205ff3"],
  [silent, "0x00"],
  [telling, "0x365f5f375f5f365f5f335af16012575f5ffd5b00"],
  [again, "0x365f5f375f5f365f5f335af1503d5f5260205ff3"],
  // Has itself put one more into slot 0, whether that works or not: with all its gas, and with little more than that takes.
  [hiding, "0x36600f575f5f60015f5f305af150005b5f546001015f5500"],
  [sparing, "0x366011575f5f60015f5f30611450f150005b5f546001015f5500"],
  // Reads eight slots; counts down from 2,000.
  [
    reading,
    `0x${Array.from({ length: 8 }, (_, slot) => `60${(slot + 1).toString(16).padStart(2, "0")}5450`).join("")}00`,
  ],
  [spending, "0x6107d05b600190038060035700"],
  // Has itself write with just the gas that takes, and stops or reverts by what came of that: the prober sees the same gas.
  [noticing, "0x36601e575f5f60015f5f306078f1601a575f505f505b5b5f5ffd5b5f5b005b5f5f5d00"],
  // Creates a contract whose code is one byte.
  [creating, "0x6360015ff35f526004601c5ff05000"],
  // Reverts before a time.
  [late, "0x4263ee6b27ff10600d575f5ffd5b00"],
  ...echoes.map((one): [Address, Hex] => [one, "0x365f5f37365ff3"]),
];

let world: World;
beforeAll(async () => {
  world = await startWorld();
  for (const [address, bytecode] of codes) await world.client.setCode({ address, bytecode });
  // What a change takes least: a slot that is not zero.
  await world.client.setStorageAt({ address: sparing, index: 0, value: word(1) });
});
afterAll(() => world.stop());

const onFork = <T>(use: (fork: Fork) => Promise<T>) => world.chain.onFork(use);

test("questions leave nothing behind, for each other or for the fork", async () => {
  const calls = [counter, counter, failing, silent, counter].map((to) => ({ to, data: "0x" as const }));
  expect(await onFork(async (fork) => [...(await fork.read(calls)), ...(await fork.read(calls.slice(0, 1)))])).toEqual([
    ...[word(1), word(1), null, "0x", word(1)],
    word(1),
  ]);
});

test("what is told arrives whole, however long, and nobody in particular asks", async () => {
  const lengths = [0, 1, 3, 4, 5, 36, 5_000];
  const calls = lengths.map((length) => ({ to: measuring, data: `0x${"ab".repeat(length)}` as Hex }));
  const [asked, ...told] = await onFork((fork) => fork.read([{ to: asking, data: "0x" }, ...calls]));
  expect(told).toEqual(lengths.map(word));
  expect(asked).toBe(word(0));
});

/** Few different ones, so that much is shared. */
const anyWord = fc.constantFrom("00".repeat(32), "11".repeat(32), `${"00".repeat(31)}01`);
const anyData = fc
  .tuple(
    fc.constantFrom("", "00", "aabbcc", "01020304"),
    fc.array(anyWord, { maxLength: 4 }),
    fc.constantFrom("", "00", "ff00"),
  )
  .map(([head, words, rest]): Hex => `0x${head}${words.join("")}${rest}`);

test("whatever they have in common, calls of any data reach whom they are for", async () => {
  const calls = fc.array(fc.record({ to: fc.constantFrom(...echoes, failing), data: anyData }), { maxLength: 30 });
  await onFork((fork) =>
    fc.assert(
      fc.asyncProperty(calls, async (list) => {
        expect(await fork.read(list)).toEqual(list.map(({ to, data }) => (to === failing ? null : data)));
      }),
      { numRuns: 60 },
    ),
  );
});

test("more questions than one message holds are all answered, in their order", async () => {
  const calls = Array.from({ length: 2_345 }, (_, index) => ({
    to: index % 2 ? measuring : failing,
    data: "0x00" as Hex,
  }));
  const answers = await onFork((fork) => fork.read(calls));
  expect(answers).toEqual(calls.map(({ to }) => (to === measuring ? word(1) : null)));
});

test("another time is pretended to a question and to a try, and the fork keeps its own", async () => {
  const [then, now] = await onFork(async (fork) => [
    ...(await fork.read([{ to: clock, data: "0x" }], { time: 4_000_000_000n })),
    (await fork.head()).timestamp,
  ]);
  expect(then).toBe(word(4_000_000_000));
  expect(now).toBe((await world.chain.head()).timestamp);
});

test("a try fails, only reads or changes something", async () => {
  const calls = [failing, clock, counter, counter, zeroAddress].map((to) => ({ to, data: "0x" as const }));
  expect(await onFork((fork) => fork.attempts(person("stranger").address, calls))).toEqual([
    ...["fails", "only reads", "changes state", "changes state"],
    "only reads",
  ]);
});

test("what succeeds because it catches that it may not change anything counts as a change", async () => {
  const calls = [hiding, sparing, reading, spending].map((to) => ({ to, data: "0x" as const }));
  const tried = await onFork((fork) => fork.attempts(person("stranger").address, [...calls, ...calls]));
  // The second time the slots are warm: it takes less.
  expect(tried).toEqual([
    ...["changes state", "changes state", "reads at length", "reads at length"],
    ...["changes state", "changes state", "only reads", "reads at length"],
  ]);
});

test("what goes through only where it may change something counts as a change, whatever gas it takes", async () => {
  const calls = [noticing, noticing].map((to) => ({ to, data: "0x" as const }));
  const tried = await onFork((fork) => fork.attempts(person("stranger").address, calls));
  expect(tried).toEqual(["changes state", "changes state"]);
});

test("who is called back takes what they are told, as an account without code does, and does nothing", async () => {
  const [told, asked] = ["0x11223344", `0x010001${"00".repeat(31)}`] as const;
  const [tries, answers] = await onFork(async (fork) => [
    await fork.attempts(person("stranger").address, [{ to: telling, data: told }]),
    await fork.read([{ to: again, data: asked }]),
  ]);
  expect(tries).toEqual(["only reads"]);
  expect(answers).toEqual([word(0)]);
});

test("which calls would go through, when and with which money, is told of each", async () => {
  const from = person("stranger").address;
  const call = (to: Address, more: Partial<TracedCall> = {}): TracedCall => ({ from, to, data: "0x", ...more });
  const calls = [
    ...[call(counter), call(failing), call(late), call(late, { environment: { time: 4_000_000_000n } })],
    // Who calls can pay: what is looked at is the call.
    ...[call(silent, { value: 5n, gasPrice: 7n, environment: { baseFee: 7n } }), call(failing, { value: 5n })],
  ];
  expect(await onFork((fork) => fork.goThrough(calls))).toEqual([true, false, false, true, true, false]);
  // A node that cannot answer has not said no.
  await expect(onFork((fork) => fork.goThrough([call("0x12")]))).rejects.toThrow("could not be simulated on");
});

test("which slots calls would change is told of each, and of one that creates a contract nothing", async () => {
  const from = person("stranger").address;
  const calls = [counter, failing, clock, creating, counter].map((to) => ({ from, to, data: "0x" as const }));
  const change = { address: getAddress(counter), slot: word(0), before: word(0), after: word(1) };
  const written = await onFork((fork) => fork.written(Array.from({ length: 20 }, () => calls).flat()));
  expect(written).toEqual(Array.from({ length: 20 }, () => [[change], [], [], undefined, [change]]).flat());
});

test("whom calls would call is told in their order, and of one that fails nothing", async () => {
  const from = person("stranger").address;
  const calls = [telling, failing, counter].map((to) => ({ from, to, data: "0x11223344" as const }));
  const called = await onFork((fork) => fork.called(calls));
  expect(called.map((frames) => frames?.map((one) => [one.from, one.to, one.input]))).toEqual([
    [
      [from, getAddress(telling), "0x11223344"],
      [getAddress(telling), from, "0x11223344"],
    ],
    undefined,
    [[from, getAddress(counter), "0x11223344"]],
  ]);
});
