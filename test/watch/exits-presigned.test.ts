/** A presigned rollback on a real council: what was signed is tried out by the Safe, and its execution as if it had waited. */

import { encodeFunctionData, parseAbi } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ExitReading } from "../../src/domain/exits/judge.ts";
import { whoInWords } from "../../src/domain/exits/words.ts";
import type { Hex } from "../../src/domain/primitives.ts";
import { actAs } from "../embedded/act.ts";
import { startCouncil, type TestCouncil, walk } from "../support/embedded.ts";
import { gasPolicies, wantGasKey } from "../support/gas-world.ts";

const abi = parseAbi([
  "function PROPOSER_ROLE() view returns (bytes32)",
  "function revokeRole(bytes32 role, address account)",
  "function grantRole(bytes32 role, address account)",
]);

let council: TestCouncil;
let policies: Awaited<ReturnType<typeof gasPolicies>>;
beforeAll(async () => {
  policies = await gasPolicies();
  council = await startCouncil({ policies: policies.folder });
  await wantGasKey(council);
  await walk(council, "signed");
  await council.as("ada", "schedule");
  await council.quorate.settle();
  await council.advance(172_900n);
  await council.as("eve", "execute", { by: "gas-key" });
  await council.quorate.settle();
}, 240_000);
afterAll(async () => {
  await council.stop();
  await policies.remove();
});

async function rollback(): Promise<ExitReading | undefined> {
  await council.quorate.settle();
  const found = await council.quorate.services.exits(await council.state());
  return found.find((one) => one.exit.id === "pilot/rollback");
}

test("works with the signatures that were given, for whoever may have the gas key send it", async () => {
  expect((await council.state()).status).toBe("canary");
  const one = await rollback();
  expect(one).toMatchObject({
    verdict: "ready",
    reasons: [],
    notes: [expect.stringMatching(/^Asked for now, it waits/)],
  });
  expect(one && whoInWords(one, council.policy)).toBe("any 1 of 2: Eve or Gus (1 to spare)");
});

test("breaks with the Safe's right to schedule", async () => {
  const { world } = council;
  const { timelock, councilSafe } = world;
  const role = encodeFunctionData({ abi, functionName: "PROPOSER_ROLE" });
  const proposer = (await council.chains.get("eip155:31337").call(timelock, role)) as Hex;
  const data = encodeFunctionData({ abi, functionName: "revokeRole", args: [proposer, councilSafe] });
  expect(await actAs(world, timelock, timelock, data)).toBe(true);
  expect(await rollback()).toMatchObject({
    verdict: "broken",
    reasons: [
      { code: "role", sentence: `A role or an owner is not what it was: ${councilSafe} does not hold PROPOSER_ROLE.` },
    ],
  });
});
