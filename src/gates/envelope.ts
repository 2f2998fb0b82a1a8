/** Envelope: a Safe transaction that is what it looks like, and nothing around the call that decides over the Safe itself. */

import { formatEther } from "viem";
import type { SafeFacts } from "../chain-facts.ts";
import type { ChainPolicy } from "../domain/chain-policy.ts";
import { allCalls, type DecodedCall } from "../domain/decode-calls.ts";
import type { Finding } from "../domain/events.ts";
import { multiSendCallOnlyCode } from "../domain/multi-send.ts";
import type { Policy } from "../domain/policy.ts";
import { type Address, type ChainId, zeroAddress } from "../domain/primitives.ts";
import { callTx } from "../domain/safe-signatures.ts";
import type { SafeTx } from "../domain/safe-tx.ts";
import { ownerChange } from "./envelope-owners.ts";
import { findings, type Gate, type GateInput, type Subject } from "./gate.ts";
import { decodedOf, functionsOf, placeOf, type Signed, signedBy } from "./signed-calls.ts";

const { refuse, flag, info } = findings("envelope");

/** Functions of a Safe that say who owns it, and with how many signatures. */
const ownerFunctions = ["addOwnerWithThreshold", "removeOwner", "swapOwner", "changeThreshold"];

export const envelopeGate: Gate = {
  name: "envelope",
  proof: () => {
    const tx = callTx({
      ...{ chain: "eip155:1", safe: safeOfProof, safeVersion: "1.4.1", nonce: 0n },
      ...{ to: zeroAddress, data: "0x" },
    });
    const signed = { name: "proof", tx: { ...tx, operation: 1 as const } };
    return judge(signed, decodedOf(signed, new Map()), { policy: undefined, callOnly: [], ownersMayChange: false });
  },
  async run(input) {
    const named = functionsOf(input.policy);
    const all = signedBy(input.subject);
    const [judged, modules] = await Promise.all([
      Promise.all(
        all.map(async (signed) => {
          const root = decodedOf(signed, named);
          const callOnly = await callOnlyContracts(input, signed.tx.chain, root);
          const chain = input.chains.get(signed.tx.chain);
          const { owners, threshold } = await chain.safe(signed.tx.safe);
          return judge(signed, root, {
            safe: { owners, threshold },
            gas: chain.gasAccount,
            policy: input.policy,
            callOnly,
            ownersMayChange: mayChangeOwners(input, signed, root),
            subject: input.subject,
          });
        }),
      ),
      strangeModules(input, all),
    ]);
    return { findings: [...judged.flat(), ...modules] };
  },
};

const safeOfProof: Address = "0x0000000000000000000000000000000000000001";

interface Setting {
  policy: Policy | undefined;
  /** The Safe as it stands; undefined where that does not matter. */
  safe?: Pick<SafeFacts, "owners" | "threshold">;
  /** The account that pays gas. */
  gas?: Address;
  /** MultiSendCallOnly contracts that policy allows and whose code is right. */
  callOnly: readonly Address[];
  ownersMayChange: boolean;
  subject?: Subject;
}

function judge(signed: Signed, root: DecodedCall, setting: Setting): Finding[] {
  return [
    ...delegations(signed, root, setting),
    ...gasFields(capital(signed.name), signed.tx),
    ...gasFieldsInside(signed, root),
    ...selfCalls(signed, root, setting),
    ...attachedValue(signed, root, setting),
  ];
}

/** DELEGATECALL runs foreign code with every power of the Safe: its first slot decides what code the Safe itself is. */
function delegations(signed: Signed, root: DecodedCall, { callOnly }: Setting): Finding[] {
  return allCalls(root)
    .filter((call) => call.operation === 1 && !(call === root && callOnly.includes(call.to)))
    .map((call) =>
      refuse(
        "delegatecall",
        `${capital(placeOf(signed, call))} is a DELEGATECALL: the code at ${call.to} would run with all powers of ${call.from} and could replace its owners or its code, whatever the call looks like.`,
        {
          evidence: `operation 1 to ${call.to}, data ${call.data.slice(0, 74)}`,
          fix: "Make it a plain call (operation 0); put several calls into the timelock's scheduleBatch.",
        },
      ),
    );
}

/** With safeTxGas an inner revert still uses the nonce up; with a gas price the Safe pays whoever sends it. */
function gasFields(what: string, tx: GasFields): Finding[] {
  const set = [
    ["safeTxGas", tx.safeTxGas],
    ["baseGas", tx.baseGas],
    ["gasPrice", tx.gasPrice],
    ["gasToken", BigInt(tx.gasToken)],
    ["refundReceiver", BigInt(tx.refundReceiver)],
  ] as const;
  const wrong = set.filter(([, value]) => value !== 0n).map(([field]) => field);
  if (wrong.length === 0) return [];
  const shown = wrong.map((field) => `${field} ${tx[field]}`).join(", ");
  return [
    refuse(
      "gas-fields",
      `${what} sets ${wrong.join(", ")}: ${
        wrong.includes("safeTxGas")
          ? "with a safeTxGas a call that fails inside still uses the nonce up, and the receipt says success"
          : "the Safe would pay a refund to whoever sends it"
      }.`,
      { evidence: shown, fix: "Set all five gas and refund fields to zero; the hash changes, so sign anew." },
    ),
  ];
}

type GasFields = Pick<SafeTx, "safeTxGas" | "baseGas" | "gasPrice" | "gasToken" | "refundReceiver">;

/** Another Safe's transaction that runs inside: its refund leaves that Safe just as well. */
function gasFieldsInside(signed: Signed, root: DecodedCall): Finding[] {
  return allCalls(root)
    .filter((call) => call.known?.abi.name === "execTransaction" && call.args.length === 10)
    .flatMap((call) => {
      const [safeTxGas, baseGas, gasPrice, gasToken, refundReceiver] = call.args.slice(4, 9) as [
        bigint,
        bigint,
        bigint,
        Address,
        Address,
      ];
      const where = `${capital(placeOf(signed, call))}, a transaction of the Safe ${call.to},`;
      return gasFields(where, { safeTxGas, baseGas, gasPrice, gasToken, refundReceiver });
    });
}

/** What the Safe does to itself: its owners, threshold, modules, guard and fallback handler. */
function selfCalls(signed: Signed, root: DecodedCall, setting: Setting): Finding[] {
  const { safe, chain } = signed.tx;
  const mine = allCalls(root).filter((call) => call.to === safe && call.from === safe && call.data !== "0x");
  return mine.flatMap((call) => {
    const where = capital(placeOf(signed, call));
    const name = call.known?.abi.name ?? `a function with the selector ${call.data.slice(0, 10)}`;
    const detail = { evidence: `${call.known?.signature ?? "unknown"}(${call.args.join(", ")})` };
    if (ownerFunctions.includes(name) && setting.ownersMayChange)
      return ownerChange(where, call, setting, detail.evidence);
    if (name === "disableModule")
      return [info("module-off", `${where} takes the module ${call.args[1]} from the Safe ${safe}.`, detail)];
    if (name === "enableModule" && knownModules(setting.policy, chain).includes(call.args[0] as Address))
      return [
        flag(
          "module-on",
          `${where} lets the module ${call.args[0]} act for the Safe without signatures; policy names it.`,
          { ...detail, fix: "Make sure that everybody knows what the module can do: it needs no signatures." },
        ),
      ];
    return [
      refuse(
        "self-call",
        ownerFunctions.includes(name)
          ? `${where} changes owners or threshold of the Safe ${safe} (${name}) in the middle of something else.`
          : `${where} changes the Safe ${safe} itself (${name}): a module, guard or handler can act past its owners.`,
        {
          ...detail,
          fix: "Leave it out: owners are changed by a transaction that does nothing else, and modules only where policy names them.",
        },
      ),
    ];
  });
}

/** An owner change as such: a package that declares it for this Safe, or a transaction of owner changes alone. */
function mayChangeOwners({ subject }: GateInput, { tx }: Signed, root: DecodedCall): boolean {
  if (subject.kind === "package") return declaresOwners(subject, tx.safe);
  const calls = allCalls(root).filter((call) => call.nested.length === 0);
  return calls.every((call) => call.to === tx.safe && ownerFunctions.includes(call.known?.abi.name ?? ""));
}

function declaresOwners(subject: Subject & { kind: "package" }, safe: Address): boolean {
  return subject.package.legs.some((leg) => leg.changes.some((one) => one.kind === "safeOwners" && one.safe === safe));
}

/** Ether that rides on an upgrade ends in the initialiser's hands; a package sends none that it does not declare. */
function attachedValue(signed: Signed, root: DecodedCall, { subject }: Setting): Finding[] {
  const upgrades = ["upgradeToAndCall", "upgradeAndCall", "upgradeTo", "upgrade"];
  const changes = subject?.kind === "package" ? subject.package.legs.flatMap((leg) => leg.changes) : undefined;
  const isDeclared = (call: DecodedCall) =>
    changes?.some((one) => one.kind === "call" && one.contract === call.to) ?? true;
  return allCalls(root)
    .filter((call) => call.value > 0n)
    .filter((call) => upgrades.includes(call.known?.abi.name ?? "") || (call.nested.length === 0 && !isDeclared(call)))
    .map((call) => {
      const isUpgrade = upgrades.includes(call.known?.abi.name ?? "");
      const where = capital(placeOf(signed, call));
      return refuse(
        "value",
        isUpgrade
          ? `${where} sends ${ether(call.value)} along with an upgrade: the new code can do with it what it wants.`
          : `${where} sends ${ether(call.value)} to ${call.to}, and no change of the package says so.`,
        {
          evidence: `${call.value} wei to ${call.to}`,
          fix: isUpgrade
            ? "Upgrade without value; send money in a call of its own that says whom it goes to."
            : "Declare it as a call of the package, or take it out.",
        },
      );
    });
}

async function callOnlyContracts(
  { policy, chains }: GateInput,
  chain: ChainId,
  { to, operation }: DecodedCall,
): Promise<Address[]> {
  const allowed = chainOf(policy, chain)?.multiSendCallOnly;
  if (operation !== 1 || allowed === undefined || allowed !== to) return [];
  const code = await chains.get(chain).codeHash(to);
  return Object.values(multiSendCallOnlyCode).includes(code) ? [to] : [];
}

async function strangeModules({ policy, chains }: GateInput, all: readonly Signed[]): Promise<Finding[]> {
  const safes = new Map(all.map(({ tx }) => [`${tx.chain}/${tx.safe}`, tx]));
  const found = await Promise.all(
    [...safes.values()].map(async ({ chain, safe }) => {
      const { modules } = await chains.get(chain).safe(safe);
      return modules
        .filter((module) => !knownModules(policy, chain).includes(module))
        .map((module) =>
          refuse(
            "module",
            `The Safe ${safe} has the module ${module}, which acts without signatures and which policy does not name.`,
            {
              evidence: module,
              fix: "Take the module off the Safe, or name it in chains.yaml once everybody knows what it can do.",
            },
          ),
        );
    }),
  );
  return found.flat();
}

const chainOf = (policy: Policy | undefined, chain: ChainId): ChainPolicy | undefined =>
  policy?.chains.find((one) => one.id === chain);
const knownModules = (policy: Policy | undefined, chain: ChainId): readonly Address[] =>
  chainOf(policy, chain)?.modules ?? [];

/** Wei in words; evidence has the number. */
const ether = (wei: bigint) => (wei > mostEther ? "more ether than there is" : `${formatEther(wei)} ether`);
/** A billion of them, in wei. */
const mostEther = 10n ** 27n;

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
