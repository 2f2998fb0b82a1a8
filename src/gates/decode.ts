/** Decode: every byte that would be signed is a call that somebody can read, down to the innermost (closed world). */

import { allCalls, type DecodedCall, TooMuchToDecode } from "../domain/decode-calls.ts";
import type { Finding } from "../domain/events.ts";
import type { Change, Leg } from "../domain/release-package.ts";
import { callTx } from "../domain/safe-signatures.ts";
import { findings, type Gate, type Subject } from "./gate.ts";
import { decodedOf, functionsOf, placeOf, type Signed, signedBy } from "./signed-calls.ts";

const { refuse, flag, info } = findings("decode");

export const decodeGate: Gate = {
  name: "decode",
  proof: () => {
    const address = "0x0000000000000000000000000000000000000001";
    const tx = callTx({
      chain: "eip155:1",
      safe: address,
      safeVersion: "1.4.1",
      nonce: 0n,
      to: address,
      data: "0xdeadbeef00",
    });
    return judge({ name: "proof", tx }, { kind: "transaction", tx }, new Map());
  },
  async run({ subject, policy }) {
    const named = functionsOf(policy);
    return { findings: signedBy(subject).flatMap((signed) => judge(signed, subject, named)) };
  },
};

function judge(signed: Signed, subject: Subject, named: ReturnType<typeof functionsOf>): Finding[] {
  try {
    const root = decodedOf(signed, named);
    const calls = allCalls(root);
    const found = calls.flatMap((call) => [...unreadable(signed, call), ...powers(signed, call, calls, subject)]);
    return found.length > 0
      ? found
      : [info("read", `${capital(signed.name)} was decoded to its last byte: ${counted(calls.length)}.`)];
  } catch (fault) {
    if (!(fault instanceof TooMuchToDecode)) throw fault;
    return [
      refuse("too-much", `${capital(signed.name)} cannot be read by anybody: ${fault.message}.`, {
        fix: "Split it into transactions of fewer and shorter calls.",
      }),
    ];
  }
}

/** Bytes that a reader would be shown otherwise than they run, or that nobody can name. */
function unreadable(signed: Signed, call: DecodedCall): Finding[] {
  const where = capital(placeOf(signed, call));
  const evidence = `to ${call.to}, ${(call.data.length - 2) / 2} bytes: ${call.data.slice(0, 138)}`;
  if (!call.canonical)
    return [
      refuse(
        "not-canonical",
        `${where} has bytes that its decoded form does not account for: something is appended, overlaps, or is written in another way than the ABI does.`,
        { evidence, fix: "Encode the call anew from its arguments, and compare the bytes." },
      ),
    ];
  if (call.known !== undefined || call.data === "0x") return [];
  return [
    refuse(
      "unknown-function",
      `${where} calls a function of ${call.to} that is not known here: ${call.data.slice(0, 10)}.`,
      {
        evidence,
        fix: "Name the function with its whole signature under the target's contract in policy, after reading the contract's source.",
      },
    ),
  ];
}

/** A change of authority is what the package says it is, or the one thing that a transaction does; never a passenger. */
function powers(signed: Signed, call: DecodedCall, all: readonly DecodedCall[], subject: Subject): Finding[] {
  if (call.known?.authority !== true || isOwnersOfItself(signed, call)) return [];
  const where = capital(placeOf(signed, call));
  const shown = `${call.known.signature}(${call.args.join(", ")}) on ${call.to}`;
  const detail = {
    evidence: shown,
    fix: "Declare it as a change of the package, or take it out: who holds which power must be what people vote on.",
  };
  if (subject.kind === "package")
    return isDeclared(call, subject.package.legs)
      ? [info("declared", `${where} changes an authority as the package declares: ${shown}.`)]
      : [
          refuse(
            "authority",
            `${where} changes who holds power over ${call.to} (${call.known.abi.name}), and the package does not declare it.`,
            detail,
          ),
        ];
  const carriers = all.filter((one) => one.nested.length > 0);
  const rides = all.length - carriers.length > 1;
  const message = `${where} changes who holds power over ${call.to} (${call.known.abi.name})`;
  return [
    rides
      ? refuse("authority", `${message}, beside other calls.`, detail)
      : flag("authority", `${message}, and that is all it does.`, detail),
  ];
}

/** A Safe's own owners, modules and guards are the envelope's matter. */
const isOwnersOfItself = ({ tx }: Signed, call: DecodedCall) => call.to === tx.safe && call.from === tx.safe;

function isDeclared({ known, args, to }: DecodedCall, legs: readonly Leg[]): boolean {
  return legs.some((leg) => leg.changes.some((change) => declares(change, known?.abi.name ?? "", args, to)));
}

function declares(change: Change, name: string, args: readonly unknown[], to: string): boolean {
  if (change.kind === "role")
    return (
      change.contract === to &&
      name === (change.grant ? "grantRole" : "revokeRole") &&
      String(args[0]) === change.role &&
      args[1] === change.account
    );
  return false;
}

const counted = (calls: number) => `${calls} call${calls === 1 ? "" : "s"}`;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
