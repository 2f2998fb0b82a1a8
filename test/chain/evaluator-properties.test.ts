/** What the Evaluator says is what judge() says of the same values read one by one and worked out by bigints. */

import fc from "fast-check";
import { concat, getAddress, type Hex, keccak256, parseAbi, size, slice, toHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluatorAddress, evaluatorCode, pieceAddress, pieceCodes } from "../../src/chain/evaluator/evaluator.ts";
import type { RpcCall } from "../../src/chain/rpc.ts";
import { judge, type Metric, metric, type Verdict } from "../../src/domain/metrics.ts";
import type { Address } from "../../src/domain/primitives.ts";
import { compile } from "../../src/domain/watch/catalogue.ts";
import { type Reading, readingsOf } from "../../src/domain/watch/sources.ts";
import { callOf, combined, readingValue } from "../../src/domain/watch/values.ts";
import {
  account,
  answering,
  bomb,
  chain,
  type EvaluatorWorld,
  loopingForEver,
  startEvaluatorWorld,
} from "./evaluator-world.ts";

let world: EvaluatorWorld;
beforeAll(async () => {
  world = await startEvaluatorWorld();
});
afterAll(() => world.stop());

const top = 1n << 256n;
const word = (value: bigint): Hex => toHex(BigInt.asUintN(256, value), { size: 32 });

/** Where mistakes live: around zero, around the ends of every type, and a few that are met often. */
const corners = [0n, 8n, 128n, 160n, 248n, 255n, 256n].flatMap((bits) =>
  [-2n, -1n, 0n, 1n, 2n].map((near) => BigInt.asUintN(256, (1n << bits) + near)),
);
const anyWord = fc.oneof(
  fc.constantFrom(...corners, 9_999n, 10_000n, 10_001n, (top - 1n) / 10_000n, (top - 1n) / 10_000n + 1n),
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 0n, max: top - 1n }),
  fc.constant(BigInt(account("an owner"))),
  fc.bigInt({ min: 0n, max: 40n }).map((near) => 1_795_000_000n + near),
);
const anyType = fc.constantFrom(
  ...["uint256", "int256", "uint8", "int8", "uint128", "int128", "uint160", "int248", "bool", "address", "bytes32"],
  ...["bytes4", "bytes31", "uint256[2]", "string", "(uint8 a, int256 b)"],
);

/** What an account answers: words, cut short or lengthened, or it misbehaves. */
const anyCode = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.array(anyWord, { minLength: 1, maxLength: 4 }).map((all) => answering(concat(all.map(word)))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(anyWord, anyWord, fc.integer({ min: 0, max: 64 }))
      .map(([a, b, length]) => answering(length === 0 ? "0x" : slice(concat([word(a), word(b)]), 0, length))),
  },
  { weight: 1, arbitrary: anyWord.map((one) => answering(word(one), "revert")) },
  { weight: 1, arbitrary: fc.constantFrom<Hex>(bomb, loopingForEver, "0x", "0xfe", "0x00") },
);

/** A reading of an account of its own, and the state that the account is given. */
interface Given {
  reading: Record<string, unknown>;
  set: RpcCall[];
}

const anyAccount = fc
  .bigInt({ min: 1n << 100n, max: (1n << 160n) - 1n })
  .map((n) => getAddress(toHex(n, { size: 20 })));
const anyCall = fc.record({
  to: anyAccount,
  code: anyCode,
  types: fc.array(anyType, { minLength: 1, maxLength: 3 }),
  output: fc.integer({ min: 0, max: 2 }),
  args: fc.integer({ min: 0, max: 3 }),
});
const calls = anyCall.map(({ to, code, types, output, args }): Given => {
  const signature = `function read(${Array.from({ length: args }, () => "address").join(", ")}) view returns (${types.join(", ")})`;
  const which = types.length === 1 ? {} : { output: output % types.length };
  const reading = { kind: "call", to, signature, args: Array.from({ length: args }, () => to), ...which };
  return { reading, set: [{ method: "anvil_setCode", params: [to, code] }] };
});
const balances = fc
  .record({ of: anyAccount, amount: anyWord, isToken: fc.boolean(), code: anyCode })
  .map((one): Given => {
    const token = account(`token of ${one.of}`);
    return one.isToken
      ? {
          reading: { kind: "balance", of: one.of, token },
          set: [{ method: "anvil_setCode", params: [token, one.code] }],
        }
      : {
          reading: { kind: "balance", of: one.of },
          set: [{ method: "anvil_setBalance", params: [one.of, toHex(one.amount)] }],
        };
  });
const slots = fc.record({ account: anyAccount, slot: anyWord, value: anyWord, signed: fc.boolean() }).map(
  (one): Given => ({
    reading: { kind: "slot", account: one.account, slot: word(one.slot), signed: one.signed },
    set: [{ method: "anvil_setStorageAt", params: [one.account, word(one.slot), word(one.value)] }],
  }),
);

/** Storage goes with storage: with a call it is judged outside. */
const state = fc.oneof({ weight: 3, arbitrary: calls }, { weight: 1, arbitrary: balances });
const pairs = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(state, state) },
  { weight: 1, arbitrary: fc.tuple(slots, slots) },
);
const singles = fc.oneof({ weight: 4, arbitrary: state }, { weight: 1, arbitrary: slots });

const reads = fc.oneof(
  singles,
  pairs.map(([a, b]) => ({ reading: { kind: "difference", a: a.reading, b: b.reading }, set: [...a.set, ...b.set] })),
  pairs.map(([a, b]) => ({
    reading: { kind: "ratioBps", numerator: a.reading, denominator: b.reading },
    set: [...a.set, ...b.set],
  })),
  singles.map((one) => ({ ...one, reading: { kind: "age", of: one.reading } })),
  singles.map((one) => ({ ...one, reading: { kind: "addressIs", of: one.reading, equals: account("an owner") } })),
  fc.tuple(anyAccount, anyCode, fc.boolean()).map(([at, code, same]) => ({
    reading: { kind: "codeHash", account: at, equals: same ? keccak256(code) : word(1n) },
    set: [{ method: "anvil_setCode", params: [at, code] }],
  })),
);

const isYesOrNo = (kind: unknown) => kind === "addressIs" || kind === "codeHash";
const limit = fc.oneof(
  anyWord.map((one) => ({ value: String(one) })),
  anyWord.map((one) => ({ value: String(-one) })),
  fc.record({ baselineBps: fc.constantFrom(9_999, 10_000, 10_001), plus: fc.constantFrom(-1, 0, 1) }),
);
const condition = fc.tuple(fc.constantFrom("<", "<=", "=", ">=", ">"), limit).map(([is, rest]) => ({ is, ...rest }));

interface Case {
  metric: Metric;
  set: RpcCall[];
  baseline: bigint | undefined;
}
const cases = fc
  .record({
    read: reads,
    ...{ pass: condition, fail: condition, report: fc.boolean(), baseline: fc.option(anyWord, { nil: undefined }) },
    isBool: fc.integer({ min: 0, max: 9 }).map((die) => die === 0),
  })
  .map(({ read, pass, fail, report, baseline, isBool }): Case => {
    const yesOrNo = isYesOrNo(read.reading.kind);
    const one = (is: bigint) => ({ is: "=", value: is });
    const conditions = yesOrNo || isBool ? { pass: one(1n), fail: one(0n) } : { pass, fail };
    const rest = { class: "asset", chain, unit: "none", severity: 1, containment: "pause", owner: "ada" };
    const valueType = isBool ? "bool" : "int256";
    const given = { id: "x", title: "x", read: read.reading, ...conditions, ...rest, report, valueType };
    return { metric: metric.parse(given), set: read.set, baseline };
  });

/** Metrics that differ by their account and arguments alone, as those over many vaults do, and by what is answered. */
const families = fc
  .record({
    output: fc.constantFrom("uint256", "uint128", "uint8", "bool"),
    ...{ pass: condition, fail: condition, report: fc.boolean(), inputs: fc.integer({ min: 0, max: 2 }) },
    members: fc.array(fc.record({ to: anyAccount, code: anyCode, args: fc.tuple(anyWord, anyWord) }), {
      maxLength: 30,
    }),
  })
  .map(({ output, pass, fail, report, inputs, members }) =>
    members.map(({ to, code, args }): Case => {
      const signature = `function read(${Array.from({ length: inputs }, () => "uint256").join(", ")}) view returns (${output})`;
      const read = { kind: "call", to, signature, args: args.slice(0, inputs).map(String) };
      const rest = { class: "asset", chain, unit: "none", severity: 1, containment: "pause", owner: "ada" };
      const one = (is: bigint) => ({ is: "=", value: is });
      const conditions = output === "bool" ? { pass: one(1n), fail: one(0n) } : { pass, fail };
      const given = { id: "x", title: "x", read, ...conditions, ...rest, report };
      return {
        metric: metric.parse(given),
        set: [{ method: "anvil_setCode", params: [to, code] }],
        baseline: undefined,
      };
    }),
  );

const mixed = fc
  .tuple(fc.array(cases, { minLength: 60, maxLength: 100 }), fc.array(families, { maxLength: 5 }))
  .chain(([alone, alike]) => {
    const all = [...alone, ...alike.flat()];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });

/**
 * The value in an answer that has all its words and such a value in the one that counts: Solidity's decoder reverts on
 * others, viem's does not look. The other words may be anything.
 */
function valueIn(reading: Reading, answer: Hex): bigint | null {
  if (reading.kind !== "call") return readingValue(reading, answer);
  const [view] = parseAbi([reading.signature]) as readonly unknown[] as readonly [{ outputs: { type: string }[] }];
  const words = view.outputs.map(({ type }) => (type === "tuple" || type.endsWith("[2]") ? 2 : 1));
  const sum = (all: number[]) => all.reduce((total, one) => total + one, 0);
  if (size(answer) < sum(words) * 32) return null;
  const at = reading.output ?? 0;
  const from = sum(words.slice(0, at)) * 32;
  const type = view.outputs[at]?.type ?? "";
  const word = slice(answer, from, from + 32);
  const alone = { ...reading, signature: `function read() view returns (${type})`, output: undefined };
  return isClean(type, BigInt(word)) ? readingValue(alone, word) : null;
}

function isClean(type: string, value: bigint): boolean {
  const [, kind = "", length = ""] = /^(bool|address|u?int|bytes)(\d*)$/.exec(type) ?? [];
  const bits = BigInt(length === "" ? 0 : length);
  if (kind === "bool") return value <= 1n;
  if (kind === "address") return value < 1n << 160n;
  if (kind === "uint") return value < 1n << bits;
  if (kind === "int") return value < 1n << (bits - 1n) !== value >= top - (1n << (bits - 1n));
  return kind === "bytes" && length !== "" && value % (1n << (256n - bits * 8n)) === 0n;
}

/** The value as it is read without the Evaluator, each reading by a request of its own. */
async function readAlone({ read }: Metric, at: { blockHash: Hex }, time: bigint): Promise<bigint | null> {
  if (read.kind === "codeHash") {
    const probe: Hex = `0x73${read.account.slice(2)}3f60205260406000f3`;
    const [answer] = await world.rpc.batch([{ method: "eth_call", params: [{ data: probe }, at] }]);
    return answer?.ok && `0x${String(answer.result).slice(66)}` === read.equals ? 1n : 0n;
  }
  const readings = readingsOf(read);
  const answers = await world.rpc.batch(readings.map((reading) => requestFor(reading, at)));
  const values = readings.map((reading, nth) => {
    const answer = answers[nth];
    return answer?.ok ? valueIn(reading, answer.result as Hex) : null;
  });
  const value = combined(read, values, time);
  return value === null || !fits(read.kind, value, values) ? null : value;
}

/** What 256 bits hold; of a ratio also ten thousand times the numerator. */
function fits(kind: string, value: bigint, [first]: readonly (bigint | null)[]): boolean {
  if (kind === "difference" || kind === "age") return value === BigInt.asIntN(256, value);
  if (kind !== "ratioBps") return true;
  const magnitude = (first ?? 0n) < 0n ? -(first ?? 0n) : (first ?? 0n);
  return magnitude <= (top - 1n) / 10_000n;
}

function requestFor(reading: Reading, at: { blockHash: Hex }): RpcCall {
  const call = callOf(reading);
  const gas = toHex(1_000_000 + 60_000);
  if (call !== undefined) return { method: "eth_call", params: [{ ...call, gas }, at] };
  if (reading.kind === "slot") return { method: "eth_getStorageAt", params: [reading.account, reading.slot, at] };
  return { method: "eth_getBalance", params: [(reading as { of: Address }).of, at] };
}

const inWords = (one: unknown) =>
  JSON.stringify(one, (_key, value) => (typeof value === "bigint" ? `${value}` : value));

test("on random catalogues, over random state: verdicts and values, sent and deployed", async () => {
  const seen = new Map<Verdict, number>();
  await fc.assert(
    fc.asyncProperty(mixed, async (all) => {
      await world.all(all.flatMap(({ set }) => set));
      const metrics = all.map(({ metric: one }, nth) => ({ ...one, id: `m${nth}` }));
      const baselines = new Map(
        all.flatMap(({ baseline }, nth) => (baseline === undefined ? [] : [[`m${nth}`, baseline] as const])),
      );
      const catalogue = compile(metrics, baselines);
      const codes = catalogue.entries.filter(({ judged }) => judged === "call").map(({ code }) => code);
      const pieces = pieceCodes(concat(codes));
      await world.setCodes(
        new Map([[evaluatorAddress, evaluatorCode], ...pieces.map((code) => [pieceAddress(code), code] as const)]),
      );
      const blockHash = await world.mine();
      const sent = await world.evaluator().evaluate(catalogue, { blockHash });
      const deployed = await world.evaluator({ deployed: true }).evaluate(catalogue, { blockHash });
      const expected: Verdict[] = [];
      const told = new Map<number, bigint>();
      for (const [nth, one] of metrics.entries()) {
        const isOutside = catalogue.entries[nth]?.judged === "outside";
        const value = isOutside ? null : await readAlone(one, { blockHash }, sent.timestamp ?? 0n);
        const verdict = judge(one, value, baselines.get(`m${nth}`));
        expected.push(verdict);
        seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
        if (value !== null && verdict !== "error" && (one.report || verdict === "fail")) told.set(nth, value);
      }
      for (const found of [sent, deployed]) {
        for (const [nth, verdict] of expected.entries()) expect(found.verdicts[nth], inWords(all[nth])).toBe(verdict);
        expect([...found.values].sort(([a], [b]) => a - b)).toEqual([...told]);
      }
    }),
    { numRuns: 5, endOnFailure: true },
  );
  // Every verdict was met often, or the generators have lost their grip.
  for (const verdict of ["pass", "fail", "inconclusive", "error"] as const)
    expect(seen.get(verdict) ?? 0, verdict).toBeGreaterThan(20);
});
