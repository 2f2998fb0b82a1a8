/** One of several RPC sources of a chain: what it says at one block, and whether that fits what it proves. */

import { keccak256 } from "viem";
import { z } from "zod";
import type { Head } from "../chain-facts.ts";
import type { Heard, NamedHead, Question, Source, Testimony } from "../chain-sources.ts";
import { type Address, emptyCodeHash, type Hex, zeroHash } from "../domain/primitives.ts";
import { type EvaluateOptions, evaluator } from "./evaluate.ts";
import { endpointFault, inert } from "./fault.ts";
import { accountProof, BrokenProof, headerHash, type ProvenAccount, provenAccount } from "./proof.ts";
import { callRead, codeHashIn, codeHashRead, type Pin, storageRead } from "./reads.ts";
import { type Answer, hexBytes, hexQuantity, hexWord, isRevert, type Rpc, type RpcCall } from "./rpc.ts";

/** Kept whole: the header's hash is taken over fields that nothing else here reads. */
const rawBlock = z.looseObject({
  number: hexQuantity,
  hash: hexWord,
  timestamp: hexQuantity,
  parentHash: hexWord,
  stateRoot: hexWord,
});
type RawBlock = z.output<typeof rawBlock>;

/** Largest batch in one message: below what common providers and proxies accept. */
const largestBatch = 500;

/** `options`: how it is asked to judge a catalogue. */
export function openSource(rpc: Rpc, options: EvaluateOptions = {}): Source {
  return {
    ...evaluator(rpc, options),
    host: rpc.endpoint.url.host,
    async head() {
      const raw = await rpc.request("eth_getBlockByNumber", ["latest", false], z.record(z.string(), z.unknown()));
      const named = rpc.take({ ok: true, result: raw }, "eth_getBlockByNumber", rawBlock);
      return { ...headOf(named), parent: named.parentHash, sealed: headerHash(raw) === named.hash } satisfies NamedHead;
    },
    async blocks(hashes) {
      const answers = await batches(
        rpc,
        hashes.map((hash) => ({ method: "eth_getBlockByHash", params: [hash, false] })),
      );
      return answers.map((answer, index) => {
        const found = answer.ok ? rawBlock.safeParse(answer.result) : undefined;
        return found?.success && found.data.hash === hashes[index] ? headOf(found.data) : undefined;
      });
    },
    testify: (questions, blockHash) => testify(rpc, questions, blockHash),
  };
}

function headOf({ number, hash, timestamp }: RawBlock): Head {
  return { number, hash, timestamp };
}

async function batches(rpc: Rpc, calls: readonly RpcCall[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < calls.length; from += largestBatch)
    answers.push(...(await rpc.batch(calls.slice(from, from + largestBatch))));
  return answers;
}

async function testify(rpc: Rpc, questions: readonly Question[], blockHash: Hex): Promise<Testimony> {
  const pin = { blockHash };
  const accounts = byAccount(questions);
  const answers = await batches(rpc, [
    { method: "eth_getBlockByHash", params: [blockHash, false] },
    ...questions.map((one) => readOf(one, pin)),
    ...accounts.map(({ account, slots }) => ({ method: "eth_getProof", params: [account, slots, pin] })),
  ]);
  const [header, ...rest] = answers;
  const raw = header?.ok ? header.result : undefined;
  const block = rawBlock.safeParse(raw);
  if (!block.success || block.data.hash !== blockHash)
    throw endpointFault("rejected", rpc.endpoint, "does not have the block that the others have: it lags behind.");
  const sealed = headerHash(raw as Record<string, unknown>) === blockHash;
  const heard = questions.map((question, index) => heardOf(rpc, question, rest[index]));
  const lies: Testimony["lies"] = [];
  const proven: Address[] = [];
  // Without a header that binds it the state root is hearsay; a fork's node has none at all.
  const provable = sealed && block.data.stateRoot !== zeroHash;
  for (const [index, one] of accounts.entries()) {
    const proof = rest[questions.length + index];
    const verdict = provable && proof?.ok ? checked(one, heard, questions, block.data.stateRoot, proof.result) : [];
    if (verdict === undefined) continue;
    lies.push(...verdict);
    if (provable && proof?.ok && verdict.length === 0) proven.push(one.account);
  }
  lies.push(...twoWords(questions, heard));
  return { heard, block: { ...headOf(block.data), stateRoot: block.data.stateRoot }, sealed, proven, lies };
}

function readOf(question: Question, pin: Pin): RpcCall {
  switch (question.kind) {
    case "code":
      return { method: "eth_getCode", params: [question.account, pin] };
    case "codeHash":
      return codeHashRead(question.account, pin);
    case "word":
      return storageRead(question.account, question.slot, pin);
    case "call":
      return callRead(question.to, question.data, pin);
  }
}

function heardOf(rpc: Rpc, { kind }: Question, answer: Answer | undefined): Heard {
  if (answer === undefined) return { silent: "it gave no answer" };
  if (!answer.ok)
    return kind === "call" && isRevert(answer.error)
      ? { says: "reverts" }
      : { silent: inert(answer.error.message, rpc.endpoint.url) };
  const form = (kind === "word" ? hexWord : hexBytes).safeParse(answer.result);
  const value = form.success && kind === "codeHash" ? codeHashIn(form.data) : form.data;
  return value !== undefined ? { says: value } : { silent: "it answered with something that is no such value" };
}

interface Asked {
  account: Address;
  slots: Hex[];
  /** Indices of the questions that a proof of the account answers. */
  questions: number[];
}

function byAccount(questions: readonly Question[]): Asked[] {
  const asked = new Map<Address, Asked>();
  for (const [index, question] of questions.entries()) {
    if (question.kind === "call") continue;
    const { account } = question;
    const one = asked.get(account) ?? { account, slots: [], questions: [] };
    if (question.kind === "word") one.slots.push(question.slot);
    one.questions.push(index);
    asked.set(account, one);
  }
  return [...asked.values()];
}

/** Lies that an account's proof shows; undefined where what came is no proof at all, as from a node without them. */
function checked(
  { account, slots, questions: own }: Asked,
  heard: readonly Heard[],
  questions: readonly Question[],
  stateRoot: Hex,
  answer: unknown,
): Testimony["lies"] | undefined {
  const form = accountProof.safeParse(answer);
  if (!form.success) return undefined;
  let proven: ProvenAccount;
  try {
    proven = provenAccount(stateRoot, account, slots, form.data);
  } catch (fault) {
    if (!(fault instanceof BrokenProof)) throw fault;
    return [{ questions: own, clause: `its proof for ${account} does not hold: ${fault.message}` }];
  }
  return own.flatMap((index) => {
    const one = heard[index];
    const question = questions[index];
    if (question === undefined || one === undefined || !("says" in one)) return [];
    const truth = question.kind === "word" ? proven.words[slots.indexOf(question.slot)] : proven.codeHash;
    const said = question.kind === "code" ? hashOfCode(one.says as Hex) : one.says;
    if (said === truth || (isNoCode(said) && isNoCode(truth) && question.kind !== "word")) return [];
    const what = question.kind === "word" ? `slot ${question.slot}` : "the code";
    return [{ questions: [index], clause: `its own proof shows something else at ${what} of ${account}` }];
  });
}

/** Whether each account's code has the hash that the EVM gives for it. */
function twoWords(questions: readonly Question[], heard: readonly Heard[]): Testimony["lies"] {
  return questions.flatMap((question, index) => {
    if (question.kind !== "codeHash") return [];
    const other = questions.findIndex((one) => one.kind === "code" && one.account === question.account);
    const [hash, code] = [heard[index], heard[other]];
    if (hash === undefined || code === undefined || !("says" in hash) || !("says" in code)) return [];
    // Nodes differ in what EXTCODEHASH gives for a delegated account (EIP-7702 was changed late).
    if (code.says.startsWith("0xef0100")) return [];
    const said = hashOfCode(code.says as Hex);
    if (said === hash.says || (isNoCode(said) && isNoCode(hash.says))) return [];
    return [{ questions: [index, other], clause: `the code it shows of ${question.account} has another hash` }];
  });
}

function hashOfCode(code: Hex): Hex {
  return code === "0x" ? emptyCodeHash : keccak256(code);
}

function isNoCode(hash: string | undefined): boolean {
  return hash === zeroHash || hash === emptyCodeHash;
}
