/** The moments at which a life may end are certain ones: every write was made then, or was not. */

import { serializeTransaction, zeroAddress } from "viem";
import { expect, test } from "vitest";
import type { Chain, Chains, Store } from "../../src/ports.ts";
import { takeHold } from "./crash-hold.ts";
import { withCrashPoints } from "./crash-points.ts";

const raw = serializeTransaction({ type: "eip1559", chainId: 1, nonce: 3, to: zeroAddress });

test("while a transaction is on its way no other moment comes, and its own comes first", async () => {
  const sending = Promise.withResolvers<string>();
  const chain = { broadcast: () => sending.promise } as unknown as Chain;
  const store = { streams: async () => [], complete: async () => undefined } as unknown as Store;
  const chains: Chains = { ids: [], get: () => chain };
  const moments: string[] = [];
  const points = await withCrashPoints({ store, chains }, takeHold(), (point, moment) => {
    moments.push(`${moment} ${point.split(" ")[0]}`);
  });
  const sent = points.chains.get("eip155:1").broadcast(raw);
  const completed = points.store.complete(1, 0n);
  await new Promise(setImmediate);
  expect(moments).toEqual(["before broadcast"]);
  sending.resolve("0x");
  await Promise.all([sent, completed]);
  expect(moments).toEqual(["before broadcast", "after broadcast", "before complete", "after complete"]);
});
