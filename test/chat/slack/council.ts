/** The Slack adapter with a loopback Slack on one side and a scripted council on the other. */

import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect } from "vitest";
import { commands } from "../../../commands/index.ts";
import type { AdapterParts } from "../../../src/chat/adapter.ts";
import { createSlack, type SlackAdapter, type SlackConfig } from "../../../src/chat/slack/slack.ts";
import type { Invocation } from "../../../src/command.ts";
import type { Policy } from "../../../src/domain/policy.ts";
import { ChatFault } from "../../../src/ports.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { notice, type View } from "../../../src/view.ts";
import { samplePolicy } from "../../support/sample-policy.ts";
import { type SlackOptions, type SlackPlatform, startSlack } from "../../support/slack/slack.ts";

export const team = "T0COUNCIL";
export const partner = "T0PARTNER";
export const upgrades = "C0UPGRADES";
export const breaches = "C0BREACHES";

type Answer = View | ((invocation: Invocation, progress: (text: string) => void) => View | Promise<View>);

export interface Setting {
  slack: SlackPlatform;
  adapter: SlackAdapter;
  store: Awaited<ReturnType<typeof openStore>>;
  policy: Policy;
  /** What reached the council, in order. */
  asked: Invocation[];
  /** What was reported, as text. */
  faults: string[];
  /** The council's next answers to a command; without one it says "Done by the council.". */
  answers: Map<string, Answer>;
  /** Stops the adapter and starts another over the same Slack and store, as a restart does. */
  restart(change?: Partial<AdapterParts>): Promise<SlackAdapter>;
  stop(): Promise<void>;
}

export interface SettingOptions {
  mode?: "socket" | "http";
  slack?: SlackOptions;
  policy?: (policy: Policy) => Policy;
  parts?: Partial<AdapterParts>;
  config?: Partial<SlackConfig>;
  /** Before the adapter starts. */
  before?: (slack: SlackPlatform) => void;
}

export async function openSetting(options: SettingOptions = {}): Promise<Setting> {
  const slack = await startSlack(options.slack);
  populate(slack);
  options.before?.(slack);
  const folder = await mkdtemp(join(tmpdir(), "quorate-slack-"));
  const store = await openStore({ dataDir: folder });
  const policy = (options.policy ?? ((same) => same))(councilPolicy(await samplePolicy()));
  const asked: Invocation[] = [];
  const faults: string[] = [];
  const answers = new Map<string, Answer>();
  const clock = { now: () => BigInt(Math.floor(slack.clock.now() / 1000)) };
  const parts: AdapterParts = {
    policy,
    commands,
    store,
    clock,
    secret: new Uint8Array(32).fill(7),
    png: async () => new Uint8Array([137, 80, 78, 71]),
    fullView: () => undefined,
    onFault: (where, fault) => faults.push(`${where}: ${inspect(fault, { depth: Number.POSITIVE_INFINITY })}`),
    ...options.parts,
  };
  const council = {
    dispatch: async (invocation: Invocation, progress: (text: string) => void) => {
      asked.push(invocation);
      if (!(await store.firstTime(invocation.deliveryId, clock.now())))
        return notice("neutral", "This was received before.");
      const answer = answers.get(invocation.command) ?? notice("good", "Done by the council.");
      return typeof answer === "function" ? answer(invocation, progress) : answer;
    },
    suggest: async () => [],
  };
  const { botToken, appToken, signingSecret, apiUrl } = slack;
  const way = options.mode === "http" ? { signingSecret } : { appToken };
  const config: SlackConfig = { botToken, apiUrl, teamIds: [team], ...way, ...options.config };
  let adapter = createSlack(config, parts);
  const server = await serve(() => adapter);
  if (options.mode === "http") slack.deliverTo(server.url);
  const close = async () => {
    await adapter.stop();
    await slack.stop();
    await server.stop();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await adapter.start(council);
  } catch (fault) {
    await close();
    throw fault;
  }
  return {
    slack,
    get adapter() {
      return adapter;
    },
    store,
    policy,
    asked,
    faults,
    answers,
    restart: async (change = {}) => {
      await adapter.stop();
      adapter = createSlack(config, { ...parts, ...change });
      await adapter.start(council);
      return adapter;
    },
    stop: async () => {
      await close();
      expect(slack.violations).toEqual([]);
      for (const secret of [botToken, appToken, signingSecret]) expect(faults.join("\n")).not.toContain(secret);
    },
  };
}

/** People of the sample council, and everybody who is not one of them. */
function populate(slack: SlackPlatform): void {
  for (const name of ["ada", "ben", "caro", "finn"]) slack.addUser({ id: `U${name.toUpperCase()}`, team, name });
  slack.addUser({ id: "UNOBODY", team, name: "nobody" });
  slack.addTeam({ id: partner });
  slack.addTeam({ id: "T0STRANGE" });
  for (const [id, from] of [
    ["ULINKED", partner],
    ["UUNLINKED", partner],
    ["USTRANGE", "T0STRANGE"],
  ] as const)
    slack.addUser({ id, team: from, name: id.toLowerCase(), stranger: true });
  const members = ["UADA", "UBEN", "UCARO", "UFINN", "UNOBODY", "ULINKED", "UUNLINKED", "USTRANGE"];
  slack.addChannel({ id: upgrades, name: "upgrades", members });
  slack.addChannel({ id: breaches, name: "breaches", members });
  slack.addChannel({ id: "C0ELSEWHERE", name: "elsewhere", members, invited: false });
}

function councilPolicy(policy: Policy): Policy {
  const linked = `slack:${partner}:ULINKED`;
  const accounts: Record<string, string[]> = {
    ada: [`slack:${team}:UADA`],
    ben: [`slack:${team}:UBEN`],
    caro: [`slack:${team}:UCARO`],
    dev: [linked, `slack:${partner}:UUNLINKED`],
    finn: [`slack:${team}:UFINN`],
  };
  return {
    ...policy,
    people: policy.people.map((one) => ({
      ...one,
      accounts: [...one.accounts, ...(accounts[one.id] ?? [])],
      links:
        one.id === "dev"
          ? [{ account: linked, message: "verified by the policy reader", signature: "0x" as const }]
          : [],
    })),
    workspaces: {
      ...policy.workspaces,
      slack: [
        { name: "Council", team, external: false },
        { name: "Partner", team: partner, external: true },
      ],
    },
    channels: { upgrades: [`slack:${upgrades}`], breaches: [`slack:${breaches}`] },
    onCall: { ...policy.onCall, groups: { slack: "S0ONCALL" } },
  };
}

/** A server that hands everything to the adapter's listener. */
async function serve(adapter: () => SlackAdapter): Promise<{ url: string; stop(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const { listener } = adapter();
    if (listener === undefined) response.writeHead(404).end();
    else listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Every text in a message or view, one a line. */
export function wordsOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return "";
  const own = "text" in value && typeof value.text === "string" ? [value.text] : [];
  return [...own, ...Object.values(value).map(wordsOf)].filter((one) => one !== "").join("\n");
}

/** What a card was refused with. */
export async function faultOf(work: Promise<unknown>): Promise<ChatFault> {
  const fault = await work.then(
    () => undefined,
    (rejected: unknown) => rejected,
  );
  if (fault instanceof ChatFault) return fault;
  throw new Error(`There was no ChatFault but ${String(fault)}.`);
}
