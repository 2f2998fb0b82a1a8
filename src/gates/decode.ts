/** Decode: every byte that would be signed is a call that somebody can read, down to the innermost (closed world). */

import { allCalls, type DecodedCall, TooMuchToDecode } from "../domain/decode-calls.ts";
import type { Finding } from "../domain/events.ts";
import { type Policy, personOfWallet } from "../domain/policy.ts";
import type { Change, Leg, ReleasePackage } from "../domain/release-package.ts";
import { callTx } from "../domain/safe-signatures.ts";
import { findings, type Gate, type Subject } from "./gate.ts";
import { knownGain } from "./known-gains.ts";
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
    return judge({ name: "proof", tx }, { kind: "transaction", tx }, new Map(), undefined);
  },
  async run({ subject, policy }) {
    const named = functionsOf(policy);
    return { findings: signedBy(subject).flatMap((signed) => judge(signed, subject, named, policy)) };
  },
};

function judge(
  signed: Signed,
  subject: Subject,
  named: ReturnType<typeof functionsOf>,
  policy: Policy | undefined,
): Finding[] {
  try {
    const root = decodedOf(signed, named);
    const calls = allCalls(root);
    const found = calls.flatMap((call) => [
      ...unreadable(signed, call),
      ...opaque(signed, call),
      ...mayFail(signed, call),
      ...powers(signed, call, calls, { subject, policy }),
      ...allowance(signed, call, policy),
      ...(subject.kind === "package" ? undeclared(signed, call, subject.package) : []),
    ]);
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

/** An approval of a hash says yes to something that is not in these bytes. */
function opaque(signed: Signed, call: DecodedCall): Finding[] {
  if (call.known?.signature !== "approveHash(bytes32)") return [];
  return [
    flag(
      "approves-hash",
      `${capital(placeOf(signed, call))} approves a hash on the Safe ${call.to}; what it stands for is not in these bytes.`,
      {
        evidence: String(call.args[0]),
        fix: "Check the transaction whose safeTxHash it is in the same way, and compare the hashes.",
      },
    ),
  ];
}

/** A batch that goes on past a failure leaves the rest done and that part undone. */
function mayFail(signed: Signed, { known, args, ...call }: DecodedCall): Finding[] {
  const lenient =
    known?.abi.name === "tryAggregate"
      ? args[0] === false
      : /^aggregate3(Value)?$/.test(known?.abi.name ?? "") &&
        (args[0] as readonly { allowFailure: boolean }[]).some((one) => one.allowFailure);
  if (!lenient) return [];
  return [
    flag("may-fail", `${capital(signed.name)} lets calls inside call ${call.place} fail and goes on without them.`, {
      evidence: known?.signature ?? "",
      fix: "Let each call be required, so that all of it happens or nothing.",
    }),
  ];
}

/** What a package calls is what its changes name, its conditions, or a containment that everybody can read. */
function undeclared(signed: Signed, call: DecodedCall, pkg: ReleasePackage): Finding[] {
  if (call.nested.length > 0 || !call.canonical || call.known === undefined || call.known.authority) return [];
  const named = pkg.legs.flatMap((leg) => [leg.preconditionsAt, ...leg.changes.flatMap(contractsOf)]);
  if (named.includes(call.to) || pkg.containment.some((one) => one.calls.some(({ to }) => to === call.to))) return [];
  return [
    refuse(
      "undeclared",
      `${capital(placeOf(signed, call))} calls ${call.known.abi.name} on ${call.to}, and no change of the package speaks of that contract.`,
      {
        evidence: `${call.known.signature}(${call.args.join(", ")})`,
        fix: "Declare it as a change of the package, or take it out.",
      },
    ),
  ];
}

function contractsOf(change: Change): string[] {
  switch (change.kind) {
    case "proxy":
      return [change.proxy, change.admin];
    case "safeOwners":
      return [change.safe];
    default:
      return [change.contract];
  }
}

/** A change of authority is what the package says it is, or the one thing that a transaction does; never a passenger. */
function powers(
  signed: Signed,
  call: DecodedCall,
  all: readonly DecodedCall[],
  { subject, policy }: { subject: Subject; policy: Policy | undefined },
): Finding[] {
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
  if (!rides && policy !== undefined && knownGain(call, policy, signed.tx.chain) !== undefined)
    return [info("authority-known", `${message}, as policy has it, and that is all it does.`, { evidence: shown })];
  return [
    rides
      ? refuse("authority", `${message}, beside other calls.`, detail)
      : flag("authority", `${message}, and that is all it does.`, detail),
  ];
}

/** Above this nobody names an amount: it is "whatever there is, now and later". */
const unlimited = 1n << 128n;

/** Whoever holds an allowance takes the tokens later, by a transaction that nobody here signs. */
function allowance(signed: Signed, { known, args, to, ...call }: DecodedCall, policy: Policy | undefined): Finding[] {
  if (known?.signature !== "approve(address,uint256)") return [];
  const [spender, amount] = args as [string, bigint];
  if (amount < unlimited || isOurs(spender, signed, policy)) return [];
  return [
    flag(
      "allowance",
      `${capital(signed.name)} lets ${spender}, which policy does not know, take every token of ${to} that ${call.from} has or will have, at any time (call ${call.place}).`,
      {
        evidence: `${known.signature}(${args.join(", ")}) on ${to}`,
        fix: "Approve the amount that is needed and no more, or find out whose address it is.",
      },
    ),
  ];
}

function isOurs(account: string, { tx }: Signed, policy: Policy | undefined): boolean {
  if (policy === undefined) return false;
  const chains = policy.chains.filter((one) => one.id === tx.chain);
  const targets = policy.targets.filter((one) => one.chain === tx.chain);
  return (
    chains.some((one) => [one.council, one.guardian, one.timelock].includes(account as typeof one.council)) ||
    targets.some((one) => one.contracts.some(({ proxy }) => proxy === account)) ||
    targets.some((one) => one.code?.addresses.includes(account as typeof tx.safe) === true) ||
    personOfWallet(policy, account) !== undefined
  );
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
