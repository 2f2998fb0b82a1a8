/** The call that changes a proxy's implementation, for the three proxy kinds of OpenZeppelin contracts 5. */

import { encodeFunctionData, parseAbi } from "viem";
import type { Address, Hex } from "./primitives.ts";
import type { TimelockCall } from "./timelock.ts";

const abi = parseAbi([
  "function upgradeAndCall(address proxy, address implementation, bytes data) payable",
  "function upgradeToAndCall(address implementation, bytes data) payable",
  "function upgradeTo(address implementation)",
]);

/** `ProxyAdmin.upgradeAndCall`, sent by the ProxyAdmin's owner. `initData` 0x: no initialiser is run. */
export function transparentUpgrade(
  admin: Address,
  proxy: Address,
  implementation: Address,
  initData: Hex,
): TimelockCall {
  const data = encodeFunctionData({ abi, functionName: "upgradeAndCall", args: [proxy, implementation, initData] });
  return { to: admin, value: 0n, data };
}

/** `upgradeToAndCall` on the proxy itself (UUPS, ERC-1822), sent by whom `_authorizeUpgrade` lets through. */
function uupsUpgrade(proxy: Address, implementation: Address, initData: Hex): TimelockCall {
  const data = encodeFunctionData({ abi, functionName: "upgradeToAndCall", args: [implementation, initData] });
  return { to: proxy, value: 0n, data };
}

/** `UpgradeableBeacon.upgradeTo`, sent by the beacon's owner. Every proxy of the beacon changes with it. */
function beaconUpgrade(beacon: Address, implementation: Address): TimelockCall {
  return {
    to: beacon,
    value: 0n,
    data: encodeFunctionData({ abi, functionName: "upgradeTo", args: [implementation] }),
  };
}

/** The upgrade call for a proxy as `Chain.proxy` describes it. Throws where a beacon is given an initialiser: it has no way to run one. */
export function upgradeCall(
  facts: { kind: "transparent" | "uups" | "beacon"; proxy: Address; admin: Address },
  implementation: Address,
  initData: Hex = "0x",
): TimelockCall {
  switch (facts.kind) {
    case "transparent":
      return transparentUpgrade(facts.admin, facts.proxy, implementation, initData);
    case "uups":
      return uupsUpgrade(facts.proxy, implementation, initData);
    case "beacon":
      if (initData !== "0x")
        throw new TypeError("A beacon upgrade cannot run an initialiser: it needs a call of its own.");
      return beaconUpgrade(facts.admin, implementation);
  }
}
