/** Real bolt apps against the loopback Slack: what these tests check it with. */

import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from "@slack/bolt";
import { WebClient, type WebClientOptions } from "@slack/web-api";
import type { SlackPlatform } from "./slack.ts";

const nothing = () => undefined;

/** The SDKs report every refusal that these tests provoke. */
const silent: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => LogLevel.ERROR,
  setName: nothing,
};

/** The real Web API client as the bot's token, without retries of its own. */
export function webClient(slack: SlackPlatform, options: WebClientOptions & { token?: string } = {}): WebClient {
  const { token = slack.botToken, ...rest } = options;
  return new WebClient(token, { slackApiUrl: slack.apiUrl, logger: silent, retryConfig: { retries: 0 }, ...rest });
}

export interface RunningApp {
  app: App;
  stop(): Promise<void>;
}

/** A bolt app on its own loopback port; `listen` registers its listeners before it starts. */
export async function httpApp(slack: SlackPlatform, listen: (app: App) => void): Promise<RunningApp> {
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, logger: silent });
  const app = new App({ receiver, ...clientOf(slack) });
  listen(app);
  await app.init();
  const server = await receiver.start({ port: 0, host: "127.0.0.1" });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The app has no port.");
  slack.deliverTo(`http://127.0.0.1:${address.port}/slack/events`);
  return { app, stop: async () => void (await app.stop()) };
}

/** A bolt app in Socket Mode that comes back 50 ms after a lost connection. */
export async function socketApp(slack: SlackPlatform, listen: (app: App) => void): Promise<RunningApp> {
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger: silent,
    clientPingTimeout: 50,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
  });
  const app = new App({ receiver, ...clientOf(slack) });
  listen(app);
  await app.init();
  await app.start();
  return { app, stop: async () => void (await app.stop()) };
}

function clientOf(slack: SlackPlatform) {
  return {
    token: slack.botToken,
    deferInitialization: true,
    logger: silent,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
  };
}
