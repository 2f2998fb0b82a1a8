/** The buttons of UP-1's card, as they are shown and as somebody who forges them sends them. */

import type { Message as DiscordMessage } from "../../support/discord/world.ts";
import { records, type Message as SlackMessage } from "../../support/slack/model.ts";
import type { Anybody } from "./council.ts";
import type { Deed } from "./evidence.ts";
import type { Program } from "./program.ts";

export interface CardButtons {
  /** What the button that says Approve carries. */
  token(): string;
  actionId(): string;
  /** Presses Approve; where `token` is given, the card's first button, which carries that instead. */
  press(by: Anybody, token?: string): Deed;
}

export function inSlack(program: Program): CardButtons {
  const { slack, places } = program;
  const approve = () => named(buttonsOf(card()), "Approve");
  const card = () => present(slack.messages(places.slack.channel).find((one) => one.threadTs === undefined));
  return {
    token: () => approve().value,
    actionId: () => approve().action_id,
    press(by, token) {
      const user = places.slack.user(by);
      const [first] = buttonsOf(card());
      if (token === undefined || first === undefined)
        return { room: "slack", by, act: () => slack.click(user, card().ts, "Approve") };
      const { action_id } = first;
      const actions = [{ type: "button", action_id, block_id: "b", value: token, action_ts: crypto.randomUUID() }];
      return { room: "slack", by, act: () => slack.click(user, card().ts, action_id, { overrides: { actions } }) };
    },
  };
}

export function inDiscord(program: Program): CardButtons {
  const { discord, places } = program;
  const shown = ({ ephemeralFor, components }: DiscordMessage) => ephemeralFor === undefined && components.length > 0;
  const card = () => present(discord.messages().find(shown));
  const token = () => {
    const rows = card().components as { components: { label: string; custom_id: string }[] }[];
    return present(rows.flatMap((one) => one.components).find((one) => one.label === "Approve")).custom_id;
  };
  return {
    token,
    actionId: token,
    press: (by, given) => ({
      room: "discord",
      by,
      act: () => discord.click(places.discord.user(by), card(), given ?? "Approve", { forged: given !== undefined }),
    }),
  };
}

interface SlackButton {
  value: string;
  action_id: string;
  label: string;
}

export function buttonsOf({ blocks }: Pick<SlackMessage, "blocks">): SlackButton[] {
  const elements = blocks.flatMap((one) => (one.type === "actions" ? records(one.elements) : []));
  return elements.map(({ value, action_id, text }) => ({
    value: `${value}`,
    action_id: `${action_id}`,
    label: `${records([text])[0]?.text}`,
  }));
}

export function named(buttons: readonly SlackButton[], label: string): SlackButton {
  return present(buttons.find((one) => one.label === label));
}

function present<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error("The card is not as the case expects it.");
  return thing;
}
