import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { numberToHex } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { timelockOf } from "../../src/domain/transactions.ts";
import type { BlockProducer } from "../../src/embedded/block-producer.ts";
import { embeddedPeople } from "../../src/embedded/people.ts";
import { type StartedWorld, startWorld, worldAddresses } from "../../src/embedded/world.ts";
import { chainOutcome, logOutcome } from "../support/crash-outcome.ts";
import { driveCeremony } from "../support/live-ceremony.ts";
import { quietBlocks, startLive } from "../support/live-quorate.ts";
import { type ForeignPolicies, writeForeignPolicies } from "./foreign-policies.ts";

const minDelay = 86_400n;
/** Their gas account: not the embedded one. */
const gasKey = `0x${"7e".repeat(32)}` as const;

let world: StartedWorld;
let blocks: BlockProducer;
let policies: ForeignPolicies;
let dataDir: string;
beforeAll(async () => {
  world = await startWorld({ chainId: 31338, safeVersion: "1.5.0", minDelay, deployer: "somebody else" });
  blocks = await quietBlocks(world);
  await world.node.request("anvil_setBalance", privateKeyToAddress(gasKey), numberToHex(10n ** 20n));
  policies = await writeForeignPolicies(world, minDelay);
  dataDir = await mkdtemp(join(tmpdir(), "quorate-foreign-"));
});
afterAll(async () => {
  await blocks?.stop();
  await world?.stop();
  await policies?.remove();
  await rm(dataDir, { recursive: true, force: true });
});

describe("a ceremony on contracts that somebody else deployed", () => {
  test("shares no address with the embedded world but what is the same on every chain", () => {
    const { safeContracts: _safes, preconditions: _preconditions, implementations, ...theirs } = world;
    const ours = JSON.stringify(worldAddresses(31337));
    for (const one of [...Object.values(theirs), ...Object.values(implementations)])
      if (typeof one === "string" && /^0x[0-9a-fA-F]{40}$/.test(one)) expect(ours).not.toContain(one);
  });

  test("ends as on the embedded chain, with other people, policies, delay, quorum and Safe version", async () => {
    const environment = {
      QUORATE_POLICIES: policies.folder,
      RPC_31338: world.url,
      QUORATE_DATA: dataDir,
      GAS_KEY: gasKey,
    };
    const live = await startLive({ environment, world, platform: "cli" });
    const state = await driveCeremony(live.stage);
    expect(live.faults).toEqual([]);
    await live.stop();

    expect(state.status).toBe("closed");
    expect(state.package.legs.map((leg) => timelockOf(leg).delay)).toEqual([minDelay, minDelay]);
    expect(state.review?.safes.map((safe) => safe.version)).toEqual(["1.5.0", "1.5.0"]);
    const { events, refusals, open, faults } = await logOutcome({ dataDir });
    expect(events.filter((one) => one.startsWith("approved"))).toHaveLength(4);
    expect(events.at(-1)).toBe("closed");
    expect({ refusals, open, faults }).toEqual({ refusals: [], open: 0, faults: [] });
    expect(events.join()).not.toMatch(/\b(ada|ben|caro|dev|eve)\b/);
  });

  test("is seen over raw RPC to have run every upgrade once, and to have left nothing that could run", async () => {
    const { poolV2, vaultV2, priceFeedV2 } = world.implementations;
    const senders = [privateKeyToAddress(gasKey), embeddedPeople.eve.address];
    const { implementations, councilNonce, guardianNonce, sent, events } = await chainOutcome(
      world.url,
      world,
      senders,
    );
    expect(implementations).toEqual([poolV2, vaultV2, priceFeedV2].map((one) => one.toLowerCase()));
    expect([councilNonce, guardianNonce]).toEqual([4n, 2n]);
    expect(sent).toEqual([6n, 2n]);
    const of = (topic: string) => events.filter((one) => one.endsWith(topic)).length;
    // keccak256 of Cancelled(bytes32), and of CallExecuted(bytes32,uint256,address,uint256,bytes)
    expect(of("0xbaa1eb22f2a492ba1a5fea61b8df4d27c6c8b5f3971e63bb58fa14ff72eedb70")).toBe(2);
    expect(of("0xc2617efa69bab66782fa219543714338489c4e9e178271560a91b82c3f612b58")).toBeGreaterThan(0);
  });
});
