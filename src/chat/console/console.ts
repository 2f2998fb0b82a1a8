/** The console: a web chat on this machine that shows what a council sees. An adapter like Slack's: it decides nothing. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Card } from "../../view.ts";
import { ChannelClock } from "./clock.ts";
import type { ConsoleOptions } from "./options.ts";
import { bundlePage } from "./page-files.ts";
import { Room } from "./room.ts";
import { routes } from "./routes.ts";
import { Work } from "./work.ts";

export interface Console {
  /** Such as `http://127.0.0.1:4173`. */
  url: string;
  /** Posts a card into the channel or below another card; the same key again edits it, unless the one shown is newer. */
  show(card: Card): Promise<void>;
  stop(): Promise<void>;
}

/** Chain ids that Anvil and Hardhat use and that no public chain has: a signature made here holds nowhere else. */
const ownChains = ["eip155:31337", "eip155:31338"];
const secondsBetweenReads = 1;

/**
 * Starts the console on 127.0.0.1. Throws a sentence where the chain is not one of the program's own, because here
 * anybody at this machine can act as everybody, and where the port is taken.
 */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  if (!options.chain.startedByUs || !ownChains.includes(options.chain.id)) {
    throw new Error(
      `The console works only on a chain that this program started itself, and ${options.chain.id} is not one: ` +
        "in the console one visitor can act as everybody.",
    );
  }
  const clock = new ChannelClock(options.time);
  const room = new Room(() => clock.now(), options.pages?.path);
  const work = new Work(room, options.report ?? (() => undefined));
  const [files] = await Promise.all([bundlePage(), clock.refresh()]);
  let port = 0;
  const app = routes({ options, files, room, work, clock, port: () => port });
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new Error(`Port ${options.port} is in use: choose another.`) : error),
    );
    server.listen(options.port, "127.0.0.1", resolve);
  });
  port = (server.address() as AddressInfo).port;
  const stopFollowing = follow(clock, room);
  return {
    url: `http://127.0.0.1:${port}`,
    async show(card) {
      if (card.audience.kind !== "private") room.show(card);
    },
    async stop() {
      stopFollowing();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Reads the time every second while somebody looks. */
function follow(clock: ChannelClock, room: Room): () => void {
  let timer: NodeJS.Timeout;
  let stopped = false;
  const tick = async () => {
    if (room.watched && (await clock.refresh())) room.announce({ type: "clock", clock: clock.last });
    if (!stopped) timer = setTimeout(tick, secondsBetweenReads * 1000);
  };
  timer = setTimeout(tick, 0);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
