/** The adapter over a loopback Discord: a real discord.js, a real store, and a council that answers as told. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { commands } from "../../../commands/index.ts";
import { toPng } from "../../../src/charts/png.ts";
import type { Adapter, AdapterParts, Council } from "../../../src/chat/adapter.ts";
import { createDiscord } from "../../../src/chat/discord/discord.ts";
import type { Invocation } from "../../../src/command.ts";
import type { Policy } from "../../../src/domain/policy.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { notice, type View } from "../../../src/view.ts";
import { type DiscordOptions, type DiscordPlatform, startDiscord } from "../../support/discord/discord.ts";
import { samplePolicy } from "../../support/sample-policy.ts";
import { secret } from "./sample-views.ts";

type Progress = (text: string) => void;
type Answer = (invocation: Invocation, progress: Progress) => View | Promise<View>;

/** Tries to connect follow each other at once. */
export const quick = { first: 5, most: 40, refused: 20 };

export interface Setup {
  platform?: DiscordOptions;
  parts?: Partial<AdapterParts>;
  /** False: the adapter is there and not started. */
  started?: boolean;
  pace?: typeof quick;
  config?: { applicationId?: string; token?: string };
}

export interface OpenDiscord {
  discord: DiscordPlatform;
  adapter: Adapter;
  policy: Policy;
  parts: AdapterParts;
  council: Council;
  /** Ids of people with an account in policy, by name, and of one without. */
  people: { ada: string; ben: string; caro: string; stranger: string };
  breaches: string;
  role: string;
  /** What reached dispatch, oldest first. */
  invocations: Invocation[];
  faults: { where: string; fault: unknown }[];
  /** What the council answers from now on. */
  answer(next: Answer): void;
  suggest(next: Council["suggest"]): void;
  up(): Promise<void>;
  /** The program ends, crashed or not, and starts again with the same store. */
  restart(more?: Partial<AdapterParts>): Promise<Adapter>;
  /** What may have been said on purpose; everything else that Discord refused fails the test. */
  expectNoViolations(): void;
}

export async function openDiscord({
  platform,
  parts: more,
  started = true,
  pace = quick,
  config,
}: Setup = {}): Promise<OpenDiscord> {
  const discord = await startDiscord(platform);
  const folder = await mkdtemp(join(tmpdir(), "quorate-discord-"));
  const store = await openStore({ dataDir: folder });
  const adapters: Adapter[] = [];
  onTestFinished(async () => {
    for (const one of adapters) await one.stop();
    await discord.stop();
    await store.close();
    await rm(folder, { recursive: true });
    expect(discord.violations).toEqual([]);
  });
  const member = (name: string) => {
    const user = discord.addUser(name);
    discord.addMember(discord.guildId, user.id);
    return user.id;
  };
  const people = { ada: member("ada"), ben: member("ben"), caro: member("caro"), stranger: member("stranger") };
  const breaches = discord.addChannel(discord.guildId, "breaches").id;
  const role = discord.addRole(discord.guildId, "on-call", { mentionable: true }).id;
  const policy = policyOf(await samplePolicy(), {
    guild: discord.guildId,
    people,
    role,
    upgrades: discord.channelId,
    breaches,
  });
  const faults: OpenDiscord["faults"] = [];
  const invocations: Invocation[] = [];
  let answer: Answer = () => notice("good", "It is done.");
  let suggest: Council["suggest"] = async () => [];
  const parts: AdapterParts = {
    policy,
    commands,
    store,
    clock: { now: () => BigInt(Math.floor(discord.now() / 1000)) },
    secret,
    png: toPng,
    fullView: () => undefined,
    onFault: (where, fault) => void faults.push({ where, fault }),
    ...more,
  };
  const council: Council = {
    async dispatch(invocation, progress) {
      invocations.push(invocation);
      return answer(invocation, progress);
    },
    suggest: (option) => suggest(option),
  };
  const settings = { token: discord.token, applicationId: discord.applicationId, guildId: discord.guildId, ...config };
  const create = (changed: Partial<AdapterParts> = {}) => {
    const adapter = createDiscord({ ...settings, apiUrl: discord.apiUrl }, { ...parts, ...changed }, pace);
    adapters.push(adapter);
    return adapter;
  };
  const open: OpenDiscord = {
    ...{ discord, adapter: create(), policy, parts, council, people, breaches, role, invocations, faults },
    answer: (next) => {
      answer = next;
    },
    suggest: (next) => {
      suggest = next;
    },
    async up() {
      await until(
        () => open.adapter.health?.()?.state === "up",
        () => JSON.stringify(open.adapter.health?.(), asText),
      );
      await discord.until(() => discord.commands(discord.guildId).length === 1, "the command to be registered");
    },
    async restart(changed) {
      await open.adapter.stop();
      open.adapter = create(changed);
      await open.adapter.start(council);
      return open.adapter;
    },
    expectNoViolations: () => expect(discord.violations).toEqual([]),
  };
  if (started) {
    await open.adapter.start(council);
    await open.up();
  }
  return open;
}

const asText = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);

/** For what happens inside the adapter, of which the platform hears nothing. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: () => string,
  milliseconds = 20_000,
): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) expect.fail(`This did not come to be: ${what()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Places {
  guild: string;
  people: { ada: string; ben: string; caro: string };
  role: string;
  upgrades: string;
  breaches: string;
}

function policyOf(sample: Policy, { guild, people, role, upgrades, breaches }: Places): Policy {
  const accounts: Record<string, string> = people;
  return {
    ...sample,
    people: sample.people.map((one) => {
      const user = accounts[one.id];
      return user === undefined ? one : { ...one, accounts: [...one.accounts, `discord:${guild}:${user}`] };
    }),
    workspaces: { ...sample.workspaces, discord: [{ name: "Council", guild }] },
    channels: { upgrades: [`discord:${upgrades}`], breaches: [`discord:${breaches}`] },
    onCall: { ...sample.onCall, groups: { discord: role } },
  };
}
