/** Sources: what decides is asked of several RPCs at one block, so that none of them can make it up alone. */

import type { Source } from "../chain-sources.ts";
import type { ChainPolicy } from "../domain/chain-policy.ts";
import type { Finding } from "../domain/events.ts";
import { type ChainId, zeroAddress, zeroHash } from "../domain/primitives.ts";
import { ChainFault } from "../ports.ts";
import { findings, type Gate, type GateInput, type Subject } from "./gate.ts";
import { chooseBlock, type Standing } from "./sources-block.ts";
import { type Fact, factsOf } from "./sources-facts.ts";
import { judge, tooFew, type Witness } from "./sources-judge.ts";

const { refuse, info } = findings("sources");

export const sourcesGate: Gate = {
  name: "sources",
  proof: () => {
    const block = { number: 1n, hash: zeroHash, timestamp: 1n };
    const fact: Fact = { name: "proof", question: { kind: "codeHash", account: zeroAddress } };
    const says = (host: string, value: "0x" | "0x01"): Witness => ({
      host,
      heard: {
        testimony: {
          ...{ heard: [{ says: value }], block: { ...block, stateRoot: zeroHash }, sealed: true, proven: [], lies: [] },
        },
      },
    });
    const witnesses = [says("one", "0x"), says("two", "0x01")];
    return judge({ chain: "eip155:1", agree: 2, facts: [fact], block, witnesses });
  },
  async run(input) {
    const ids = chainsOf(input.subject);
    const perChain = await Promise.all(ids.map((id) => ofChain(id, input)));
    return { findings: perChain.flat() };
  },
};

function chainsOf(subject: Subject): ChainId[] {
  if (subject.kind === "transaction") return [subject.tx.chain];
  const { legs, containment } = subject.package;
  return [...new Set([...legs, ...containment].map((one) => one.chain))];
}

async function ofChain(id: ChainId, input: GateInput): Promise<Finding[]> {
  const where = input.policy.chains.find((one) => one.id === id);
  if (where?.sources === undefined)
    return [info("one", `One source is asked about chain ${id}: policy does not ask for several.`)];
  const { sources } = input.chains.get(id);
  const { agree, of } = where.sources;
  if (sources.length < of)
    return [
      refuse(
        "few",
        `Policy asks for ${of} sources of chain ${id}, and ${sources.length} of different hosts are configured.`,
        {
          evidence: sources.map((one) => one.host).join(", "),
          fix: `Set RPC_${id.slice("eip155:".length)} to ${of} URLs at ${of} hosts, with spaces between them.`,
        },
      ),
    ];
  input.progress(`Asking ${sources.length} sources of chain ${id}…`);
  return asked(sources, agree, where, input);
}

async function asked(
  sources: readonly Source[],
  agree: number,
  where: ChainPolicy,
  input: GateInput,
): Promise<Finding[]> {
  const [{ block, standing, odd, most }, facts] = await Promise.all([
    chooseBlock(sources, agree),
    factsOf(where, input),
  ]);
  if (block === undefined) return [tooFew(where.id, { agree, most }, standing.map(unheard))];
  const questions = facts.map((one) => one.question);
  const witnesses = await Promise.all(
    standing.map(async (one): Promise<Witness> => {
      if ("fault" in one) return unheard(one);
      const { host } = one.source;
      try {
        const testimony = await one.source.testify(questions, block.hash);
        return { host, heard: { testimony }, odd: odd.get(host) };
      } catch (fault) {
        if (!(fault instanceof ChainFault)) throw fault;
        return { host, heard: { silent: fault.message }, odd: odd.get(host) };
      }
    }),
  );
  return judge({ chain: where.id, agree, facts, block, witnesses });
}

/** Before there is a block nobody has said anything of it. */
function unheard(one: Standing): Witness {
  const { host } = one.source;
  return "fault" in one
    ? { host, heard: { silent: one.fault, wrongChain: one.wrongChain } }
    : { host, heard: { silent: `its newest block is ${one.head.number}, ${one.head.hash}` } };
}
