/** What a call does, in words: decoded from its bytes, never from what a package says of itself. */

import { type DecodedCall, decodeCall, type NamedFunctions, TooMuchToDecode } from "./decode-calls.ts";
import { type CallWords, functionSentence } from "./function-sentences.ts";
import { type Address, type Hex, zeroAddress } from "./primitives.ts";

export type { CallWords } from "./function-sentences.ts";

/** `value` in wei. */
export interface PlainCall {
  to: string;
  value: bigint;
  data: Hex;
  /** 1: DELEGATECALL; a plain call where left out. */
  operation?: 0 | 1;
}

export interface ExplainedCall {
  call: PlainCall;
  sentence: string;
  /** Whether the bytes are those of a known function with these arguments, and nothing besides. */
  exact: boolean;
  /** The calls that it carries, in order. */
  nested: ExplainedCall[];
}

/** One sentence for the call, and one for each call that it carries, however deep. `named`: functions that policy names. */
export function explainCall(call: PlainCall, words: CallWords, named?: NamedFunctions): ExplainedCall {
  const { to, value, data, operation = 0 } = call;
  try {
    return explained(decodeCall(zeroAddress, { to: to as Address, value, data, operation }, named), words);
  } catch (fault) {
    if (!(fault instanceof TooMuchToDecode)) throw fault;
    const sentence = `UNKNOWN call ${data.slice(0, 10)} to ${words.nameOf(to)}: nobody can read it, because ${fault.message}.`;
    return { call, sentence, exact: false, nested: [] };
  }
}

/** The call itself and all that it carries, the outermost first. */
export function everyCall(one: ExplainedCall): ExplainedCall[] {
  return [one, ...one.nested.flatMap(everyCall)];
}

/** As {@link explainCall}, one line after another; nested calls carry their number. */
export function callSentences(call: PlainCall, words: CallWords, named?: NamedFunctions): string[] {
  return lines(explainCall(call, words, named), "");
}

function lines({ sentence, nested }: ExplainedCall, number: string): string[] {
  return [
    number === "" ? sentence : `${number}. ${sentence}`,
    ...nested.flatMap((one, index) => lines(one, number === "" ? `${index + 1}` : `${number}.${index + 1}`)),
  ];
}

function explained(decoded: DecodedCall, words: CallWords): ExplainedCall {
  const { to, value, data, operation, known, canonical } = decoded;
  const name = words.nameOf(to);
  const call = { to, value, data, operation };
  const sends = value === 0n ? "" : ` It sends ${value} wei.`;
  const lent = operation === 1 ? ` It is a DELEGATECALL: the code at ${to} runs with all powers of its caller.` : "";
  if (data === "0x")
    return { call, sentence: `Send ${value} wei to ${name}; no function is called.${lent}`, exact: true, nested: [] };
  if (known === undefined || (!canonical && decoded.args.length === 0 && known.abi.inputs.length > 0)) {
    const sentence = `UNKNOWN call ${data.slice(0, 10)} to ${name}: its bytes are not decoded here.${sends}${lent}`;
    return { call, sentence, exact: false, nested: [] };
  }
  const own = functionSentence(decoded, name, words);
  const head = sends + lent === "" ? own : `${own.replace(/:$/, ".")}${sends}${lent}`;
  return { call, sentence: head, exact: canonical, nested: shown(decoded).map((one) => explained(one, words)) };
}

/** An initialiser stands in its upgrade's sentence already; what is known of it is told besides. */
function shown({ known, nested }: DecodedCall): DecodedCall[] {
  const isUpgrade = /^upgrade(To)?AndCall\(/.test(known?.signature ?? "");
  return isUpgrade ? nested.filter((one) => one.known !== undefined) : nested;
}
