/** The protocol worth upgrading: a vault (UUPS), a price feed (transparent) and two pools (a beacon each). */

import { encodeFunctionData, getContractAddress, parseAbi, parseEther } from "viem";
import type { Address, Hex } from "../domain/primitives.ts";
import { ownBytecode, packageBytecode, withArguments } from "./bytecode.ts";
import type { Plan } from "./plan.ts";
import { keeper, users } from "./traders.ts";

export interface ProtocolAddresses {
  asset: Address;
  collateral: Address;
  vault: Address;
  priceFeed: Address;
  /** ProxyAdmin of the price feed. */
  proxyAdmin: Address;
  pilotBeacon: Address;
  pilotPool: Address;
  mainBeacon: Address;
  mainPool: Address;
  /** Measures all of them; behind no proxy. */
  gauges: Address;
  implementations: Implementations;
}

const implementationContracts = {
  vaultV1: "Vault",
  priceFeedV1: "PriceFeed",
  poolV1: "Pool",
  vaultV2: "VaultV2",
  priceFeedV2: "PriceFeedV2",
  poolV2: "PoolV2",
  vaultV2Inflating: "VaultV2Inflating",
  vaultV2OpenDoor: "VaultV2OpenDoor",
  priceFeedV2Stale: "PriceFeedV2Stale",
  poolV2Leaky: "PoolV2Leaky",
} as const;
/** Deployed last, so that everything before it stays where it is. */
const laterContracts = { vaultV2BackDoor: "VaultV2BackDoor" } as const;
type Implementations = Record<keyof typeof implementationContracts | keyof typeof laterContracts, Address>;

export interface ProtocolSetup {
  timelock: Address;
  guardianSafe: Address;
}

const vaultSetUp = parseAbi(["function initialize(address asset, address owner, address pauser, uint256 cap)"]);
const feedSetUp = parseAbi(["function initialize(address owner, address keeper, uint256 price)"]);
const poolSetUp = parseAbi([
  "function initialize(address asset, address collateral, address feed, address owner, address pauser, uint256 cap)",
]);

/** Plans everything, owned by the timelock and paused by the guardians. */
export function deployProtocol(plan: Plan, { timelock, guardianSafe }: ProtocolSetup): ProtocolAddresses {
  const first = deployed(plan, implementationContracts);
  const asset = token(plan, "Test Dollar", "TUSD");
  const collateral = token(plan, "Test Ether", "TETH");
  const openzeppelin = (name: string) => packageBytecode(`@openzeppelin/contracts/build/contracts/${name}.json`);

  const setUpFeed = encodeFunctionData({ abi: feedSetUp, args: [timelock, keeper, parseEther("2000")] });
  const priceFeed = plan.create(
    withArguments(openzeppelin("TransparentUpgradeableProxy"), "address, address, bytes", [
      first.priceFeedV1,
      timelock,
      setUpFeed,
    ]),
  );
  const setUpVault = encodeFunctionData({
    abi: vaultSetUp,
    args: [asset, timelock, guardianSafe, parseEther("2000000")],
  });
  const vault = plan.create(withArguments(openzeppelin("ERC1967Proxy"), "address, bytes", [first.vaultV1, setUpVault]));
  const pool = (cap: string): [beacon: Address, pool: Address] => {
    const args = [asset, collateral, priceFeed, timelock, guardianSafe, parseEther(cap)] as const;
    const setUp: Hex = encodeFunctionData({ abi: poolSetUp, args });
    const beaconArguments = [first.poolV1, timelock];
    const beacon = plan.create(withArguments(openzeppelin("UpgradeableBeacon"), "address, address", beaconArguments));
    return [beacon, plan.create(withArguments(openzeppelin("BeaconProxy"), "address, bytes", [beacon, setUp]))];
  };
  const [pilotBeacon, pilotPool] = pool("10000");
  const [mainBeacon, mainPool] = pool("5000000");
  const gauges = plan.create(ownBytecode("Gauges"));
  return {
    asset,
    collateral,
    vault,
    priceFeed,
    // The proxy's constructor creates it as the first contract of its own (OpenZeppelin 5).
    proxyAdmin: getContractAddress({ from: priceFeed, nonce: 1n }),
    pilotBeacon,
    pilotPool,
    mainBeacon,
    mainPool,
    gauges,
    implementations: { ...first, ...deployed(plan, laterContracts) },
  };
}

function deployed<K extends string>(plan: Plan, contracts: Record<K, string>): Record<K, Address> {
  const addresses = Object.entries<string>(contracts).map(([name, contract]) => [
    name,
    plan.create(ownBytecode(contract)),
  ]);
  return Object.fromEntries(addresses);
}

function token(plan: Plan, name: string, symbol: string): Address {
  const types = "string, string, address[], uint256";
  return plan.create(withArguments(ownBytecode("TestToken"), types, [name, symbol, users, parseEther("10000000")]));
}
