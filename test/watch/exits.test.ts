/** Exit readiness on a real council: each way of breaking a way out is done by a real transaction, and told in that block. */

import { type AbiFunction, encodeFunctionData, parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCeremonyPages } from "../../src/ceremony-pages.ts";
import { transactionById } from "../../src/domain/ceremony.ts";
import type { ExitReading } from "../../src/domain/exits/judge.ts";
import { exitLine, whoInWords } from "../../src/domain/exits/words.ts";
import { type Address, type Hex, zeroAddress } from "../../src/domain/primitives.ts";
import { callTx, execTransactionData, packSignatures } from "../../src/domain/safe-signatures.ts";
import { safeTypedData } from "../../src/domain/safe-tx.ts";
import { operationId } from "../../src/domain/timelock.ts";
import { rollbackBatch } from "../../src/domain/transactions.ts";
import { embeddedPeople, keylessAccount } from "../../src/embedded/people.ts";
import { actAs } from "../embedded/act.ts";
import { startCouncil, type TestCouncil, walk, wholeText } from "../support/embedded.ts";
import { expectHouseStyle } from "../support/house-style.ts";
import { part } from "../web/ceremony-page/reading.ts";

const abi = parseAbi([
  "function removeOwner(address prevOwner, address owner, uint256 threshold)",
  "function addOwnerWithThreshold(address owner, uint256 threshold)",
  "function changeThreshold(uint256 threshold)",
  "function setGuard(address guard)",
  "function enableModule(address module)",
  "function getOwners() view returns (address[])",
  "function grantRole(bytes32 role, address account)",
  "function revokeRole(bytes32 role, address account)",
  "function EXECUTOR_ROLE() view returns (bytes32)",
  "function setPauser(address pauser)",
  "function cancel(bytes32 id)",
]);
type Name = Extract<(typeof abi)[number], AbiFunction>["name"];
const call = (functionName: Name, ...args: unknown[]): Hex =>
  encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData>[0]);

let council: TestCouncil;
/** What was seen before anything was signed. */
let unsigned: { found: Map<string, ExitReading>; called: string[] };
beforeAll(async () => {
  council = await startCouncil();
  await walk(council, "approved");
  unsigned = { found: await readings(), called: alerts() };
  await council.as("finn", "sign");
  await walk(council, "canary", "approved");
}, 240_000);
afterAll(() => council.stop());

async function readings(): Promise<Map<string, ExitReading>> {
  await council.quorate.settle();
  const found = await council.quorate.services.exits(await council.state());
  return new Map(found.map((one) => [one.exit.id, one]));
}

/** As the newest block shows it: never as an earlier one did. */
async function exit(id: string): Promise<ExitReading> {
  const one = (await readings()).get(id);
  if (one === undefined) throw new Error(`There is no exit ${id}.`);
  expect(one.block.number).toBe((await council.chains.get(one.exit.chain).head()).number);
  for (const { sentence } of one.reasons) expectHouseStyle(sentence);
  return one;
}

const told = ({ verdict, reasons }: ExitReading) => [verdict, ...reasons.map((one) => one.sentence)];

async function does(from: Address, to: Address, data: Hex): Promise<void> {
  expect(await actAs(council.world, from, to, data)).toBe(true);
}

const alerts = () =>
  council.quorate.alerts
    .setting()
    .state.alerts.filter((one) => one.metric.startsWith("exit-"))
    .map(({ metric, severity, condition }) => `${metric} SEV${severity} ${condition}`);

const pause = "containment/pause-pilot";
const caro = embeddedPeople.caro.address;

test("before it is scheduled everything is being prepared, and nobody is called for what was never whole", () => {
  const { found, called } = unsigned;
  expect([...found.values()].map((one) => `${one.exit.id} ${one.verdict}`)).toEqual([
    "containment/pause-pilot preparing",
    "containment/pause-vault preparing",
    "pilot/rollback preparing",
    "main/rollback preparing",
  ]);
  expect(found.get(pause)?.reasons.map((one) => one.sentence)).toEqual([
    "Missing for containment/pause-pilot: 2 signatures, which Caro, Dev, Finn or Gus could give.",
  ]);
  expect(called).toEqual([]);
});

test("while the canary runs all of it works, and who suffices is said in people", async () => {
  const found = await readings();
  expect([...found.values()].map((one) => [one.exit.id, ...told(one)])).toEqual([
    [pause, "ready"],
    ["containment/pause-vault", "ready"],
    ["pilot/rollback", "ready"],
    ["main/rollback", "armed"],
  ]);
  expect(found.get("main/rollback")?.notes).toEqual([expect.stringMatching(/^Tried out as if its upgrade had run/)]);
  const { policy } = council;
  const who = [...found.values()].map((one) => whoInWords(one, policy));
  expect(who[0]).toBe("any 1 of 4: Caro, Dev, Finn or Gus (3 to spare)");
  expect(who[2]).toBe("any 1 of 2: Eve or Gus (1 to spare)");
  const text = wholeText(await council.ask("ada", "exits"));
  expect(text).toContain("Every way out works: 4 of 4");
  expect(text).toMatch(/✓ Ready · Pause the pilot pool \(containment\/pause-pilot\) · any 1 of 4: .* · block \d+, /);
  expect(text).toMatch(/✓ In place · Roll main back .* It works as soon as its upgrade has run\./);
  expect(exitLine(found.get(pause) as ExitReading, policy, 0n)).toContain("It would work if it were sent now.");
});

test("an owner who signed is removed: as long as the others' signatures suffice it works, and with them", async () => {
  const { guardianSafe } = council.world;
  const owners = await ownersOf(guardianSafe);
  const before = owners[owners.indexOf(caro) - 1] ?? "0x0000000000000000000000000000000000000001";
  await does(guardianSafe, guardianSafe, call("removeOwner", before, caro, 2n));
  expect(told(await exit(pause))).toEqual(["ready"]);
  expect(alerts()).toEqual([]);
});

test("the threshold is raised beyond them: paged, acknowledged like any alert, recorded, and said when it is mended", async () => {
  const { guardianSafe } = council.world;
  await does(guardianSafe, guardianSafe, call("changeThreshold", 3n));
  const broken = await exit(pause);
  expect(told(broken)).toEqual([
    "broken",
    `Caro, who signed it, does not own the Safe ${guardianSafe} by ${caro} any more.`,
    `The Safe ${guardianSafe} takes 3 signatures now; it took 2 when it was prepared.`,
    "Missing for containment/pause-pilot: 1 signature, which Gus could give.",
  ]);
  expect(whoInWords(broken, council.policy)).toBe("only Gus (no spare)");
  expect(alerts()).toEqual(["exit-pause-pilot SEV1 firing", "exit-pause-vault SEV1 firing"]);
  const paged = council.shown.find(
    (card) => card.urgent && card.title.includes("No way out by containment/pause-pilot"),
  );
  expect(paged?.title).toMatch(/^SEV1 BREACH/);
  expect(wholeText(await council.ask("dev", "exits"))).toContain("2 of 4 ways out would not work now.");
  const { quorate, policy, store } = council;
  const page = await createCeremonyPages({ quorate, policy, store, clock: { now: () => broken.block.timestamp } }).html(
    "UP-1",
    "code",
    false,
  );
  expect(part(page ?? "", "exits")).toMatch(
    /Pause the pilot pool on eip155:31337 ✕ Does not work only Gus \(no spare\) Caro, who signed it, does not own .* block \d+, now/,
  );
  const alert =
    council.quorate.alerts.setting().state.alerts.find((one) => one.metric === "exit-pause-pilot")?.id ?? "";
  expect(wholeText(await council.ask("caro", "ack", { alert }))).toContain(alert);
  expect(await council.thread()).toContainEqual(expect.stringMatching(/^No way out by containment\/pause-pilot since/));

  await does(guardianSafe, guardianSafe, call("changeThreshold", 2n));
  expect(told(await exit(pause))).toEqual(["ready"]);
  expect(alerts()).toEqual(["exit-pause-pilot SEV1 cleared", "exit-pause-vault SEV1 cleared"]);
  expect(await council.thread()).toContainEqual(
    expect.stringMatching(/^The way out by containment\/pause-pilot works again, since block \d+\.$/),
  );
  const seen = (await council.history()).map((one) => one.type).filter((one) => one.startsWith("exit"));
  expect(seen).toEqual(["exitLost", "exitLost", "exitMended", "exitMended"]);
});

test("the pause is taken from the guardians, a guard is put before their Safe, and a module is only named", async () => {
  const { guardianSafe, pool, timelock } = { ...council.world, pool: targetOf(pause) };
  await does(timelock, pool, call("setPauser", timelock));
  const [verdict, ...why] = told(await exit(pause));
  expect([verdict, why.length]).toEqual(["broken", 1]);
  expect(why[0]).toMatch(/^The containment would revert: it gave the error 0x\w{8}, which is not known here\.$/);
  await does(timelock, pool, call("setPauser", guardianSafe));
  expect(told(await exit(pause))).toEqual(["ready"]);

  const guard = keylessAccount("a guard that lets nothing pass");
  await council.world.node.request(
    "anvil_setCode",
    guard,
    "0x60003560e01c6301ffc9a71460145760006000fd5b600160005260206000f3",
  );
  await does(guardianSafe, guardianSafe, call("setGuard", guard));
  expect(told(await exit(pause))).toEqual(["broken", `The Safe has the guard ${guard}, which does not let it pass.`]);
  await does(guardianSafe, guardianSafe, call("setGuard", zeroAddress));
  const module = keylessAccount("a module");
  await does(guardianSafe, guardianSafe, call("enableModule", module));
  const after = await exit(pause);
  expect(told(after)).toEqual(["ready"]);
  expect(after.notes).toEqual([
    `The Safe has the module ${module}, which policy does not know and which needs no signatures.`,
  ]);
});

test("executors lose their role one after the other, and the rollback with the last", async () => {
  const { timelock } = council.world;
  const role = (await council.chains.get(chainId).call(timelock, call("EXECUTOR_ROLE"))) as Hex;
  await does(timelock, timelock, call("revokeRole", role, embeddedPeople.eve.address));
  const left = await exit("pilot/rollback");
  expect(told(left)).toEqual(["ready"]);
  expect(whoInWords(left, council.policy)).toBe("only Gus (no spare)");
  await does(timelock, timelock, call("revokeRole", role, embeddedPeople.gus.address));
  expect(told(await exit("pilot/rollback"))).toEqual([
    "broken",
    "No wallet of Eve or Gus, who may run it, holds the timelock's EXECUTOR_ROLE.",
  ]);
  await does(timelock, timelock, call("grantRole", role, embeddedPeople.gus.address));
  expect(told(await exit("pilot/rollback"))).toEqual(["ready"]);
});

test("the code that the rollback goes back to is another", async () => {
  const state = await council.state();
  const [restored] = state.package.legs.find((one) => one.id === "pilot")?.rollback.restores ?? [];
  const account = restored?.implementation ?? zeroAddress;
  const { node } = council.world;
  const code = await node.request("eth_getCode", account, "latest");
  await node.request("anvil_setCode", account, "0x00");
  await council.advance(12n, 1);
  expect(told(await exit("pilot/rollback"))[1]).toBe(
    `The code at ${account}, which it goes back to, is not what it was.`,
  );
  await node.request("anvil_setCode", account, code);
  await council.advance(12n, 1);
  expect(told(await exit("pilot/rollback"))).toEqual(["ready"]);
});

test("what a guardian cancels in the timelock is no way out any more", async () => {
  const state = await council.state();
  const leg = state.package.legs.find((one) => one.id === "main");
  if (leg === undefined || state.review === undefined) throw new Error("There is no leg main.");
  const batch = rollbackBatch(state.package, leg, {
    packageHash: state.packageHash,
    auditHead: state.review.auditHead,
  });
  await does(council.world.guardianSafe, council.world.timelock, call("cancel", operationId(batch)));
  expect(told(await exit("main/rollback"))).toEqual([
    "broken",
    "Its operation was cancelled: it does not stand in the timelock any more.",
  ]);
  expect(told(await exit("pilot/rollback"))).toEqual(["ready"]);
});

test("another transaction takes the guardians' nonce, and is named; with its block taken out, the way out is back", async () => {
  const { guardianSafe, node } = council.world;
  const tx = transactionById(await council.state(), pause)?.tx;
  if (tx === undefined) throw new Error("There is no containment.");
  const other = callTx({ ...tx, to: guardianSafe, data: "0x" });
  const signatures = await Promise.all(
    (["finn", "gus"] as const).map(async (name) => {
      const account = privateKeyToAccount(embeddedPeople[name].privateKey);
      return { owner: account.address, signature: await account.signTypedData(safeTypedData(other)) };
    }),
  );
  const snapshot = await node.request("evm_snapshot");
  await does(keylessAccount("a stranger"), guardianSafe, execTransactionData(other, packSignatures(signatures)));
  const [verdict, why, ...more] = told(await exit(pause));
  expect([verdict, more]).toEqual(["broken", []]);
  const [, by] = /the transaction (0x\w{64}) took it/.exec(why ?? "") ?? [];
  expect(why).toMatch(/ is at nonce 1, and it was signed for nonce 0: the transaction 0x\w{64} took it\.$/);
  const receipt = (await node.request("eth_getTransactionReceipt", by)) as { to: string };
  expect(receipt.to.toLowerCase()).toBe(guardianSafe.toLowerCase());
  await node.request("evm_revert", snapshot);
  await council.advance(60n, 3);
  expect(told(await exit(pause))).toEqual(["ready"]);
});

test("the word is given: what was signed takes effect although one who signed owns the Safe no more, and is needed no more", async () => {
  await council.as("gus", "contain", { containment: "pause-pilot", reason: "To see that it works." });
  await council.quorate.settle();
  expect((await council.state()).status).toBe("contained");
  expect((await exit(pause)).verdict).toBe("over");
  expect((await exit("containment/pause-vault")).verdict).toBe("over");
  expect(told(await exit("pilot/rollback"))).toEqual(["ready"]);
});

test("the rollback's own end passes", async () => {
  await council.advance(90n * 86_400n, 2);
  expect(told(await exit("pilot/rollback"))[1]).toMatch(
    /^Its end has passed: it was to run until \w+ \d+ \w+ \d\d:\d\d UTC\.$/,
  );
});

const chainId = "eip155:31337";

async function ownersOf(safe: Address): Promise<Address[]> {
  return (await council.chains.get(chainId).safe(safe)).owners;
}

function targetOf(containment: string): Address {
  const [prepared] =
    council.policy.targets[0]?.containment.filter((one) => `containment/${one.id}` === containment) ?? [];
  return prepared?.call.to ?? zeroAddress;
}
