/** A port for a server that is started later, because its address has to be known before. */

import { once } from "node:events";
import { createServer } from "node:net";

/** Free on 127.0.0.1 a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port on 127.0.0.1.");
  return address.port;
}
