/** The real program over one real adapter: a fresh store, the embedded chain, and a platform in another process. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBuilds } from "../../src/builds/open-builds.ts";
import { openChatPlatforms } from "../../src/chat-platforms.ts";
import type { Outcome } from "../../src/command.ts";
import type { Actor } from "../../src/domain/events.ts";
import type { Policy } from "../../src/domain/policy.ts";
import type { World } from "../../src/embedded/world.ts";
import { readEnvironment } from "../../src/env.ts";
import { compose, type Quorate } from "../../src/main.ts";
import { openPeopleLog } from "../../src/people/people-log.ts";
import { readPolicy } from "../../src/policy-folder/read-policy.ts";
import type { ChatPlatform, Store } from "../../src/ports.ts";
import { openStore } from "../../src/store/open-store.ts";
import { chatPolicies } from "../../test/scenarios/chat-policies.ts";
import { freePort } from "../../test/support/free-port.ts";
import { type PlatformProcess, startPlatform } from "./platform.ts";
import type { SlowChains } from "./slow-chain.ts";
import { type Installed, platformOf, userOn, type Way } from "./ways.ts";

export interface Bot {
  platform: PlatformProcess;
  quorate: Quorate;
  policy: Policy;
  store: Store;
  slow: SlowChains;
  /** Commands and clicks that came through to the program. */
  heard(): number;
  /** Of those, the ones that are not answered yet. */
  unanswered(): number;
  propose(): Promise<Outcome>;
  stop(): Promise<void>;
}

/** What all bots of a run have in common. */
export interface Setting {
  world: World;
  slow: SlowChains;
}

/** Connected, with nothing in its log. */
export async function startBot({ world, slow }: Setting, way: Way): Promise<Bot> {
  const platform = startPlatform();
  const installed = await platform.ask("install", { platform: platformOf(way) });
  const policies = await policiesOf(installed, way);
  const files = await readPolicy(policies.folder);
  const dataDir = await mkdtemp(join(tmpdir(), "quorate-bench-"));
  const store = await openStore({ dataDir });
  const people = await openPeopleLog(store, files);
  const { policy } = people;
  const environment = await environmentOf(installed, way);
  const clock = world.time;
  // A rate limit is a fault to an adapter, and here it is asked for; what matters shows in the figures.
  const onFault = () => undefined;
  const builds = openBuilds(join(policies.folder, "builds"));
  const platforms: ChatPlatform[] = [];
  const chat = await openChatPlatforms({ environment, policy, store, clock, onFault });
  platforms.push(...chat.adapters);
  const quorate = compose({ policy, people, store, chains: slow.chains, builds, clock, platforms, onFault });
  let heard = 0;
  let unanswered = 0;
  const dispatch: Quorate["dispatch"] = async (invocation, progress) => {
    heard += 1;
    unanswered += 1;
    return quorate.dispatch(invocation, progress).finally(() => {
      unanswered -= 1;
    });
  };
  await chat.start({ ...quorate, dispatch });
  if (way === "slackHttp")
    await platform.ask("deliverTo", { url: `http://127.0.0.1:${environment.port}/slack/events` });
  let proposed = 0;
  return {
    ...{ platform, quorate, policy, store, slow },
    heard: () => heard,
    unanswered: () => unanswered,
    propose() {
      proposed += 1;
      const by: Actor = { person: "ada", account: "console:ada", delivery: `bench-${proposed}` };
      return quorate.services.propose(by, {
        ...{ kind: "target", target: "harbour", release: "2.0.0", implementations: {}, lane: "routine" },
        ...{ title: `Upgrade ${proposed}`, rationale: "It is measured." },
      });
    },
    async stop() {
      slow.delay(0);
      await chat.stop();
      await quorate.stop();
      await store.close();
      await platform.stop();
      await Promise.all([policies.remove(), rm(dataDir, { recursive: true, force: true })]);
    },
  };
}

async function policiesOf({ home, upgrades, breaches }: Installed, way: Way) {
  const platform = platformOf(way);
  const policies = await chatPolicies({
    slack: { channel: upgrades, user: userOn.slack, team: platform === "slack" ? home : "T0NOWHERE" },
    discord: { channel: upgrades, user: userOn.discord, guild: platform === "discord" ? home : "100000000000000000" },
  });
  const channels = { upgrades, breaches };
  const lines = Object.entries(channels).map(([name, id]) => `${name}: ["console:${name}", "${platform}:${id}"]\n`);
  await writeFile(join(policies.folder, "channels.yaml"), lines.join(""));
  return policies;
}

/** Slack comes over Socket Mode, or over HTTP to a port that was free a moment ago. */
async function environmentOf({ environment }: Installed, way: Way) {
  const { SLACK_SIGNING_SECRET, ...rest } = environment;
  if (way !== "slackHttp" || SLACK_SIGNING_SECRET === undefined) return readEnvironment(rest);
  return readEnvironment({ ...environment, PORT: String(await freePort()) });
}
