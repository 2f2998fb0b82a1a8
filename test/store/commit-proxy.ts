/** A TCP proxy before Postgres that loses one COMMIT in the ways a network can. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/**
 * "before": it never arrives. "after": only its reply is lost. "late": it arrives while the retry is under way.
 * "silent": it never arrives, and nobody hangs up.
 */
export type Loss = "before" | "after" | "late" | "silent";

export interface CommitProxy {
  port: number;
  /** The next COMMIT is lost so; `meanwhile` is done after the server gave it up and before the client hears of it. */
  arm(loss: Loss, meanwhile?: () => Promise<void>): void;
  /** How many were lost. */
  lost(): number;
  close(): void;
}

export async function startCommitProxy(postgresPort: number): Promise<CommitProxy> {
  let armed: { loss: Loss; meanwhile: (() => Promise<void>) | undefined } | undefined;
  let lost = 0;
  let late: (() => void) | undefined;
  const sockets = new Set<Socket>();

  function handle(client: Socket): void {
    const upstream = connect(postgresPort, "127.0.0.1");
    let answered = (reply: Buffer) => void client.write(reply);
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => socket.destroy()).setNoDelay());
    upstream.on("data", (reply: Buffer) => answered(reply)).on("close", () => givenUp || client.destroy());
    let givenUp = false;
    let abandoned = false;
    client.on("close", () => abandoned || upstream.destroy());
    client.on("data", (request: Buffer) => {
      if (!request.includes("commit\0") || armed === undefined) {
        upstream.write(request);
        // The retry's write goes ahead first, and then waits in the server for the late transaction.
        if (late && /(insert into|update) "heads"/.test(request.toString("latin1"))) late();
        return;
      }
      const { loss, meanwhile } = armed;
      armed = undefined;
      lost += 1;
      abandoned = loss === "late";
      answered = () => void (loss === "late" ? upstream.destroy() : client.destroy());
      if (loss === "silent") return;
      if (loss === "after") upstream.write(request);
      else if (meanwhile) {
        givenUp = true;
        upstream.destroy();
        void meanwhile().finally(() => client.destroy());
      } else client.destroy();
      if (loss === "late")
        late = () => {
          late = undefined;
          upstream.write(request);
        };
    });
  }

  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port for the proxy.");
  return {
    port: address.port,
    arm: (loss, meanwhile) => {
      armed = { loss, meanwhile };
    },
    lost: () => lost,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
