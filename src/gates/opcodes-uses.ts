/** What one newly used opcode means in code that runs behind a proxy. */

import type { ProxyKind } from "../chain-facts.ts";
import type { CodeUse } from "../domain/code-walk.ts";
import type { Finding } from "../domain/events.ts";
import type { Address } from "../domain/primitives.ts";
import { findings } from "./gate.ts";

const { refuse, flag, info } = findings("opcodes");

export interface UseFacts {
  name: string;
  /** The function, and the byte. */
  where: string;
  /** The chain has the Cancun rules: SELFDESTRUCT leaves code in place (EIP-6780). */
  keepsCode: boolean;
  /** Libraries that the build links: delegatecalls to them are the artefact gate's. */
  linked: readonly Address[];
  kind: ProxyKind | undefined;
}

/** `upgradeToAndCall(address,bytes)` and `upgradeTo(address)`: a UUPS proxy's own way to run its next initialiser. */
export const upgradeSelectors = ["0x4f1ef286", "0x3659cfe6"];

const readIt =
  "Have a person read that function; if it is meant, say why in the rationale, so that every signer reads it.";

export function judgeUse(use: CodeUse, facts: UseFacts): Finding[] {
  const { name, where } = facts;
  const evidence = `${use.op}${use.target === "" ? "" : ` to ${use.target}`} in ${where}`;
  switch (use.op) {
    case "SELFDESTRUCT":
      return [selfDestruct(facts, evidence)];
    case "CALLCODE":
      return [
        refuse(
          "callcode",
          `The new code of ${name} uses CALLCODE, which runs foreign code with the proxy's storage; no compiler has written it for years.`,
          { evidence, fix: "Take it out." },
        ),
      ];
    case "DELEGATECALL":
      return delegateCall(use, facts, evidence);
    case "CREATE":
    case "CREATE2":
      return [
        flag(
          use.op.toLowerCase(),
          `The new code of ${name} creates contracts, and the present code does not, in ${where}: what they can do is nowhere in what was checked.`,
          { evidence, fix: readIt },
        ),
      ];
    case "GAS":
      return [
        flag(
          "environment",
          `The new code of ${name} looks at the gas that is left, in ${where}: it can behave in another way in a simulation.`,
          { evidence, fix: readIt },
        ),
      ];
    default:
      return [
        flag(
          "environment",
          `The new code of ${name} reads ${use.op}, and the present code does not, in ${where}: by it a contract can tell a simulation from a block.`,
          { evidence, fix: readIt },
        ),
      ];
  }
}

function selfDestruct({ name, keepsCode }: UseFacts, evidence: string): Finding {
  if (!keepsCode)
    return refuse(
      "selfdestruct",
      `The new code of ${name} can destroy itself, and on this chain destroyed code is gone and can be replaced at the same address by other code.`,
      { evidence, fix: "Take the SELFDESTRUCT out: nothing that was checked about this code would hold afterwards." },
    );
  return flag(
    "selfdestruct",
    `The new code of ${name} has a SELFDESTRUCT: on this chain code stays where it is (EIP-6780), but run through the proxy it sends away all the ether that the proxy holds.`,
    { evidence, fix: readIt },
  );
}

function delegateCall(
  { selector, target }: CodeUse,
  { name, where, keepsCode, linked, kind }: UseFacts,
  evidence: string,
): Finding[] {
  // Its own upgrade runs the next initialiser; the layout gate and the simulation ask who may call it.
  if (kind === "uups" && upgradeSelectors.includes(selector)) return [];
  if (target === "itself")
    return [
      info("multicall", `The new code of ${name} calls its own functions by delegatecall, in ${where}.`, { evidence }),
    ];
  if (target.startsWith("constant")) {
    const address = target.slice("constant ".length);
    if (linked.some((one) => one.toLowerCase() === address)) return [];
    return [
      refuse(
        "delegatecall",
        `The new code of ${name} runs the code at ${address} with the proxy's storage, in ${where}, and no build links it as a library.`,
        {
          evidence,
          fix: "Name the build, so that the library's code is compared; or take the delegatecall out.",
        },
      ),
    ];
  }
  const gone = keepsCode ? "" : "; on this chain that code could also destroy this one";
  return [
    refuse(
      "delegatecall",
      `The new code of ${name} runs code with the proxy's storage that ${target.startsWith("slot") ? "a storage slot names" : "is only known when it runs"}, in ${where}: whoever chooses it can change everything${gone}.`,
      {
        evidence,
        fix: "Take the delegatecall out, or link a library at compile time.",
      },
    ),
  ];
}
