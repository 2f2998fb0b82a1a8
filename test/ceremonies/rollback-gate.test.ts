/** What policy has hold before an upgrade and before its rollback is read from the chain at that moment. */

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeFunctionData, parseAbi } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Address } from "../../src/domain/primitives.ts";
import { keylessAccount } from "../../src/embedded/people.ts";
import { actAs } from "../embedded/act.ts";
import { sentence, startCouncil, type TestCouncil, walk } from "../support/embedded.ts";

let policies: string;
let council: TestCouncil;
beforeAll(async () => {
  policies = await mkdtemp(join(tmpdir(), "quorate-stages-"));
  await cp(join(import.meta.dirname, "../../policies"), policies, { recursive: true });
  const file = join(policies, "invariants/harbour.yaml");
  const text = await readFile(file, "utf8");
  const staged = text.replace("  - id: pilot-owner\n", "  - id: pilot-owner\n    stage: [pre, live, rollback-gate]\n");
  expect(staged).not.toBe(text);
  await writeFile(file, staged);
  council = await startCouncil({ policies });
  await walk(council, "canary");
});
afterAll(async () => {
  await council?.stop();
  await rm(policies, { recursive: true, force: true });
});

const abi = parseAbi(["function transferOwnership(address owner)"]);

/** The pilot's beacon is handed over, past the program. */
async function beaconBelongsTo(owner: Address, from: Address): Promise<void> {
  const data = encodeFunctionData({ abi, args: [owner] });
  expect(await actAs(council.world, from, council.world.pilotBeacon, data)).toBe(true);
  await council.quorate.settle();
}

const rollBack = async () => sentence(await council.ask("eve", "rollback", { ceremony: "UP-1", reason: "It leaks." }));

test("the check said that it holds", async () => {
  const held = (await council.state()).check?.findings.find((one) => one.code === "invariants/held");
  expect(held?.message).toMatch(/^Before the upgrade these hold at block \d+: .*Pilot beacon belongs to the timelock/);
});

test("a rollback that the chain would refuse is not begun, and is once it holds again", async () => {
  const stranger = keylessAccount("whoever took the beacon");
  await beaconBelongsTo(stranger, council.world.timelock);
  expect(await rollBack()).toMatch(
    /^UP-1 is not rolled back, because policy has something hold before: Pilot beacon belongs to the timelock: no at block \d+, and must be yes\. Contain it meanwhile: \/upgrade contain UP-1\.$/,
  );
  expect((await council.state()).rollbackBy).toBeUndefined();
  await beaconBelongsTo(council.world.timelock, stranger);
  await rollBack();
  expect((await council.state()).rollbackBy).toMatchObject({ person: "eve" });
});
