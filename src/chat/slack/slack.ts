/** The Slack adapter: people's requests in, cards and private answers out, over Socket Mode or HTTP. It decides nothing. */

import type { RequestListener } from "node:http";
import { App } from "@slack/bolt";
import { channelOf } from "../../domain/policy.ts";
import { ChatFault } from "../../ports.ts";
import type { Adapter, AdapterParts, Council } from "../adapter.ts";
import { slash } from "../text-command.ts";
import { clientOptions, SlackApi } from "./api.ts";
import { Board } from "./board.ts";
import { Health } from "./health.ts";
import { HttpReceiver } from "./http-receiver.ts";
import { Pictures } from "./pictures.ts";
import { Presenter } from "./presenter.ts";
import { Profiles } from "./profiles.ts";
import { quietLogger } from "./quiet-logger.ts";
import { Requests } from "./requests.ts";
import { Senders } from "./senders.ts";
import { SignIn } from "./sign-in.ts";
import { SocketConnection } from "./socket-connection.ts";

export interface SlackConfig {
  /** `xoxb-…` */
  botToken: string;
  /** `xapp-…`: Socket Mode. Without it Slack calls over HTTP. */
  appToken?: string;
  /** Of the app; for HTTP. */
  signingSecret?: string;
  /** SLACK_API_URL, with or without a slash at its end. */
  apiUrl?: string;
  /** Teams that the app may be installed in. */
  teamIds: string[];
}

export interface SlackAdapter extends Adapter {
  /** HTTP mode: to be mounted at /slack/events of the program's own server; undefined in Socket Mode. */
  listener: RequestListener | undefined;
}

/** Throws a sentence where there is neither a token for Socket Mode nor a secret for HTTP. */
export function createSlack(config: SlackConfig, parts: AdapterParts): SlackAdapter {
  const { botToken, apiUrl, teamIds } = config;
  const health = new Health(parts.clock, ["sign-in", ...(config.appToken === undefined ? [] : ["connection"])]);
  const api = new SlackApi(botToken, apiUrl, health);
  const signIn = new SignIn(api, health, teamIds);
  const profiles = new Profiles(api, parts.clock);
  const pictures = new Pictures(api, (picture) => parts.png(picture), parts.onFault);
  const presenter = new Presenter(parts, pictures, signIn, teamIds);
  const senders = new Senders(parts.policy, teamIds, profiles, signIn);
  const board = new Board({ adapter: parts, api, health, signIn, presenter });
  const { onFault } = parts;
  let council: Council | undefined;
  const theCouncil = () => {
    if (council === undefined) throw new ChatFault("Slack was heard before the program was ready.");
    return council;
  };
  const requests = new Requests({
    adapter: parts,
    api,
    presenter,
    apiUrl,
    onFault,
    senders,
    profiles,
    council: theCouncil,
  });
  const way = wayIn(config, parts, health, signIn);
  listen(config, way.receiver, requests, onFault);

  return {
    name: "slack",
    listener: way.listener,
    show: (card) => board.show(card),
    health: () => health.read(),
    start: async (given) => {
      if (channelOf(parts.policy, "upgrades", "slack") === undefined)
        throw new Error("channels.yaml names no Slack channel for upgrades: add one, such as slack:C024BE91L.");
      council = given;
      await signIn.start();
      await way.start();
    },
    stop: async () => {
      signIn.stop();
      await way.stop();
    },
  };
}

interface WayIn {
  receiver: HttpReceiver | SocketConnection["receiver"];
  listener: RequestListener | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
}

function wayIn(config: SlackConfig, parts: AdapterParts, health: Health, signIn: SignIn): WayIn {
  const { appToken, signingSecret, apiUrl } = config;
  const { clock, onFault } = parts;
  if (appToken !== undefined) {
    const onApp = (app: string) => {
      signIn.app = app;
    };
    const socket = new SocketConnection({ appToken, apiUrl, health, onFault, onApp });
    return { receiver: socket.receiver, listener: undefined, start: () => socket.start(), stop: () => socket.stop() };
  }
  if (signingSecret === undefined)
    throw new Error("Slack needs SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP.");
  const receiver = new HttpReceiver(signingSecret, clock, onFault);
  return { receiver, listener: receiver.listener, start: () => receiver.start(), stop: () => receiver.stop() };
}

/** Commands, buttons, forms and Home; no message event, because text in a channel is never an instruction. */
function listen(
  { botToken, apiUrl }: SlackConfig,
  receiver: WayIn["receiver"],
  requests: Requests,
  onFault: AdapterParts["onFault"],
): void {
  const app = new App({
    receiver,
    // Answered from what is known: bolt would ask Slack before every acknowledgement.
    authorize: async () => ({ botToken }),
    clientOptions: clientOptions(apiUrl),
    logger: quietLogger,
    convoStore: false,
    ignoreSelf: false,
  });
  app.command(slash, ({ body, ack }) => requests.command(body, () => ack()));
  app.action({ type: "block_actions" }, ({ body, ack }) => requests.click(body, () => ack()));
  app.view({ type: "view_submission" }, ({ body, ack }) =>
    requests.form(body, (answer) => (answer ? ack(answer) : ack())),
  );
  app.event("app_home_opened", ({ body }) => requests.home(body));
  app.event("user_change", ({ body }) => requests.accountChanged(body));
  app.error(async (fault) => onFault("slack", fault));
}
