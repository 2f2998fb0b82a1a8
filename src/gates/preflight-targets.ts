/** Every contract that would be called is there, and its code is its own. */

import { delegateOf } from "../domain/bytecode.ts";
import type { DecodedCall } from "../domain/decode-calls.ts";
import type { Finding } from "../domain/events.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import type { Chain } from "../ports.ts";
import { findings } from "./gate.ts";
import { placeOf, type Signed } from "./signed-calls.ts";

const { refuse } = findings("preflight");

export interface CallAt {
  signed: Signed;
  call: DecodedCall;
}

/** One request for the code of all. A call without calldata is a payment, and may go to a person. */
export async function targetFindings(calls: readonly CallAt[], chain: Chain): Promise<Finding[]> {
  const asking = calls.filter(({ call }) => call.data !== "0x" || call.operation === 1);
  const targets = [...new Set(asking.map(({ call }) => call.to))];
  const codes = await chain.codes(targets);
  return judgeTargets(asking, new Map(targets.map((one, index) => [one, codes[index] ?? "0x"])));
}

/** Says each target once, at its first call. */
export function judgeTargets(calls: readonly CallAt[], codes: ReadonlyMap<Address, Hex>): Finding[] {
  const first = calls.filter(({ call }, index) => calls.findIndex((other) => other.call.to === call.to) === index);
  return first.flatMap(({ signed, call }) => {
    const code = codes.get(call.to) ?? "0x";
    const where = placeOf(signed, call).replace(/^c/, "C");
    if (code === "0x")
      return [
        refuse(
          "no-code",
          `${where} goes to ${call.to}, where there is no code: it would succeed and do nothing, or do whatever is deployed there later.`,
          {
            evidence: `${call.known?.signature ?? call.data.slice(0, 10)} to an account without code`,
            fix: "Compare the address with the one that policy has, and the chain with the one where it was deployed.",
          },
        ),
      ];
    const delegate = delegateOf(code);
    return delegate === undefined
      ? []
      : [
          refuse(
            "delegated",
            `${where} goes to ${call.to}, a person's account that borrows the code of ${delegate} (EIP-7702): its one key can change that code at any time.`,
            { evidence: code, fix: "Call a contract whose code is its own." },
          ),
        ];
  });
}
