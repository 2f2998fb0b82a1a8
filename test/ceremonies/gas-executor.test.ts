/** A council whose gas key executes, from the proposal to the last used-up nonce, on a real chain: and a thief of that key. */

import { decodeErrorResult, parseAbi } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { transactionById } from "../../src/domain/ceremony.ts";
import type { Hex } from "../../src/domain/primitives.ts";
import { legById } from "../../src/domain/release-package.ts";
import { cancelData, executeBatchData, type TimelockBatch } from "../../src/domain/timelock.ts";
import { rollbackBatch, upgradeBatch } from "../../src/domain/transactions.ts";
import { stillExecutable } from "../../src/domain/why.ts";
import { embeddedGasAccount, keylessAccount } from "../../src/embedded/people.ts";
import type { Chain, Chains } from "../../src/ports.ts";
import { actAs } from "../embedded/act.ts";
import { sentence, startCouncil, type TestCouncil, walk, wholeText } from "../support/embedded.ts";
import { gasPolicies, letGasKeyExecute } from "../support/gas-world.ts";
import { signedCall } from "../support/signed-call.ts";

let policies: Awaited<ReturnType<typeof gasPolicies>>;
let council: TestCouncil;
beforeAll(async () => {
  policies = await gasPolicies();
  council = await startCouncil({ policies: policies.folder });
});
afterAll(async () => {
  await council?.stop();
  await policies?.remove();
});

const chainId = "eip155:31337";
const reads = async (...asked: Parameters<TestCouncil["as"]>) => sentence(await council.as(...asked));
const DELAY = 172_900n;

async function standing(ceremony = "UP-1"): Promise<Record<string, string>> {
  const state = await council.state(ceremony);
  const all = (state.review?.transactions ?? []).filter((one) => one.operationId !== undefined);
  const states = await Promise.all(
    all.map(async (one) => {
      const operation = await council.chains.get(chainId).operation(council.world.timelock, one.operationId ?? "0x");
      return [one.id, operation.state] as const;
    }),
  );
  return Object.fromEntries(states);
}

async function batchOf(leg: string, purpose: "upgrade" | "rollback"): Promise<TimelockBatch> {
  const { package: pkg, packageHash, review } = await council.state();
  const anchor = { packageHash, auditHead: review?.auditHead ?? "0x" };
  return (purpose === "upgrade" ? upgradeBatch : rollbackBatch)(pkg, legById(pkg, leg), anchor);
}

const errors = parseAbi([
  "error TimelockUnexpectedOperationState(bytes32 id, bytes32 expected)",
  "error TimelockUnexecutedPredecessor(bytes32 id)",
  "error TooLate(uint256 time, uint256 now)",
]);

/** What the chain answers to whoever holds the gas key; `time`: as if in a block of then. "" where it would go through. */
async function thief(batch: TimelockBatch, time?: bigint): Promise<string> {
  const call = { from: embeddedGasAccount.address, to: council.world.timelock, data: executeBatchData(batch) };
  const at = time === undefined ? [] : [{}, { time: `0x${time.toString(16)}` }];
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_call", params: [call, "latest", ...at] });
  const headers = { "content-type": "application/json" };
  const response = await fetch(council.world.url, { method: "POST", headers, body });
  const { error } = (await response.json()) as { error?: { data?: Hex; message: string } };
  if (error === undefined) return "";
  try {
    return decodeErrorResult({ abi: errors, data: error.data ?? "0x" }).errorName;
  } catch {
    return error.message;
  }
}

const early = "TimelockUnexpectedOperationState";

describe("before anything is executed", () => {
  test("the check refuses a gas key that policy wants to execute and that may not", async () => {
    await walk(council, "drafted");
    expect(wholeText(await council.as("ada", "check", { ceremony: "UP-1" }))).toContain(
      `the gas account ${embeddedGasAccount.address} may not execute on the timelock ${council.world.timelock}.`,
    );
    await letGasKeyExecute(council.world);
    await walk(council, "in review", "drafted");
  });

  test("all is signed, the upgrades alone are scheduled, and card and package say what the rollbacks are", async () => {
    const state = await walk(council, "scheduled", "in review");
    expect(state.package.legs.map((leg) => leg.rollback.mode)).toEqual(["presigned", "presigned"]);
    expect(await standing()).toEqual({
      "pilot/upgrade": "Waiting",
      "main/upgrade": "Waiting",
      "pilot/rollback": "Unset",
      "main/rollback": "Unset",
    });
    const sent = await council.store.done("ceremony/UP-1", "broadcast");
    expect(sent.map((one) => one.payload.tx)).toEqual(["pilot/upgrade", "main/upgrade"]);
    expect(wholeText(await council.card())).toContain("rollback: signed, not scheduled; takes the timelock's delay");
  });

  test("its nonces are kept for it: another ceremony of the same Safe has to wait", async () => {
    await council.as("ada", "propose", { target: "harbour", release: "2.0.0" });
    await council.as("ada", "check", { ceremony: "UP-2" });
    await council.quorate.settle();
    expect((await council.state("UP-2")).status).toBe("checked");
    await council.as("ada", "cancel", { ceremony: "UP-2", reason: "Later" });
  });

  test("a thief of the gas key can run nothing: it is early, and no rollback is there", async () => {
    expect(await thief(await batchOf("pilot", "upgrade"))).toBe(early);
    expect(await thief(await batchOf("pilot", "rollback"))).toBe(early);
    await walk(council, "ready", "scheduled");
  });
});

describe("a thief of the gas key, once the operation is Ready", () => {
  test("can run it inside its window, and nothing else", async () => {
    const upgrade = await batchOf("pilot", "upgrade");
    const [window] = (await council.state()).package.phases;
    expect(await thief(upgrade)).toBe("");
    expect(await thief(upgrade, (window?.window.notAfter ?? 0n) + 1n)).toMatch(/TooLate/);
    expect(await thief({ ...upgrade, calls: upgrade.calls.slice(1) })).toBe(early);
    expect(await thief({ ...upgrade, salt: `0x${"11".repeat(32)}` })).toBe(early);
    expect(await thief(await batchOf("main", "upgrade"))).toBe("TimelockUnexecutedPredecessor");
    expect(await thief(await batchOf("pilot", "rollback"))).toBe(early);
  });
});

describe("an execution by the gas key", () => {
  test("is asked of the executor, and of nobody who approved", async () => {
    expect(await reads("ben", "execute", { by: "gas-key" })).toMatch(/takes the role executor\. Ask Eve or Gus\.$/);
    const view = await council.ask("eve", "execute");
    expect(sentence(view)).toMatch(/^The approved batch of pilot is ready to be run\. Who sends it\?/);
    expect(view.kind === "notice" && view.actions).toMatchObject([
      {
        label: "Let Quorate send it",
        options: { by: "gas-key" },
        confirm: expect.stringMatching(/^Let Quorate's gas key send it now\?/),
      },
      { label: "Send it from my wallet", options: { by: "wallet" } },
    ]);
    expect((await council.ask("eve", "execute", { by: "wallet" })).kind).toBe("wallet");
  });

  test("is not signed where a last look finds something wrong; the thread says so, and it can be asked for again", async () => {
    let signed = 0;
    council.switches.chains = withChain({
      timelock: async (at) => withoutExecutors(await chain().timelock(at)),
      signWithGasKey: async (call) => {
        signed += 1;
        return chain().signWithGasKey(call);
      },
    });
    await council.ask("eve", "execute", { by: "gas-key" });
    await council.quorate.settle();
    council.switches.chains = undefined;
    expect((await council.state()).status).toBe("ready");
    expect(await council.thread()).toContainEqual(
      expect.stringMatching(
        /^Quorate did not send the upgrade of pilot\. UP-1 was not changed: the gas account 0x\S+ holds no EXECUTOR_ROLE on the timelock\.$/,
      ),
    );
    expect(signed).toBe(0);
  });

  test("is not sent either where it only shows once it is signed and stored", async () => {
    let isSigned = false;
    council.switches.chains = withChain({
      // Asked for right before the bytes leave: from here on, the role is gone.
      receipt: async (hash) => {
        isSigned ||= (await council.state()).sent.some((one) => one.hash === hash);
        return chain().receipt(hash);
      },
      timelock: async (at) => (isSigned ? withoutExecutors(await chain().timelock(at)) : chain().timelock(at)),
    });
    await council.ask("eve", "execute", { by: "gas-key" });
    await council.quorate.settle();
    council.switches.chains = undefined;
    expect(isSigned).toBe(true);
    const state = await council.state();
    expect({ status: state.status, sent: state.sent }).toEqual({ status: "ready", sent: [] });
    const failed = (await council.history()).filter((one) => one.type === "executionFailed");
    expect(failed.map((one) => one.data.sent)).toEqual([false, false]);
    expect(await standing()).toMatchObject({ "pilot/upgrade": "Ready" });
  });

  test("goes through for who asked, and is recorded as theirs", async () => {
    expect(await reads("eve", "execute", { by: "gas-key" })).toMatch(
      /^Quorate looks at everything once more and sends pilot for you\./,
    );
    await council.quorate.settle();
    const state = await council.state();
    expect(state.status).toBe("canary");
    const [executed] = state.executedLegs;
    expect(executed).toMatchObject({ leg: "pilot", person: "eve" });
    expect(await chain().receipt(executed?.hash ?? "0x")).toMatchObject({ from: embeddedGasAccount.address });
    expect(await council.thread()).toEqual(
      expect.arrayContaining([
        "Eve asked Quorate to send the upgrade of pilot.",
        "For Eve, the gas key signed the upgrade of pilot; it is being sent.",
        expect.stringMatching(/^The upgrade of pilot ran in block \d+, sent by the gas key for Eve\.$/),
      ]),
    );
    expect((await council.card()).facts).toContainEqual({ label: "Executed by", value: "Eve" });
  });

  test("leaves a thief of the key no way to undo it", async () => {
    expect(await thief(await batchOf("pilot", "rollback"))).toBe(early);
  });
});

describe("a rollback", () => {
  test("is scheduled when it is asked for, and says that it takes the delay", async () => {
    expect(await reads("gus", "rollback", { reason: "The leak is in the new code" })).toBe(
      "The rollback of pilot is being sent to the timelock.",
    );
    await council.quorate.settle();
    expect(await standing()).toMatchObject({ "pilot/rollback": "Waiting", "main/rollback": "Unset" });
    expect((await council.card()).facts.map((one) => one.label)).toContain("Rollback can run from");
    expect(await reads("gus", "rollback")).toBe(
      "The rollback of pilot stands in the timelock, and its delay is running; nobody can shorten it.",
    );
    expect(council.cards.has("UP-1/unasked/pilot/rollback")).toBe(false);
    expect(await thief(await batchOf("pilot", "rollback"))).toBe(early);
  });

  test("may be executed once it has waited, by the gas key for who asked", async () => {
    await council.advance(DELAY);
    expect(await council.thread()).toContain("The rollback of pilot has waited its delay and may be executed.");
    expect(sentence(await council.ask("gus", "rollback"))).toMatch(
      /^The rollback of pilot has waited its delay and may run\. Who sends it\?/,
    );
    expect(await reads("gus", "rollback", { by: "gas-key" })).toMatch(/sends pilot for you\./);
    await council.quorate.settle();
    const state = await council.state();
    expect(state.status).toBe("rolled back");
    expect(state.executedLegs.at(-1)).toMatchObject({ leg: "pilot", purpose: "rollback", person: "gus" });
    const { pilotPool, implementations } = council.world;
    expect((await chain().proxy(pilotPool)).implementation).toBe(implementations.poolV1);
  });

  test("leaves behind what is then made unusable: an operation, and a nonce that nobody used", async () => {
    expect(stillExecutable(await council.state())).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^main\/upgrade/),
        expect.stringMatching(
          /^main\/rollback \(nonce 3: anyone can schedule it; it runs only after its upgrade, and after the timelock's delay\)$/,
        ),
      ]),
    );
    for (const who of ["caro", "dev", "finn", "ben"] as const) await council.as(who, "sign", { ceremony: "UP-1" });
    await council.quorate.settle();
    expect(stillExecutable(await council.state())).toEqual([]);
    expect((await chain().safe(council.world.councilSafe)).nonce).toBe(4n);
    expect(await standing()).toMatchObject({ "main/upgrade": "Unset", "main/rollback": "Unset" });
  });
});

describe("a stolen host", () => {
  // Elsewhere: code that was rolled back is not proposed again as it was.
  beforeAll(async () => {
    await council.stop();
    council = await startCouncil({ policies: policies.folder });
    await letGasKeyExecute(council.world);
  });

  test("can put a signed rollback into the timelock, in sight of all: it pages, and the guardian Safe can cancel it", async () => {
    const id = "UP-1";
    await council.as("ada", "propose", { target: "harbour", release: "2.0.0" });
    await walk(council, "ready", "drafted", id);
    await council.ask("eve", "execute", { ceremony: id, by: "gas-key" });
    await council.quorate.settle();
    const stranger = keylessAccount("a thief");
    const sent = await signedCall(council.store, await council.state(id), "pilot/rollback");
    expect(await actAs(council.world, stranger, council.world.councilSafe, sent)).toBe(true);
    await council.quorate.settle();
    const operation = transactionById(await council.state(id), "pilot/rollback")?.operationId;
    expect(council.cards.get(`${id}/unasked/pilot/rollback`)).toMatchObject({
      urgent: true,
      mentions: council.policy.onCall.sev1,
      sections: [{ lines: [`cancel(bytes32 ${operation})`] }],
    });
    expect((await council.card(id)).sections[0]).toMatchObject({
      title: "Still executable by anyone",
      lines: [expect.stringMatching(/^pilot\/rollback: it stands in the timelock, and nobody is rolling back;/)],
    });
    const { guardianSafe, timelock } = council.world;
    expect(await actAs(council.world, guardianSafe, timelock, cancelData(operation ?? "0x"))).toBe(true);
    await council.advance(150n, 1);
    expect((await council.state(id)).status).toBe("held");
    expect(stillExecutable(await council.state(id))).toEqual([]);
    expect(council.faults).toEqual([]);
  });
});

const chain = (): Chain => council.chains.get(chainId);
const withoutExecutors = <T extends object>(facts: T): T => ({ ...facts, executors: [] });
const withChain = (change: Partial<Chain>): Chains => ({
  ids: council.chains.ids,
  get: (id) => ({ ...council.chains.get(id), ...change }),
});
