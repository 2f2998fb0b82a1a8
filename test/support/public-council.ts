/** A council whose program serves its public pages too, put together as for an operator who sets PUBLIC_URL. */

import { openChatPlatforms } from "../../src/chat-platforms.ts";
import { startCouncil, type TestCouncil } from "./embedded.ts";
import { freePort } from "./free-port.ts";

export interface PublicCouncil extends TestCouncil {
  /** Where the pages are, such as `http://127.0.0.1:4663`. */
  publicUrl: string;
}

export async function startPublicCouncil(): Promise<PublicCouncil> {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const council = await startCouncil({ signingPage: `${publicUrl}/sign` });
  const { policy, store, world } = council;
  const chat = await openChatPlatforms({
    environment: { slack: undefined, discord: undefined, publicUrl, port },
    ...{ policy, store, clock: world.time },
    onFault: (where, fault) => void council.faults.push({ where, fault }),
  });
  await chat.start(council.quorate);
  return {
    ...council,
    publicUrl,
    async stop() {
      await chat.stop();
      await council.stop();
    },
  };
}
