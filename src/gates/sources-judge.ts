/** What several sources say, laid beside each other: who agrees, who says otherwise, who lies, who is silent. Pure. */

import { keccak256, size } from "viem";
import type { Head } from "../chain-facts.ts";
import type { Testimony } from "../chain-sources.ts";
import type { Finding } from "../domain/events.ts";
import type { ChainId, Hex } from "../domain/primitives.ts";
import { findings } from "./gate.ts";
import type { Fact } from "./sources-facts.ts";

const { refuse, flag, info } = findings("sources");

/** A source as it was heard. The first of all is the ordinary one, which every other gate reads from. */
export interface Witness {
  host: string;
  heard: { testimony: Testimony } | { silent: string; wrongChain?: boolean };
  /** A newest block of its own that no other source has, in words. */
  odd?: string | undefined;
}

interface Asked {
  chain: ChainId;
  /** How many must agree. */
  agree: number;
  facts: readonly Fact[];
  block: Head;
  witnesses: readonly Witness[];
}

/** One answer to one fact; undefined for silence and for what the source's own proof denies. */
type Answer = { host: string; says: string | undefined; why: string };

/** More disputed facts than these are counted, not told one by one. */
const mostTold = 8;

export function judge(asked: Asked): Finding[] {
  const { facts, witnesses } = asked;
  const names = ["the header of the block", ...facts.map((one) => one.name)];
  const sealed = witnesses.some((one) => "testimony" in one.heard && one.heard.testimony.sealed);
  const answers = names.map((_, index) => witnesses.map((one) => answerOf(one, index, sealed)));
  const agreed = answers.map((list) => agreedOn(list, asked.agree));
  const disputed = names.flatMap((name, index) =>
    agreed[index] === undefined ? [{ name, answers: answers[index] ?? [] }] : [],
  );
  const bySource = witnesses.flatMap((one, index) =>
    ofWitness(one, index === 0, { asked, names, answers, agreed, sealed }),
  );
  const unexpected = facts.flatMap((fact, index) => {
    const value = agreed[index + 1];
    return fact.expected === undefined || value === undefined || value === fact.expected.value
      ? []
      : [otherThanExpected(fact, fact.expected, value, asked)];
  });
  const found = [...disputes(disputed, asked), ...bySource, ...unexpected];
  return found.some((one) => one.severity === "refuse") ? found : [...found, agreement(asked)];
}

function answerOf({ host, heard }: Witness, index: number, sealed: boolean): Answer {
  if ("silent" in heard) return { host, says: undefined, why: heard.silent };
  const { testimony } = heard;
  if (sealed && !testimony.sealed) return { host, says: undefined, why: "its header does not have the block's hash" };
  if (index === 0) {
    const { number, timestamp, stateRoot } = testimony.block;
    return { host, says: `number ${number}, time ${timestamp}, state root ${stateRoot}`, why: "" };
  }
  const lie = testimony.lies.find((one) => one.questions.includes(index - 1));
  if (lie !== undefined) return { host, says: undefined, why: lie.clause };
  const one = testimony.heard[index - 1];
  if (one === undefined || "silent" in one) return { host, says: undefined, why: one?.silent ?? "it gave no answer" };
  return { host, says: one.says, why: "" };
}

/** What enough sources say alike; undefined also where two answers have enough. */
function agreedOn(answers: readonly Answer[], agree: number): string | undefined {
  const count = (says: string) => answers.filter((one) => one.says === says).length;
  const enough = new Set(answers.flatMap(({ says }) => (says !== undefined && count(says) >= agree ? [says] : [])));
  const [only, second] = enough;
  return second === undefined ? only : undefined;
}

/** Values side by side, code as its hash: evidence is read by people. */
function told(says: string): string {
  return /^0x/.test(says) && says.length > 66
    ? `${size(says as Hex)} bytes, keccak256 ${keccak256(says as Hex)}`
    : says;
}

function sideBySide(answers: readonly Answer[]): string {
  return answers
    .map(({ host, says, why }) =>
      says === undefined ? `${host} gives nothing that counts (${why})` : `${host}: ${told(says)}`,
    )
    .join("; ");
}

function disputes(disputed: readonly { name: string; answers: readonly Answer[] }[], asked: Asked): Finding[] {
  const { agree, chain, block, witnesses } = asked;
  const standing = witnesses.filter((one) => "testimony" in one.heard);
  if (standing.length < agree) return [tooFew(chain, { agree, most: standing.length }, witnesses)];
  const fix = "Find out which source is wrong, put another in its place, and check again.";
  const found = disputed.slice(0, mostTold).map(({ name, answers }) =>
    refuse(
      "no-agreement",
      `The sources of chain ${chain} do not agree on ${name}: ${agree} of ${witnesses.length} must say the same.`,
      {
        evidence: `block ${block.number} (${block.hash}): ${sideBySide(answers)}`,
        fix,
      },
    ),
  );
  const more = disputed.length - found.length;
  return more === 0
    ? found
    : [
        ...found,
        refuse("no-agreement-on-more", `The sources of chain ${chain} do not agree on ${more} further facts either.`, {
          fix,
        }),
      ];
}

export function tooFew(
  chain: ChainId,
  { agree, most }: { agree: number; most: number },
  witnesses: readonly Witness[],
): Finding {
  const reasons = witnesses.map(({ host, heard }) =>
    "silent" in heard ? `${host}: ${heard.silent}` : `${host} answers`,
  );
  return refuse(
    "silent",
    `Only ${most} of the ${witnesses.length} sources of chain ${chain} can be heard at one block, and ${agree} must agree: silence is no agreement.`,
    { evidence: reasons.join("; "), fix: "See that enough sources answer, and check again." },
  );
}

interface Laid {
  asked: Asked;
  names: readonly string[];
  answers: readonly (readonly Answer[])[];
  agreed: readonly (string | undefined)[];
  sealed: boolean;
}

/** The ordinary source refuses where another one is only flagged: all that the other gates say comes from it. */
function ofWitness(witness: Witness, ordinary: boolean, laid: Laid): Finding[] {
  const { host, heard, odd } = witness;
  const { chain } = laid.asked;
  const rest = ordinary ? ", and everything else that was checked was read from it" : "";
  const fix = ordinary
    ? `Put another source first in RPC_${chain.slice("eip155:".length)}, and check again.`
    : "Find out why, and put another source in its place.";
  const found: Finding[] = [];
  if (odd !== undefined)
    found.push(
      (ordinary ? refuse : flag)(
        "other-block",
        `The source ${host} names a newest block that no other source of chain ${chain} has${rest}.`,
        { evidence: odd, fix },
      ),
    );
  if ("silent" in heard) return [...found, silence(host, heard, ordinary, { chain, rest, fix })];
  const lies = liesOf(heard.testimony, laid.sealed);
  if (lies.length > 0)
    found.push(
      (ordinary ? refuse : flag)("lies", `The source ${host} contradicts itself about chain ${chain}${rest}.`, {
        evidence: lies.slice(0, mostTold).join("; "),
        fix,
      }),
    );
  const differing = otherwise(host, laid);
  const [first] = differing;
  if (first === undefined) return found;
  const more = differing.length === 1 ? "" : ` and ${differing.length - 1} more`;
  const evidence = differing
    .slice(0, mostTold)
    .map(({ name, own, others }) => `${name}: it says ${told(own)}, the others ${told(others)}`);
  found.push(
    (ordinary ? refuse : flag)(
      "differs",
      `The source ${host} says otherwise than the others about ${first.name}${more} on chain ${chain}${rest}.`,
      { evidence: evidence.join("; "), fix },
    ),
  );
  return found;
}

function silence(
  host: string,
  { silent: evidence, wrongChain }: { silent: string; wrongChain?: boolean },
  ordinary: boolean,
  { chain, rest, fix }: { chain: ChainId; rest: string; fix: string },
): Finding {
  if (wrongChain)
    return (ordinary ? refuse : flag)("wrong-chain", `The source ${host} is on another chain than ${chain}${rest}.`, {
      evidence,
      fix,
    });
  return ordinary
    ? refuse("first-silent", `The source ${host} cannot be heard at the block that the others share${rest}.`, {
        evidence,
        fix,
      })
    : info("one-silent", `The source ${host} of chain ${chain} was silent.`, { evidence, fix });
}

function liesOf({ lies, sealed, block }: Testimony, othersSealed: boolean): string[] {
  const { number, timestamp, stateRoot, hash } = block;
  const header = `its header (number ${number}, time ${timestamp}, state root ${stateRoot}) does not have the hash ${hash}`;
  return [...(othersSealed && !sealed ? [header] : []), ...lies.map((one) => one.clause)];
}

/** What it says, and enough others say otherwise. */
function otherwise(host: string, { names, answers, agreed }: Laid): { name: string; own: string; others: string }[] {
  return names.flatMap((name, index) => {
    const own = answers[index]?.find((one) => one.host === host)?.says;
    const others = agreed[index];
    return own === undefined || others === undefined || own === others ? [] : [{ name, own, others }];
  });
}

function otherThanExpected(
  fact: Fact,
  { value, by }: NonNullable<Fact["expected"]>,
  agreed: string,
  asked: Asked,
): Finding {
  return refuse(
    "other-than-said",
    `The sources of chain ${asked.chain} agree on ${fact.name}, and it is not what ${by} says.`,
    {
      evidence: `the sources: ${told(agreed)}; ${by}: ${told(value)}`,
      fix: "Check again: if it stays, the first source or the package is wrong.",
    },
  );
}

function agreement({ chain, facts, block, witnesses }: Asked): Finding {
  const testimonies = witnesses.flatMap((one) =>
    "testimony" in one.heard ? [{ ...one.heard.testimony, host: one.host }] : [],
  );
  const provers = testimonies.filter((one) => one.proven.length > 0).map((one) => one.host);
  const proofs =
    provers.length === 0
      ? "none proves what it says against the block's state root"
      : `proven against the block's state root by ${provers.join(", ")}`;
  return info(
    "agreed",
    `Enough sources of chain ${chain} say the same of ${facts.length} facts at block ${block.number}.`,
    {
      evidence: `block ${block.hash}; asked: ${witnesses.map((one) => one.host).join(", ")}; ${proofs}`,
    },
  );
}
