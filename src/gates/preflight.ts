/** Preflight: chain, Safes, targets and admin paths are what the signers believe they are (MISSION 23, 29, 31). */

import type { ChainPolicy } from "../domain/chain-policy.ts";
import { allCalls } from "../domain/decode-calls.ts";
import type { Finding } from "../domain/events.ts";
import { type Address, type ChainId, zeroHash } from "../domain/primitives.ts";
import { type Chain, ChainFault } from "../ports.ts";
import { findings, type Gate, type GateInput } from "./gate.ts";
import { adminPath } from "./preflight-path.ts";
import { judgePath, pathOfProof } from "./preflight-powers.ts";
import { safeCodeFindings } from "./preflight-safe-code.ts";
import { judgeOwners, judgeStated, safeOrNone } from "./preflight-safes.ts";
import { legFindings } from "./preflight-stated.ts";
import { targetFindings } from "./preflight-targets.ts";
import { decodedOf, functionsOf, signedBy } from "./signed-calls.ts";
import { type Upgrade, upgradesOf } from "./upgrades.ts";

const { refuse, flag } = findings("preflight");

export const preflightGate: Gate = {
  name: "preflight",
  proof: () => judgePath(pathOfProof("0x0000000000000000000000000000000000000001", zeroHash)),
  async run(input) {
    input.progress("Reading Safes, targets, proxies and who may upgrade them…");
    const { subject } = input;
    const ids =
      subject.kind === "package" ? [...new Set(subject.package.legs.map((leg) => leg.chain))] : [subject.tx.chain];
    const perChain = await Promise.all(ids.map((id) => onChain(id, input)));
    return { findings: perChain.flat() };
  },
};

/** An RPC of another chain is a finding: whatever it says is true there, and nowhere else. */
async function onChain(id: ChainId, input: GateInput): Promise<Finding[]> {
  try {
    const chain = input.chains.get(id);
    await chain.head();
    return await chainFindings(id, chain, input);
  } catch (fault) {
    if (!(fault instanceof ChainFault) || fault.kind !== "wrong chain") throw fault;
    return [
      refuse("wrong-chain", `${fault.message.replace(/\.$/, "")}, and what is to be signed says ${id}.`, {
        evidence: id,
        fix: `Set RPC_${id.slice("eip155:".length)} to a node of that chain, and check again.`,
      }),
    ];
  }
}

async function chainFindings(id: ChainId, chain: Chain, input: GateInput): Promise<Finding[]> {
  const { subject, policy, preconditionsCodeHash } = input;
  const where = policy.chains.find((one) => one.id === id);
  const signed = signedBy(subject).filter(({ tx }) => tx.chain === id);
  const named = functionsOf(policy);
  const calls = signed.flatMap((one) => allCalls(decodedOf(one, named)).map((call) => ({ signed: one, call })));
  const stated =
    subject.kind === "package"
      ? subject.package.legs
          .filter((leg) => leg.chain === id)
          .map((leg) => legFindings(leg, where, chain, preconditionsCodeHash))
      : [Promise.resolve(unknownChain(id, where))];
  const found = await Promise.all([
    ...stated,
    safeFindings(id, chain, input, where),
    targetFindings(calls, chain),
    pathFindings(id, chain, input, where),
  ]);
  return found.flat();
}

function unknownChain(id: ChainId, where: ChainPolicy | undefined): Finding[] {
  return where === undefined
    ? [
        flag(
          "unknown-chain",
          `Policy says nothing of the chain ${id}: whose Safes and timelock these are is not known.`,
          {
            fix: "Name the chain with its Safes and its timelock in chains.yaml.",
          },
        ),
      ]
    : [];
}

/** Policy's own Safes are judged by the authority gate; here every other that would sign, and what a transaction states. */
async function safeFindings(
  id: ChainId,
  chain: Chain,
  { subject, policy }: GateInput,
  where: ChainPolicy | undefined,
): Promise<Finding[]> {
  const accounts = [
    ...new Set(
      signedBy(subject)
        .filter(({ tx }) => tx.chain === id)
        .map(({ tx }) => tx.safe),
    ),
  ];
  const perSafe = await Promise.all(
    accounts.map(async (account) => {
      const safe = await safeOrNone(chain, account);
      if ("severity" in safe) return [safe];
      const isOurs = where !== undefined && [where.council, where.guardian].includes(account);
      const owners = isOurs ? [] : judgeOwners(safe, await chain.nestedSafes(safe.owners), { people: policy, where });
      const code = await safeCodeFindings(account, chain);
      return [...(subject.kind === "transaction" ? judgeStated(subject.tx, safe) : []), ...owners, ...code];
    }),
  );
  return perSafe.flat();
}

async function pathFindings(
  id: ChainId,
  chain: Chain,
  input: GateInput,
  where: ChainPolicy | undefined,
): Promise<Finding[]> {
  const { subject, policy, chains } = input;
  const all = (await upgradesOf(subject, policy, chains)).filter((one) => one.chain === id);
  const upgrades = all.filter((one, index) => all.findIndex((other) => other.proxy === one.proxy) === index);
  const suspects = [
    ...(where === undefined ? [] : [where.council, where.guardian]),
    ...policy.people.flatMap((one) => one.wallets),
    chain.gasAccount,
  ];
  const perUpgrade = await Promise.all(
    upgrades.map(async (upgrade) => {
      const path = await adminPath(upgrade, chain, deciderOf(upgrade, input, where), suspects);
      return "notAProxy" in path ? [notAProxy(upgrade, path.notAProxy)] : judgePath(path);
    }),
  );
  return perUpgrade.flat();
}

function notAProxy({ name, proxy }: Upgrade, reason: string): Finding {
  return refuse("not-a-proxy", `${name} cannot be upgraded as it is written here: ${reason}`, {
    evidence: proxy,
    fix: "Compare the address with the one that policy has.",
  });
}

/** Who alone should upgrade: the leg's timelock, or policy's; without one, the Safe that signs. */
function deciderOf({ proxy }: Upgrade, { subject }: GateInput, where: ChainPolicy | undefined): Address {
  if (subject.kind === "transaction") return where?.timelock ?? subject.tx.safe;
  const leg = subject.package.legs.find((one) =>
    one.changes.some((change) => change.kind === "proxy" && change.proxy === proxy),
  );
  if (leg === undefined) throw new RangeError(`No leg changes ${proxy}.`);
  return leg.authority.kind === "safe+timelock" ? leg.authority.timelock : leg.authority.safe;
}
