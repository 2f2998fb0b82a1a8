/** The chat platforms that the environment configures: opened lazily, started once the program is put together. */

import type { RequestListener } from "node:http";
import { commands } from "../commands/index.ts";
import type { Adapter, AdapterParts } from "./chat/adapter.ts";
import type { Policy } from "./domain/policy.ts";
import type { Environment } from "./env.ts";
import type { Quorate } from "./main.ts";
import type { Clock, Store } from "./ports.ts";
import { suggestions } from "./suggestions.ts";
import type { LinkingParts } from "./web/linking-routes.ts";
import type { Web } from "./web/server.ts";
import type { SigningParts } from "./web/signing-routes.ts";
import { pageAddress } from "./web/view-link.ts";

export interface ChatPlatforms {
  adapters: Adapter[];
  /** Connects them to the council, and opens the web server where one is needed. */
  start(quorate: Quorate): Promise<void>;
  stop(): Promise<void>;
}

export interface ChatPlatformsParts {
  environment: Pick<Environment, "slack" | "discord" | "publicUrl" | "port"> & Partial<Pick<Environment, "host">>;
  policy: Policy;
  store: Store;
  clock: Clock;
  onFault(where: string, fault: unknown): void;
}

export async function openChatPlatforms(parts: ChatPlatformsParts): Promise<ChatPlatforms> {
  const { environment, policy, store, clock, onFault } = parts;
  const { slack, discord, publicUrl } = environment;
  const links = await store.secret("view links");
  const shared: AdapterParts = {
    ...{ policy, commands, store, clock, onFault },
    secret: await store.secret("buttons"),
    png: async (picture) => (await import("./charts/png.ts")).toPng(picture),
    fullView: (key) => (publicUrl === undefined ? undefined : pageAddress(links, publicUrl, key)),
  };
  const adapters: Adapter[] = [];
  let listener: RequestListener | undefined;
  if (slack !== undefined) {
    const { createSlack } = await import("./chat/slack/slack.ts");
    const adapter = createSlack(slack, shared);
    listener = adapter.listener;
    adapters.push(adapter);
  }
  if (discord !== undefined) {
    const { createDiscord } = await import("./chat/discord/discord.ts");
    adapters.push(createDiscord(discord, shared));
  }
  let web: Web | undefined;
  return {
    adapters,
    async start(quorate) {
      if (listener !== undefined || publicUrl !== undefined) {
        const { startWeb } = await import("./web/server.ts");
        const { createCeremonyPages } = await import("./ceremony-pages.ts");
        const { host, port } = environment;
        const pages = createCeremonyPages({ quorate, policy, store, clock });
        const signing = await signingOf(quorate, publicUrl, clock);
        const now = () => clock.now();
        const linking = linkingOf(quorate, publicUrl, clock);
        web = await startWeb({ host, port, secret: links, pages, now, signing, linking, slack: listener, onFault });
      }
      const suggest = (option: string) => suggestions(option, { policy, services: quorate.services, commands });
      await Promise.all(adapters.map((one) => one.start({ dispatch: quorate.dispatch, suggest })));
    },
    async stop() {
      await Promise.all([...adapters.map((one) => one.stop()), web?.stop()]);
    },
  };
}

function linkingOf({ people }: Quorate, publicUrl: string | undefined, clock: Clock): LinkingParts | undefined {
  if (publicUrl === undefined) return undefined;
  return {
    origin: new URL(publicUrl).origin,
    async prove(token, wallet, signature) {
      const outcome = await people.prove(token, wallet, signature);
      return outcome.ok ? { ok: true } : { ok: false, sentence: outcome.refusal.sentence };
    },
    now: () => clock.now(),
  };
}

/** Address of the signing page below a public address; undefined where there is none. */
export function signingPage(publicUrl: string | undefined): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/sign`;
}

async function signingOf(
  { desk, people }: Quorate,
  publicUrl: string | undefined,
  clock: Clock,
): Promise<SigningParts | undefined> {
  if (desk === undefined || publicUrl === undefined) return undefined;
  const { pageFile } = await import("./web/page-file.ts");
  return {
    page: await pageFile(),
    origin: new URL(publicUrl).origin,
    brief: async (token) => people.brief(token) ?? (await desk.brief(token)),
    ready: (token) => desk.ready(token),
    sent: (token, leg) => desk.sent(token, leg),
    async signature(token, safeTxHash, signature) {
      const outcome = await desk.signature(token, safeTxHash, signature);
      return outcome.ok ? { ok: true } : { ok: false, sentence: outcome.refusal.sentence };
    },
    now: () => clock.now(),
  };
}
