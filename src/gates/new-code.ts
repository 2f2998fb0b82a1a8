/** The code that a subject gives to contracts, beside the code that it takes away: fetched once for all gates that judge code. */

import { keccak256 } from "viem";
import type { ProxyKind } from "../chain-facts.ts";
import type { Address, ChainId, Hex } from "../domain/primitives.ts";
import { proxyChanges } from "../domain/release-package.ts";
import type { CodePolicy } from "../domain/target-policy.ts";
import type { GateInput, Subject } from "./gate.ts";
import { type Upgrade, upgradesOf } from "./upgrades.ts";

export interface NewCode extends Upgrade {
  kind: ProxyKind | undefined;
  /** Code now; `0x` where there is none. */
  toCode: Hex;
  fromCode: Hex;
  /** Of the proxy itself. */
  proxyCode: Hex;
}

const fetched = new WeakMap<Subject, Promise<NewCode[]>>();

/** One request a chain. The gates of one examination are handed the same subject, and share it. */
export function newCodeOf(input: GateInput): Promise<NewCode[]> {
  const known = fetched.get(input.subject) ?? fetch(input);
  fetched.set(input.subject, known);
  return known;
}

async function fetch({ subject, policy, chains }: GateInput): Promise<NewCode[]> {
  const upgrades = await upgradesOf(subject, policy, chains);
  const ids = [...new Set(upgrades.map((one) => one.chain))];
  const perChain = await Promise.all(
    ids.map(async (id) => {
      const own = upgrades.filter((one) => one.chain === id);
      const accounts = own.flatMap(({ to, from, proxy }) => [to, from ?? to, proxy]);
      const codes = await chains.get(id).codes(accounts);
      return Promise.all(
        own.map(
          async (one, index): Promise<NewCode> => ({
            ...one,
            kind: await kindOf(one, { subject, chains }),
            toCode: codes[index * 3] ?? "0x",
            fromCode: one.from === undefined ? "0x" : (codes[index * 3 + 1] ?? "0x"),
            proxyCode: codes[index * 3 + 2] ?? "0x",
          }),
        ),
      );
    }),
  );
  return perChain.flat();
}

/** What a package says is checked against the chain by the preflight gate; of a single transaction the chain is asked. */
async function kindOf(one: Upgrade, { subject, chains }: Pick<GateInput, "subject" | "chains">) {
  if (subject.kind === "package")
    return subject.package.legs.flatMap(proxyChanges).find((change) => change.proxy === one.proxy)?.proxyKind;
  const facts = await chains
    .get(one.chain)
    .proxy(one.proxy)
    .catch(() => undefined);
  return facts?.kind ?? (one.through === one.proxy ? "uups" : undefined);
}

/** What policy demands of a contract's code: of the package's own target, or of the one whose proxy it is. */
export function codePolicyOf({ subject, policy }: GateInput, { proxy, chain }: Upgrade): CodePolicy | undefined {
  const wanted = subject.kind === "package" ? subject.package.target : undefined;
  return policy.targets.find((one) =>
    wanted === undefined
      ? one.chain === chain && one.contracts.some((contract) => contract.proxy === proxy)
      : one.id === wanted,
  )?.code;
}

/** Builds that the subject names; none for a single transaction. */
export function namedBuilds(subject: Subject): Hex[] {
  return subject.kind === "package" ? subject.package.sources.map((one) => one.artefactHash) : [];
}

export function codeHashOf(code: Hex): Hex {
  return keccak256(code);
}

/** Addresses that policy speaks of on a chain: contracts, not people's wallets. */
export function knownAddresses({ policy }: Pick<GateInput, "policy">, chain: ChainId): Set<Address> {
  const own = policy.chains.filter((one) => one.id === chain);
  const targets = policy.targets.filter((one) => one.chain === chain);
  return new Set([
    ...own.flatMap((one) => [one.council, one.guardian, one.timelock, one.preconditions]),
    ...targets.flatMap((one) => [
      ...one.contracts.map((contract) => contract.proxy),
      ...one.containment.map((containment) => containment.call.to),
      ...(one.code?.addresses ?? []),
    ]),
  ]);
}
