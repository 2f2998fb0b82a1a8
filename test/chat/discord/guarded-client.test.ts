import { expect, it } from "vitest";
import { guardedClient } from "../../../src/chat/discord/guarded-client.ts";

/** What discord.js keeps until it is ready is handled on a later tick, where nothing else would catch it. */
interface Queueing {
  status: number;
  packetQueue: unknown[];
  handlePacket(packet: unknown, shard: unknown): boolean;
}

it("throws nothing out of what was kept until the client was ready", async () => {
  const faults: unknown[] = [];
  const config = { token: "t", applicationId: "1", guildId: "2" };
  const { client } = guardedClient(config, (fault) => faults.push(fault));
  const ws = client.ws as unknown as Queueing;
  ws.handlePacket({ t: "INTERACTION_CREATE", d: null }, {});
  expect(ws.packetQueue).toHaveLength(1);
  ws.status = 0;
  ws.handlePacket(undefined, {});
  await new Promise((resolve) => setImmediate(resolve));
  expect(faults).toHaveLength(1);
  await client.destroy();
});
