/** The whole program under a canary on the embedded chain, paging a Slack that is a process of its own. */

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openChatPlatforms } from "../../src/chat-platforms.ts";
import type { Hex } from "../../src/domain/primitives.ts";
import { type EmbeddedQuorate, startEmbedded } from "../../src/embedded-mode.ts";
import { readEnvironment } from "../../src/env.ts";
import type { Chain, Chains, ChatPlatform } from "../../src/ports.ts";
import { chatPolicies } from "../../test/scenarios/chat-policies.ts";
import { driveCeremony } from "../../test/support/live-ceremony.ts";
import { type PlatformProcess, startPlatform } from "../chat/platform.ts";
import { userOn } from "../chat/ways.ts";
import { changeYaml } from "./policies.ts";

export interface LiveWatch {
  running: EmbeddedQuorate;
  slack: PlatformProcess;
  /** Milliseconds of {@link monotonic} at which the program had the chain's judgement of a block, by its hash. */
  decidedAt: ReadonlyMap<Hex, number>;
  /** The newest message to Slack that had left the program by then, in the same milliseconds. */
  leftBy(time: number): number;
  faults: readonly string[];
  stop(): Promise<void>;
}

/** Milliseconds of the clock that all processes of a machine share. */
export const monotonic = () => Number(process.hrtime.bigint()) / 1e6;

/** So long that only what is measured makes blocks. */
const noBlocks = 86_400_000;

/** With further metrics in the phase that runs. */
export async function startLiveWatch(metrics: readonly { id: string }[]): Promise<LiveWatch> {
  const slack = startPlatform();
  const { environment, home, upgrades, breaches } = await slack.ask("install", { platform: "slack" });
  const policies = await chatPolicies({
    slack: { channel: upgrades, user: userOn.slack, team: home },
    discord: { channel: "1", user: userOn.discord, guild: "100000000000000000" },
  });
  const channels = Object.entries({ upgrades, breaches });
  await writeFile(
    join(policies.folder, "channels.yaml"),
    channels.map(([name, id]) => `${name}: ["console:${name}", "slack:${id}"]\n`).join(""),
  );
  await withMetrics(policies.folder, metrics);
  const decidedAt = new Map<Hex, number>();
  const faults: string[] = [];
  const onFault = (where: string, fault: unknown) => void faults.push(`${where}: ${fault}`);
  const platforms: ChatPlatform[] = [];
  const running = await startEmbedded({
    ...{ policies: policies.folder, platforms, onFault, blockMs: noBlocks },
    wrap: ({ store, chains }) => ({ store, chains: timed(chains, decidedAt) }),
  });
  const { policy, store, world, quorate, chains } = running;
  const chat = await openChatPlatforms({
    ...{ environment: readEnvironment(environment), policy, store, clock: world.time, onFault },
  });
  platforms.push(...chat.adapters);
  await chat.start(quorate);
  const messages = departures();
  await driveCeremony(
    {
      ...{ quorate, policy, chains, url: world.url, platform: "console", release: "2.0.0" },
      pass: ({ seconds, blocks }) => running.advance(seconds, blocks),
    },
    (state) => state.status === "canary",
  );
  return {
    ...{ running, slack, decidedAt, faults },
    leftBy: messages.by,
    async stop() {
      messages.stop();
      await chat.stop();
      await running.stop();
      await slack.stop();
      await policies.remove();
    },
  };
}

/** When requests that post a message were handed to the system, whole. */
function departures() {
  const times: number[] = [];
  const started = (message: unknown) => {
    const { request } = message as { request: { path: string } };
    if (request.path.endsWith("/chat.postMessage")) times.push(monotonic());
  };
  subscribe("undici:request:bodySent", started);
  return {
    by(time: number): number {
      const left = times.findLast((one) => one <= time);
      if (left === undefined) throw new Error("No message has left for Slack.");
      return left;
    },
    stop: () => void unsubscribe("undici:request:bodySent", started),
  };
}

async function withMetrics(folder: string, metrics: readonly { id: string }[]): Promise<void> {
  await changeYaml(folder, "invariants/harbour.yaml", (file: { metrics: object[] }) => ({
    metrics: [...file.metrics, ...metrics],
  }));
  await changeYaml(folder, "canary/harbour.yaml", (file: { phases: { id: string; metrics: string[] }[] }) => ({
    ...file,
    phases: file.phases.map((one) =>
      one.id === "pilot" ? { ...one, metrics: [...one.metrics, ...metrics.map(({ id }) => id)] } : one,
    ),
  }));
}

/** The same chains; what they judge is timed. */
function timed(chains: Chains, decidedAt: Map<Hex, number>): Chains {
  const known = new Map(
    chains.ids.map((id): [typeof id, Chain] => {
      const real = chains.get(id);
      const evaluate: Chain["evaluate"] = async (catalogue, at, tell) => {
        const found = await real.evaluate(catalogue, at, tell);
        decidedAt.set(at.blockHash, monotonic());
        return found;
      };
      return [id, Object.assign(Object.create(real) as Chain, { evaluate })];
    }),
  );
  return { ids: chains.ids, get: (id) => known.get(id) ?? chains.get(id) };
}
