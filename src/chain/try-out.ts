/** Rows of calls in one `eth_call`: see tryout/Tryout.sol, which takes the place of whoever sends them. */

import { decodeAbiParameters, decodeFunctionResult, encodeFunctionData, numberToHex, parseAbi } from "viem";
import { type Question, somebody, type Tried } from "../domain/exits/trial.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import type { TryOuts } from "../tryout.ts";
import { endpointFault } from "./fault.ts";
import { hexBytes, type Rpc, type RpcCall } from "./rpc.ts";
import artefact from "./tryout/artefacts/Tryout.json" with { type: "json" };

const abi = parseAbi([
  "struct Call { address from; address to; uint256 value; bytes data; }",
  "function tryOut(Call[][] rows) returns (bytes[] outcomes)",
]);
const code = artefact.runtimeBytecode as Hex;

/** For one eth_call: what nodes allow at least. */
const gas = numberToHex(50_000_000n);
/** Wei that a sender has meanwhile, where it sends some: whether it has so much is another question. */
const plenty = numberToHex(10n ** 30n);

type Override = { code?: Hex; balance?: Hex; stateDiff?: Record<Hex, Hex> };

export function tryOuts(rpc: Rpc): TryOuts {
  return {
    async tryOut(questions, at) {
      const answers = await rpc.batch(questions.map((one) => callFor(one, at)));
      return questions.map(({ rows }, index) => {
        const answer = answers[index] ?? { ok: true, result: undefined };
        const outcomes = decodeOutcomes(rpc.take(answer, "eth_call", hexBytes));
        if (outcomes?.length !== rows.length)
          throw endpointFault("garbage", rpc.endpoint, "answered with something that is no outcome of what was tried.");
        return outcomes;
      });
    },
  };
}

/** The same question comes on every block: it is put together once. */
const encoded = new WeakMap<Question, { call: object; overrides: Record<Address, Override> }>();

function callFor(question: Question, at: { blockHash: Hex }): RpcCall {
  const known = encoded.get(question) ?? encode(question);
  encoded.set(question, known);
  return { method: "eth_call", params: [known.call, at, known.overrides] };
}

function encode({ rows, pretend = [] }: Question) {
  const all = rows.map((row) => row.map(({ from = somebody, to, value = 0n, data }) => ({ from, to, value, data })));
  const overrides: Record<Address, Override> = { [somebody]: { code } };
  for (const { from, value } of all.flat())
    overrides[from] = { ...overrides[from], code, ...(value > 0n ? { balance: plenty } : {}) };
  for (const { account, slot, value } of pretend) {
    const before = overrides[account];
    overrides[account] = { ...before, stateDiff: { ...before?.stateDiff, [slot]: value } };
  }
  const data = encodeFunctionData({ abi, functionName: "tryOut", args: [all] });
  return { call: { to: somebody, data, gas }, overrides };
}

/** Undefined where the bytes are nothing that the contract answers with. */
function decodeOutcomes(bytes: Hex): (Tried | undefined)[] | undefined {
  try {
    return decodeFunctionResult({ abi, functionName: "tryOut", data: bytes }).map((outcome): Tried | undefined => {
      if (outcome === "0x") return undefined;
      const [done, answers] = decodeAbiParameters([{ type: "uint256" }, { type: "bytes[]" }], outcome);
      return { answers: answers.slice(0, Number(done)), failed: answers[Number(done)] };
    });
  } catch {
    return undefined;
  }
}
