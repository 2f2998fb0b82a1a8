/** Which contracts a subject gives new code, whichever way it is written. */

import { encodeFunctionData, parseAbi } from "viem";
import type { DecodedCall } from "../domain/decode-calls.ts";
import type { Policy } from "../domain/policy.ts";
import type { Address, ChainId, Hex } from "../domain/primitives.ts";
import { proxyChanges } from "../domain/release-package.ts";
import type { Chains } from "../ports.ts";
import type { Subject } from "./gate.ts";
import { callsOf, functionsOf, signedBy } from "./signed-calls.ts";

export interface Upgrade {
  chain: ChainId;
  /** As policy or the package names it; else its address. */
  name: string;
  /** What people use: the proxy. */
  proxy: Address;
  /** What the upgrade call goes to: ProxyAdmin, the proxy itself, or a beacon. */
  through: Address;
  /** Undefined where the proxy's present code could not be told. */
  from: Address | undefined;
  to: Address;
  initData: Hex;
}

const implementationData = encodeFunctionData({ abi: parseAbi(["function implementation() view returns (address)"]) });
const beaconSlot: Hex = "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50";

/** The upgrade itself, never its rollback. Throws where a chain cannot be read. */
export async function upgradesOf(subject: Subject, policy: Policy, chains: Chains): Promise<Upgrade[]> {
  if (subject.kind === "package")
    return subject.package.legs.flatMap((leg) =>
      proxyChanges(leg).map((one) => ({
        ...{ chain: leg.chain, name: one.name, proxy: one.proxy, through: one.admin },
        ...{ from: one.fromImplementation, to: one.toImplementation, initData: one.initData },
      })),
    );
  const named = functionsOf(policy);
  const calls = signedBy(subject).flatMap((signed) => callsOf(signed, named));
  const found = await Promise.all(calls.map((call) => upgradesBy(call, subject.tx.chain, policy, chains)));
  return found.flat();
}

async function upgradesBy(call: DecodedCall, chain: ChainId, policy: Policy, chains: Chains): Promise<Upgrade[]> {
  const [first, second, third] = call.args;
  const of = async (proxy: Address, to: unknown, initData: unknown): Promise<Upgrade> => ({
    ...{ chain, name: nameOf(policy, proxy), proxy, through: call.to },
    from: await runs(chains, chain, proxy),
    to: to as Address,
    initData: initData as Hex,
  });
  switch (call.known?.signature) {
    case "upgradeAndCall(address,address,bytes)":
      return [await of(first as Address, second, third)];
    case "upgrade(address,address)":
      return [await of(first as Address, second, "0x")];
    case "upgradeToAndCall(address,bytes)":
      return [await of(call.to, first, second)];
    case "upgradeTo(address)":
      return Promise.all((await followers(call.to, chain, policy, chains)).map((proxy) => of(proxy, first, "0x")));
    default:
      return [];
  }
}

/** `upgradeTo` is a beacon's, or an older UUPS proxy's own: those of policy's proxies that follow the beacon, else itself. */
async function followers(account: Address, chain: ChainId, policy: Policy, chains: Chains): Promise<Address[]> {
  const proxies = policy.targets
    .filter((one) => one.chain === chain)
    .flatMap((one) => one.contracts.map(({ proxy }) => proxy));
  const words = await Promise.all(proxies.map((proxy) => chains.get(chain).storage(proxy, beaconSlot)));
  const following = proxies.filter((_proxy, index) => words[index]?.slice(26) === account.slice(2).toLowerCase());
  return following.length > 0 ? following : [account];
}

async function runs(chains: Chains, chain: ChainId, proxy: Address): Promise<Address | undefined> {
  const at = chains.get(chain);
  const facts = await at.proxy(proxy).catch(() => undefined);
  if (facts !== undefined) return facts.implementation;
  const answer = await at.call(proxy, implementationData).catch(() => undefined);
  return answer !== undefined && /^0x0{24}[0-9a-f]{40}$/.test(answer)
    ? (`0x${answer.slice(26)}` as Address)
    : undefined;
}

function nameOf(policy: Policy, proxy: Address): string {
  return policy.targets.flatMap((one) => one.contracts).find((one) => one.proxy === proxy)?.name ?? proxy;
}
