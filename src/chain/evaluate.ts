/** Judges a catalogue at one block by the Evaluator: all of it in one or two messages, whatever any one target does. */

import type { Verdict } from "../domain/metrics.ts";
import type { Hex } from "../domain/primitives.ts";
import { type Catalogue, valueIn } from "../domain/watch/catalogue.ts";
import type { Evaluation, Evaluator } from "../evaluator.ts";
import { answerIn } from "./evaluator/answer.ts";
import { type Kind, kindsOf, type Limits, learn, lengthOf, type Part, partsOf } from "./evaluator/plan.ts";
import {
  callAt,
  deployedQuestion,
  type Piece,
  piecesOf,
  type Question,
  sendingQuestion,
  type Terms,
} from "./evaluator/question.ts";
import { isTooMuch, sideBySide } from "./evaluator/side-by-side.ts";
import { endpointFault } from "./fault.ts";
import { type Answer, hexBytes, isRevert, type Rpc } from "./rpc.ts";

export interface EvaluateOptions {
  /** For one eth_call; 50 million by default, which is what nodes allow at least. */
  gas?: bigint;
  /** For one read; a million by default. A target that uses it up is that entry's error. */
  readGas?: bigint;
  /** Characters of entries in one message; a million by default. */
  message?: number;
  /** Whether catalogues are looked for as contracts on the chain, so that they need not be sent: see `deployments`. */
  deployed?: boolean;
  /** The same node over a connection of its own, which half of a large catalogue goes over. */
  beside?: Rpc;
}

/** After so many messages what is still left over is an error: targets that burn all their gas must not hold the watch up. */
const mostMessages = 16;
/** From so many entries on they are asked in two calls, which a node with two cores judges side by side. */
const largeCatalogue = 512;
/** Of entries that are sent, the share of the first call: the node is at it while the second is still being written. */
const firstShare = 0.56;
/** After so many evaluations a catalogue that was not found as contracts is looked for again, and parts are cut anew. */
const lookAgain = 64;

/** What is known of a catalogue from one block to the next. */
interface Plan {
  catalogue: Catalogue;
  kinds: Kind[];
  limits: Limits;
  /** Where its calls would be deployed. */
  pieces: Piece[];
  /** Evaluations until they are looked for there; 0: they are there, as far as is known. */
  sendFor: number;
  /** What is asked first, until an answer shows that it should be another; by whether all values are to be told. */
  first: Map<boolean, readonly Ask[]>;
  /** Evaluations until it is put together anew. */
  keepFor: number;
}

interface Ask {
  kind: Kind;
  part: Part;
  /** Whether the entries are sent, rather than where they are. */
  sent: boolean;
  question: Question;
}

export function evaluator(rpc: Rpc, options: EvaluateOptions = {}): Evaluator {
  const { gas = 50_000_000n, readGas = 1_000_000n, message = 1_000_000, deployed = false } = options;
  const plans = new WeakMap<Catalogue, Plan>();
  const ask = sideBySide(rpc, options.beside);

  function planOf(catalogue: Catalogue): Plan {
    const known = plans.get(catalogue);
    if (known !== undefined) return known;
    const kinds = kindsOf(catalogue);
    const calls = kinds.find(({ judged }) => judged === "call");
    const pieces = deployed && calls !== undefined ? piecesOf(calls) : [];
    const plan: Plan = { catalogue, kinds, limits: { gas, message }, pieces, sendFor: 0, first: new Map(), keepFor: 0 };
    plans.set(catalogue, plan);
    return plan;
  }

  async function evaluate(catalogue: Catalogue, at: { blockHash: Hex }, tell?: "all"): Promise<Evaluation> {
    const plan = planOf(catalogue);
    const terms: Terms = { readGas, tellAll: tell === "all" };
    const verdicts = new Array<Verdict>(catalogue.entries.length).fill("error");
    const found: Evaluation = { verdicts, values: new Map(), timestamp: undefined, gas: 0n, requests: 0 };
    let asks = firstAsks(plan, terms);
    while (asks.length > 0 && found.requests < mostMessages) {
      const [now, later] = oneMessage(asks, message);
      const isLarge = now.reduce((count, { part }) => count + part.to - part.from, 0) >= largeCatalogue;
      const calls = now.map(({ question }) => callAt(question, at, gas));
      const again: Ask[] = [];
      const asked = now.values();
      for await (const { answers, messages } of ask(calls, isLarge)) {
        found.requests += messages;
        for (const answer of answers) {
          const one = asked.next();
          if (!one.done) again.push(...take(rpc, plan, one.value, answer, found, terms));
        }
      }
      if (again.length > 0) plan.first.clear();
      asks = [...again, ...later];
    }
    return found;
  }
  return { evaluate };
}

function firstAsks(plan: Plan, terms: Terms): readonly Ask[] {
  if (plan.sendFor > 0) plan.sendFor -= 1;
  plan.keepFor -= 1;
  if (plan.keepFor <= 0) plan.first.clear();
  const known = plan.first.get(terms.tellAll);
  if (known !== undefined) return known;
  const asks = plan.kinds.flatMap((kind) => asksFor(plan, kind, 0, kind.indices.length, terms));
  plan.first.set(terms.tellAll, asks);
  plan.keepFor = lookAgain;
  return asks;
}

function asksFor(plan: Plan, kind: Kind, from: number, to: number, terms: Terms): Ask[] {
  const sent = kind.judged === "slots" || plan.pieces.length === 0 || plan.sendFor > 0;
  const parts = partsOf(kind, from, to, plan.limits, sent);
  const [whole] = parts;
  const isLarge = parts.length === 1 && plan.kinds.length === 1 && to - from >= largeCatalogue;
  if (!isLarge || whole === undefined) return parts.map((part) => askFor(plan, { kind, part, sent }, terms));
  return halves({ kind, part: whole, sent }, sent ? firstShare : 0.5).map((half) => askFor(plan, half, terms));
}

function askFor({ catalogue, pieces }: Plan, ask: Omit<Ask, "question">, terms: Terms): Ask {
  const { kind, part, sent } = ask;
  const question = sent ? sendingQuestion(catalogue, kind, part, terms) : deployedQuestion(pieces, kind, part, terms);
  return { ...ask, question };
}

/** As many as go into one message, and the rest. */
function oneMessage(asks: readonly Ask[], most: number): [now: readonly Ask[], later: readonly Ask[]] {
  let length = 0;
  const end = asks.findIndex(({ kind, part, sent }, nth) => {
    length += sent ? lengthOf(kind, part) : 0;
    return nth > 0 && length > most;
  });
  return end < 0 ? [asks, []] : [asks.slice(0, end), asks.slice(end)];
}

/** Puts an answer into `found`, and hands back what is to be asked again. */
function take(rpc: Rpc, plan: Plan, ask: Ask, answer: Answer | undefined, found: Evaluation, terms: Terms): Ask[] {
  const { kind, part } = ask;
  const isGone = answer?.ok ? answer.result === "0x" : answer !== undefined && isRevert(answer.error);
  if (!ask.sent && isGone) {
    plan.sendFor = lookAgain;
    return asksFor(plan, kind, part.from, part.to, terms);
  }
  if (answer?.ok === false && isTooMuch(answer)) return halves(ask).map((half) => askFor(plan, half, terms));
  const bytes = rpc.take(answer ?? { ok: true, result: undefined }, "eth_call", hexBytes);
  const said = answerIn(bytes, part.to - part.from);
  if (said === undefined || (found.timestamp ?? said.timestamp) !== said.timestamp)
    throw endpointFault("garbage", rpc.endpoint, "answered with something that is no judgement of a catalogue.");
  const judged = said.verdicts.length;
  if (judged === 0)
    throw endpointFault("rejected", rpc.endpoint, "does not give an eth_call as much gas as one read may take.");
  found.timestamp = said.timestamp;
  found.gas += said.gas;
  const indexOf = (nth: number) => kind.indices[part.from + nth] ?? Number.NaN;
  // Thousands of them, on every block: no more than is needed.
  for (let nth = 0; nth < judged; nth += 1) found.verdicts[indexOf(nth)] = said.verdicts[nth] ?? "error";
  for (const [nth, word] of said.values) {
    const entry = plan.catalogue.entries[indexOf(nth)];
    if (entry !== undefined) found.values.set(indexOf(nth), valueIn(entry, word));
  }
  learn(kind, part, judged, said.gas);
  return asksFor(plan, kind, part.from + judged, part.to, terms);
}

/** An entry that fails alone stays an error. */
function halves(ask: Omit<Ask, "question">, share = 0.5): Omit<Ask, "question">[] {
  const { from, to } = ask.part;
  const middle = from + Math.ceil((to - from) * share);
  if (middle === to) return [];
  return [
    { ...ask, part: { ...ask.part, to: middle } },
    { ...ask, part: { ...ask.part, from: middle } },
  ];
}
