/** Discord: commands, buttons and forms in, cards and private answers out. It decides nothing. */

import type { Client } from "discord.js";
import { channelOf } from "../../domain/policy.ts";
import { ChatFault } from "../../ports.ts";
import type { Adapter, AdapterParts, Council } from "../adapter.ts";
import { buttonToken } from "../buttons.ts";
import { Board } from "./board.ts";
import { CallFault, codes, createCalls, hasCode } from "./calls.ts";
import { type DiscordConfig, type Pace, usualPace } from "./config.ts";
import type { Drawing } from "./drawn.ts";
import { Gateway } from "./gateway.ts";
import { Health } from "./health.ts";
import { Listener } from "./listener.ts";
import { Members } from "./members.ts";
import { register } from "./registration.ts";

export type { DiscordConfig } from "./config.ts";

/** Nothing is sent before {@link Adapter.start}. */
export function createDiscord(config: DiscordConfig, parts: AdapterParts, pace: Pace = usualPace): Adapter {
  const health = new Health(parts.clock);
  const onOutcome = health.called.bind(health);
  const cards = createCalls(config, { retries: 1, asBot: true, onOutcome });
  const urgent = createCalls(config, { retries: 1, asBot: true, onOutcome });
  const asked = createCalls(config, { retries: 1, asBot: true, onOutcome });
  const acks = createCalls(config, { retries: 0, asBot: false });
  const answers = createCalls(config, { retries: 1, asBot: false });
  const where = `discord:${config.guildId}`;
  const drawing: Drawing = {
    token: (row, step) => buttonToken(parts.secret, where, row, step),
    fullView: parts.fullView,
  };
  const board = new Board({ parts, guild: config.guildId, drawing, cards, urgent });
  const members = new Members(asked, config.guildId, parts.clock);
  let gateway: Gateway | undefined;
  let wasUp = false;
  let retry: NodeJS.Timeout | undefined;

  const registered = async () => {
    clearTimeout(retry);
    try {
      await register(asked, config, parts.commands);
      health.trouble("commands", undefined);
    } catch (fault) {
      parts.onFault("discord commands", fault);
      const reason = fault instanceof Error ? fault.message : "Something went wrong.";
      health.trouble("commands", `Discord does not offer /upgrade in the council's server. ${reason}`);
      if (gateway !== undefined) retry = setTimeout(() => void registered(), pace.refused);
    }
  };
  const ready = (client: Client) => {
    wasUp = true;
    const other = client.application !== null && client.application.id !== config.applicationId;
    health.trouble(
      "application",
      other ? "The bot's token belongs to another application than the one that is set." : undefined,
    );
    void registered();
  };

  return {
    name: "discord",
    async start(council: Council) {
      demandSetting(config, parts);
      const listener = new Listener({ config, parts, council, members, drawing, where, acks, answers });
      const onInteraction = listener.hear.bind(listener);
      gateway = new Gateway({ config, pace, health, onInteraction, onReady: ready, onFault: parts.onFault });
      await gateway.start();
    },
    async stop() {
      clearTimeout(retry);
      await gateway?.stop();
      gateway = undefined;
      for (const calls of [cards, urgent, asked, acks, answers]) calls.stop();
    },
    async show(card) {
      // An alarm goes out also where nothing but the connection for commands is missing.
      if (gateway === undefined || (!wasUp && !card.urgent))
        throw new ChatFault("Quorate is not connected to Discord.");
      try {
        await board.show(card);
        health.trouble("channel", undefined);
      } catch (fault) {
        if (fault instanceof CallFault && hasCode(fault, ...shut)) health.trouble("channel", fault.message);
        throw fault;
      }
    },
    health: () => health.now(),
  };
}

/** Nothing can be said in the channel until somebody at Discord sets it right. */
const shut = [codes.missingAccess, codes.missingPermissions, codes.unknownChannel];

/** Throws what no retry can mend. */
function demandSetting({ guildId }: DiscordConfig, { policy }: AdapterParts): void {
  if (!policy.workspaces.discord.some((one) => one.guild === guildId))
    throw new Error(
      `Policy lists no Discord guild ${guildId}: add it to workspaces.discord, or correct the guild id that is set.`,
    );
  if (channelOf(policy, "upgrades", "discord") === undefined)
    throw new Error("Policy names no Discord channel: add discord:CHANNEL to channels.upgrades.");
}
