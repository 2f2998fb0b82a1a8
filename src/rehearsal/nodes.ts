/** Three nodes between the bot and its chain, and a policy under which two have to agree and containments are bound to code. */

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEther } from "viem";
import { parse } from "yaml";
import { worldAddresses } from "../embedded/world.ts";
import { openRelay, type Relay } from "./relay.ts";

export interface Nodes {
  /** Folder of the policy. */
  policies: string;
  relays: readonly Relay[];
  /** Puts the nodes before the real one; what comes back is how the bot reaches its chain. */
  before(node: string): string;
  close(): Promise<void>;
}

export async function openNodes(policies: string): Promise<Nodes> {
  let node = "";
  const relays = await Promise.all([1, 2, 3].map(() => openRelay(() => node)));
  const folder = await mkdtemp(join(tmpdir(), "quorate-policies-"));
  await cp(policies, folder, { recursive: true });
  await strict(folder);
  return {
    policies: folder,
    relays,
    before(real) {
      node = real;
      return relays.map((one) => one.url).join(" ");
    },
    async close() {
      await Promise.all(relays.map((one) => one.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Files {
  chains: { chains: object[] };
  invariants: { metrics: { id: string }[] };
  target: { containment: { id: string }[] };
  canary: { phases: { id: string; metrics: string[] }[] };
}

/**
 * Makes a policy stricter: two of three sources agree, containments are bound to code, and two invariants are contained
 * without a person's word. One of them, what the pool has in cash, is there to be moved by strangers.
 */
async function strict(folder: string): Promise<void> {
  const { safeContracts, pilotPool, asset } = worldAddresses(31337);
  await changeYaml(folder, "chains.yaml", ({ chains }: Files["chains"]) => ({
    chains: chains.map((chain) => ({
      ...chain,
      sources: { agree: 2, of: 3 },
      multiSendCallOnly: safeContracts.MultiSendCallOnly,
    })),
  }));
  const trusted = { agree: 2, automatic: true };
  const limit = String(parseEther("50000"));
  const cash = {
    ...{ id: "pilot-cash", title: "Cash in the pilot pool", class: "asset", chain: "eip155:31337", unit: "wei" },
    read: { kind: "balance", of: pilotPool, token: asset },
    ...{ pass: { is: "<=", value: limit }, fail: { is: ">", value: limit } },
    ...{ severity: 1, containment: "pause-pilot", owner: "dev", ...trusted },
  };
  await changeYaml(folder, "invariants/harbour.yaml", ({ metrics }: Files["invariants"]) => ({
    metrics: [...metrics.map((one) => (one.id === "pilot-solvency" ? { ...one, ...trusted } : one)), cash],
  }));
  const wayBack = { by: "the council through the timelock", call: "unpause()", delay: 172_800 };
  await changeYaml(folder, "targets/harbour.yaml", (target: Files["target"]) => ({
    ...target,
    containment: target.containment.map((one) => (one.id === "pause-pilot" ? { ...one, wayBack } : one)),
  }));
  await changeYaml(folder, "canary/harbour.yaml", (canary: Files["canary"]) => ({
    ...canary,
    phases: canary.phases.map((one) => (one.id === "pilot" ? { ...one, metrics: [...one.metrics, cash.id] } : one)),
  }));
}

/** JSON is YAML. */
async function changeYaml<T>(folder: string, name: string, change: (content: T) => unknown): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(change(parse(await readFile(file, "utf8")) as T)));
}
