/** `quorate catalogue` beside nothing that is measured: the contract that judges, for anybody to send. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { openStore } from "../../src/store/open-store.ts";
import { quorate } from "./run-quorate.ts";

const dataDir = mkdtempSync(join(tmpdir(), "quorate-catalogue-"));
let world: StartedWorld;
beforeAll(async () => {
  world = await startWorld();
  await (await openStore({ dataDir })).close();
});
afterAll(async () => {
  await world.stop();
  rmSync(dataDir, { recursive: true });
});

const asked = (...words: string[]) => quorate(["catalogue", ...words], { RPC_31337: world.url, QUORATE_DATA: dataDir });

test("says what is there and prints what is not, as text and as JSON", async () => {
  const text = await asked("--chain-id", "31337");
  expect(text).toMatchObject({ code: 0, stderr: "" });
  expect(text.stdout).toMatch(
    /^Nothing is measured on eip155:31337 now, so only the contract that judges is named\.\nIt is not looked for there: chains\.yaml does not say deployedCatalogues: true for eip155:31337\.\n1 of 1 contracts are missing\. Anybody may send these, .* to 0x4e59b44847b379578588920cA78FbF26c0B4956C:\nEvaluator at 0x\w{40}: missing\n0x0{64}[0-9a-f]+\n$/,
  );
  const { stdout } = await asked("--chain-id", "31337", "--json");
  const { transactions, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual({ chain: "eip155:31337", deployedCatalogues: false, metrics: [], bytes: 0 });
  expect(transactions).toHaveLength(1);
  expect(text.stdout).toContain(transactions[0].data);
});

test("refuses what is no chain, and one that is not configured, with exit code 2", async () => {
  expect(await asked("--chain-id", "mainnet")).toMatchObject({
    code: 2,
    stderr: "mainnet is not the number of a chain.\n",
  });
  expect(await asked("--chain-id", "10")).toMatchObject({ code: 2, stderr: expect.stringMatching(/RPC_10/) });
});
