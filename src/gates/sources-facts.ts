/** What decides over a subject on one chain: the facts that no single source may be believed about. */

import { encodeAbiParameters, encodeFunctionData, keccak256, padHex, parseAbi, parseAbiParameters, toHex } from "viem";
import type { SafeFacts } from "../chain-facts.ts";
import type { Question } from "../chain-sources.ts";
import type { ChainPolicy } from "../domain/chain-policy.ts";
import { roleSlot, slots } from "../domain/known-slots.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../domain/primitives.ts";
import { proxyChanges } from "../domain/release-package.ts";
import { cancellerRole, executorRole } from "../domain/timelock.ts";
import type { GateInput } from "./gate.ts";
import { callsOf, functionsOf, signedBy } from "./signed-calls.ts";
import { scheduledIn } from "./timelock.ts";
import { type Upgrade, upgradesOf } from "./upgrades.ts";

export interface Fact {
  /** For sentences: "the implementation slot of vault". */
  name: string;
  question: Question;
  /** What it must be, where the subject or an earlier reading says so, and who says it. */
  expected?: { value: Hex; by: string };
}

const abi = parseAbi([
  "function owner() view returns (address)",
  "function implementation() view returns (address)",
  "function getOwners() view returns (address[])",
  "function getThreshold() view returns (uint256)",
  "function nonce() view returns (uint256)",
  "function getMinDelay() view returns (uint256)",
  "function getTimestamp(bytes32 id) view returns (uint256)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
]);
const plain = (functionName: "owner" | "implementation" | "getOwners" | "getThreshold" | "nonce" | "getMinDelay") =>
  encodeFunctionData({ abi, functionName });

const roles: readonly [string, Hex][] = [
  ["admin", zeroHash],
  ["proposer", keccak256(toHex("PROPOSER_ROLE"))],
  ["canceller", cancellerRole],
  ["executor", executorRole],
];

/** Head of a Safe's linked lists of owners and modules. */
const sentinel: Address = "0x0000000000000000000000000000000000000001";
const slotAt = (index: number): Hex => toHex(index, { size: 32 });
const word = (value: Address | bigint): Hex =>
  typeof value === "bigint" ? toHex(value, { size: 32 }) : (padHex(value, { size: 32 }).toLowerCase() as Hex);
const mapped = (key: Hex, at: number): Hex => keccak256(`${padHex(key, { size: 32 })}${slotAt(at).slice(2)}`);

/** Reads of the ordinary source first: whose code and which owners to ask the others about. */
export async function factsOf(where: ChainPolicy, input: GateInput): Promise<Fact[]> {
  const { subject, policy, chains } = input;
  const chain = chains.get(where.id);
  const signed = signedBy(subject).filter(({ tx }) => tx.chain === where.id);
  const named = functionsOf(policy);
  const calls = signed.flatMap((one) => callsOf(one, named));
  const scheduled = scheduledIn(signed, named);
  const safes = [...new Set([where.council, where.guardian, ...signed.map(({ tx }) => tx.safe)])];
  const [upgrades, facts, singletons] = await Promise.all([
    upgradesOf(subject, policy, chains).then((all) => all.filter((one) => one.chain === where.id)),
    Promise.all(safes.map((one) => chain.safe(one))),
    chain.words(safes.map((account) => ({ account, slot: slotAt(0) }))),
  ]);
  const timelocks = [...new Set([where.timelock, ...scheduled.map((one) => one.call.to)])];
  const people = policy.people.flatMap((one) => one.wallets);
  const operations = scheduled.flatMap(({ call, id, predecessor }) =>
    [id, predecessor].filter((one) => one !== zeroHash).map((one) => operationFacts(call.to, one)),
  );
  const masters = singletons.map((one): Address => `0x${one.slice(26)}`);
  return distinct([
    ...upgrades.flatMap((one) => proxyFacts(one, input)),
    ...facts.flatMap((one, index) => safeFacts(one, singletons[index] ?? zeroHash)),
    ...timelocks.flatMap((one) => timelockFacts(one, where, chain.gasAccount, people)),
    ...operations.flat(),
    ...preconditionsFacts(input, where),
    ...[...safes, ...timelocks, ...masters, ...calls.map((one) => one.to)].flatMap((one) => codeFacts(one, one)),
  ]);
}

function codeFacts(account: Address, name: string, expected?: Fact["expected"]): Fact[] {
  return [
    { name: `the code of ${name}`, question: { kind: "code", account } },
    {
      name: `the code hash of ${name}`,
      question: { kind: "codeHash", account },
      ...(expected === undefined ? {} : { expected }),
    },
  ];
}

function wordFact(name: string, account: Address, slot: Hex, expected?: Fact["expected"]): Fact {
  return { name, question: { kind: "word", account, slot }, ...(expected === undefined ? {} : { expected }) };
}

function callFact(name: string, to: Address, data: Hex, expected?: Fact["expected"]): Fact {
  return { name, question: { kind: "call", to, data }, ...(expected === undefined ? {} : { expected }) };
}

/** Where policy's proxies keep their implementation, who may change it, and the code on both sides. */
function proxyFacts({ name, proxy, through, from, to }: Upgrade, { subject }: GateInput): Fact[] {
  const legs = subject.kind === "package" ? subject.package.legs : [];
  const change = legs.flatMap(proxyChanges).find((one) => one.proxy === proxy && one.toImplementation === to);
  const said = (value: Hex | undefined) => (value === undefined ? undefined : { value, by: "the package" });
  const isBeacon = change?.proxyKind === "beacon";
  return [
    wordFact(
      `the implementation slot of ${name}`,
      proxy,
      slots.implementation,
      isBeacon ? undefined : said(change && word(change.fromImplementation)),
    ),
    wordFact(
      `the admin slot of ${name}`,
      proxy,
      slots.admin,
      change?.proxyKind === "transparent" ? said(word(change.admin)) : undefined,
    ),
    wordFact(`the beacon slot of ${name}`, proxy, slots.beacon, isBeacon ? said(change && word(through)) : undefined),
    callFact(`the owner of ${through}`, through, plain("owner")),
    wordFact(`slot 0 of ${through}`, through, slotAt(0)),
    wordFact(`the owner slot of ${through}`, through, slots.ownable),
    ...(isBeacon
      ? [
          callFact(
            `the implementation of the beacon ${through}`,
            through,
            plain("implementation"),
            said(change && word(change.fromImplementation)),
          ),
          wordFact(`slot 1 of ${through}`, through, slotAt(1)),
        ]
      : []),
    ...codeFacts(proxy, name),
    ...codeFacts(through, through),
    ...codeFacts(to, `the new implementation of ${name}`, said(change?.toCodeHash)),
    ...(from === undefined ? [] : codeFacts(from, `the present implementation of ${name}`, said(change?.fromCodeHash))),
  ];
}

/** Safe's layout, the same in every version: singleton 0, modules 1, owners 2, their number 3, threshold 4, nonce 5. */
function safeFacts({ address: safe, owners, threshold }: SafeFacts, singleton: Hex): Fact[] {
  const read = (value: Hex) => ({ value, by: "what the first source answered before" });
  const list = [sentinel, ...owners];
  return [
    callFact(
      `the owners of the Safe ${safe}`,
      safe,
      plain("getOwners"),
      read(encodeAbiParameters(parseAbiParameters("address[]"), [owners])),
    ),
    callFact(`the threshold of the Safe ${safe}`, safe, plain("getThreshold"), read(word(BigInt(threshold)))),
    callFact(`the nonce of the Safe ${safe}`, safe, plain("nonce")),
    wordFact(`the singleton slot of the Safe ${safe}`, safe, slotAt(0), read(singleton)),
    wordFact(`the first module of the Safe ${safe}`, safe, mapped(sentinel, 1)),
    wordFact(`the number of owners of the Safe ${safe}`, safe, slotAt(3), read(word(BigInt(owners.length)))),
    wordFact(`the threshold slot of the Safe ${safe}`, safe, slotAt(4), read(word(BigInt(threshold)))),
    wordFact(`the nonce slot of the Safe ${safe}`, safe, slotAt(5)),
    wordFact(`the guard of the Safe ${safe}`, safe, slots.safeGuard),
    wordFact(`the fallback handler of the Safe ${safe}`, safe, slots.safeHandler),
    ...list.map((owner, index) =>
      wordFact(
        `the place of ${owner} among the owners of the Safe ${safe}`,
        safe,
        mapped(owner, 2),
        read(word(list[index + 1] ?? sentinel)),
      ),
    ),
  ];
}

/** The timelock's answers, and its slots as OpenZeppelin lays them out: roles 0, timestamps 1, delay 2. */
function timelockFacts(timelock: Address, where: ChainPolicy, gas: Address, people: readonly Address[]): Fact[] {
  const known = [where.council, where.guardian, timelock, gas, zeroAddress];
  const holds = (account: Address) =>
    roles.map(([name, role]) =>
      callFact(
        `whether ${account} is ${name} of ${timelock}`,
        timelock,
        encodeFunctionData({ abi, functionName: "hasRole", args: [role, account] }),
      ),
    );
  return [
    callFact(`the delay of ${timelock}`, timelock, plain("getMinDelay")),
    wordFact(`the delay slot of ${timelock}`, timelock, slotAt(2)),
    ...[...known, ...people].flatMap(holds),
    ...known.flatMap((account) =>
      roles.map(([name, role]) =>
        wordFact(`the ${name} slot of ${account} at ${timelock}`, timelock, roleSlot(role, account, slotAt(0))),
      ),
    ),
  ];
}

function operationFacts(timelock: Address, id: Hex): Fact[] {
  const data = encodeFunctionData({ abi, functionName: "getTimestamp", args: [id] });
  return [
    callFact(`the state of the operation ${id}`, timelock, data),
    wordFact(`the timestamp slot of the operation ${id}`, timelock, mapped(id, 1)),
  ];
}

function preconditionsFacts({ subject, preconditionsCodeHash: value }: GateInput, where: ChainPolicy): Fact[] {
  const legs = subject.kind === "package" ? subject.package.legs.filter((one) => one.chain === where.id) : [];
  return legs.flatMap((one) =>
    codeFacts(one.preconditionsAt, "the Preconditions contract", { value, by: "this build of Quorate" }),
  );
}

/** Each question once; what is expected of it is kept. */
function distinct(facts: readonly Fact[]): Fact[] {
  const byQuestion = new Map<string, Fact>();
  for (const fact of facts) {
    const key = JSON.stringify(fact.question).toLowerCase();
    const before = byQuestion.get(key);
    if (before === undefined || (before.expected === undefined && fact.expected !== undefined))
      byQuestion.set(key, fact);
  }
  return [...byQuestion.values()];
}
