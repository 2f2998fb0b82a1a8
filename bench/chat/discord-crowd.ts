/** The council in a loopback Discord. */

import { personNames } from "../../src/embedded/people.ts";
import { startDiscord } from "../../test/support/discord/discord.ts";
import { type Crowd, optionsOf, personAt } from "./crowd.ts";
import { userOn } from "./ways.ts";

export async function discordCrowd(): Promise<Crowd> {
  const discord = await startDiscord();
  const { guildId, channelId } = discord;
  for (const name of personNames) {
    discord.addUser(name, { id: userOn.discord(name) });
    discord.addMember(guildId, userOn.discord(name), []);
  }
  const breaches = discord.addChannel(guildId, "breaches").id;
  const withButton = (label: string) =>
    discord.messages(channelId).find((one) => JSON.stringify(one.components).includes(`"label":"${label}"`));
  let limit: { hits: number } | undefined;
  return {
    installed: {
      environment: {
        DISCORD_BOT_TOKEN: discord.token,
        DISCORD_APPLICATION_ID: discord.applicationId,
        DISCORD_GUILD_ID: guildId,
        DISCORD_API_URL: discord.apiUrl,
      },
      ...{ home: guildId, upgrades: channelId, breaches },
    },
    get violations() {
      return discord.violations.map(({ request, problem }) => `${request}: ${problem}`);
    },
    deliverTo: () => undefined,
    card: () =>
      discord.until(
        () => discord.commands(guildId).length > 0 && withButton("Approve"),
        "the commands and the card",
        30_000,
      ),
    async act(deed, index) {
      const user = userOn.discord(personAt(index));
      const button = deed === "Show" || deed === "Approve";
      const message = button ? withButton(deed) : undefined;
      const from = performance.now();
      const { failed } =
        message === undefined
          ? await discord.slash(user, `upgrade ${deed}`, optionsOf(deed))
          : await discord.click(user, message, deed);
      return failed ? undefined : performance.now() - from;
    },
    limit(retryAfter) {
      const inChannel = ({ path }: { path: string }) => path.startsWith(`/channels/${channelId}/`);
      limit = discord.faults.next("* /channels/**", { kind: "429", retryAfter }, { times: Infinity, where: inChannel });
    },
    limited: () => limit?.hits ?? 0,
    arrival: (nth) =>
      discord.until(
        () =>
          discord.requests.filter(({ method, path }) => method === "POST" && path === `/channels/${breaches}/messages`)[
            nth - 1
          ]?.at,
        "the alarm to arrive",
        30_000,
      ),
  };
}
