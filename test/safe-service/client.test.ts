import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { ChainId } from "../../src/domain/primitives.ts";
import { callTx } from "../../src/domain/safe-signatures.ts";
import { type SafeTx, safeTxHashes } from "../../src/domain/safe-tx.ts";
import { councilNames, embeddedPeople } from "../../src/embedded/people.ts";
import type { ChatHealth } from "../../src/ports.ts";
import { allowanceOf } from "../../src/safe-service/budget.ts";
import { openSafeService } from "../../src/safe-service/client.ts";
import { createGate } from "../../src/safe-service/gate.ts";
import type { SafeService } from "../../src/safe-service-port.ts";
import { signed } from "../support/safe-service/owner.ts";
import { type LoopbackService, startLoopbackService } from "../support/safe-service/service.ts";

const chain: ChainId = "eip155:31337";
const safe = "0xA6c173C67453Eca91c45C809fcb14Ff5f026fB4b";
const to = "0xabAb1818664A56332d1743d4AC353d84f2b9d446";
const owners = councilNames.map((name) => embeddedPeople[name].address);
const { ben, caro, eve } = embeddedPeople;

let loopback: LoopbackService;
let service: SafeService;
let now: number;
const told: { chain: ChainId; health: ChatHealth }[] = [];

const txAt = (nonce: bigint): SafeTx => callTx({ chain, safe, safeVersion: "1.4.1", nonce, to, data: "0xab" });
const hashOf = (tx: SafeTx) => safeTxHashes(tx).safeTxHash;
const at = { chain, safe, safeVersion: "1.4.1" } as const;

/** A new gate and thread for one loopback: nothing is remembered of an earlier test. */
function open(apiKey: string | undefined = "secret", url = loopback.url) {
  const allowance = { ...allowanceOf(true), spacingMs: 1 };
  const changed = (id: ChainId, health: ChatHealth) => void told.push({ chain: id, health });
  const gate = createGate({ allowance, now: () => now, random: () => 0, changed });
  return { gate, ...openSafeService({ services: [{ chain, url }], apiKey, gate, timeoutMs: 3_000 }) };
}

beforeAll(async () => {
  loopback = await startLoopbackService({
    chain,
    safe: async () => ({ owners, nonce: 3n, version: "1.4.1" }),
    apiKey: "secret",
    pageLimit: 2,
  });
  now = 1_000_000;
  service = open();
});
afterAll(async () => {
  await service.close();
  await loopback.stop();
});
beforeEach(() => {
  loopback.misbehave({ kind: "none" });
  told.length = 0;
  // Whatever an earlier test ran into, the gate is open again.
  now += 10_000;
});

test("what api-kit sends is what the service demands: proposed twice it is there once, and confirmed by another owner", async () => {
  const tx = txAt(3n);
  const hash = hashOf(tx);
  for (let time = 0; time < 2; time += 1)
    await service.propose(tx, hash, ben.address, await signed(ben, hash), '{"name":"Quorate UP-1"}');
  await service.confirm(chain, hash, await signed(caro, hash));
  expect(loopback.refused).toEqual([]);
  expect(loopback.transactions).toMatchObject([
    { safeTxHash: hash, proposer: ben.address, origin: '{"name":"Quorate UP-1"}', tx: { data: "0xab" } },
  ]);
  const [row] = await service.pending(at, 3n);
  expect(row?.tx).toEqual(tx);
  expect(row?.confirmations.map((one) => one.owner)).toEqual([ben.address, caro.address]);
});

test("a list of several pages is read to its end", async () => {
  for (const nonce of [4n, 5n, 6n, 7n]) {
    const hash = hashOf(txAt(nonce));
    await service.propose(txAt(nonce), hash, ben.address, await signed(ben, hash), "");
  }
  const found = await service.pending(at, 4n);
  expect(found.map((one) => one.tx.nonce)).toEqual([4n, 5n, 6n, 7n]);
});

test("what it will never take is a refusal with its reason, and it is not away because of that", async () => {
  const hash = hashOf(txAt(8n));
  const stranger = service.propose(txAt(8n), hash, eve.address, await signed(eve, hash), "");
  await expect(stranger).rejects.toMatchObject({
    kind: "refused",
    message: expect.stringMatching(/not an owner or delegate/),
  });
  await expect(service.confirm(chain, hash, await signed(ben, hash))).rejects.toMatchObject({ kind: "unknown" });
  await expect(service.pending(at, 9n)).resolves.toEqual([]);
});

describe("an answer that is of no use", () => {
  test.each([
    ["down", /^No usable answer/],
    ["slow", /^No usable answer: The operation was aborted due to timeout/],
    ["huge", /^No usable answer: an answer of more than 8 MiB was cut off/],
    ["html", /^No usable answer/],
    ["not a list", /^Its answer is no list of transactions/],
    ["elsewhere", /^No usable answer/],
  ] as const)("%s: is a fault, and asked again later", async (kind, message) => {
    loopback.misbehave({ kind });
    const fault = { kind: "away", message: expect.stringMatching(message) };
    await expect(service.pending(at, 3n)).rejects.toMatchObject(fault);
    // The gate is closed: nothing is asked meanwhile.
    const asked = loopback.requests.length;
    await expect(service.pending(at, 3n)).rejects.toMatchObject({ kind: "busy" });
    expect(loopback.requests).toHaveLength(asked);
    loopback.misbehave({ kind: "none" });
    now += 5;
    await expect(service.pending(at, 9n)).resolves.toEqual([]);
  });

  test("of another chain: rows without the hash that follows from them are left out, and said", async () => {
    const elsewhere = { ...txAt(9n), chain: "eip155:1" as const };
    const planted = {
      tx: { ...elsewhere, chain },
      safeTxHash: hashOf(elsewhere),
      origin: "",
      proposer: ben.address,
      proposedByDelegate: null,
    };
    loopback.plant({ ...planted, confirmations: [] });
    for (let time = 0; time < 3; time += 1) {
      await expect(service.pending(at, 9n)).resolves.toEqual([]);
      now += 1_000;
    }
    expect(told).toMatchObject([
      { chain, health: { state: "down", reason: expect.stringMatching(/^1 of the transactions/) } },
    ]);
    loopback.transactions.pop();
    await service.pending(at, 9n);
    expect(told.map((one) => one.health.state)).toEqual(["down", "up"]);
  });

  test("is said once after three in a row, and once when it is over", async () => {
    loopback.misbehave({ kind: "status", status: 503 });
    for (let time = 0; time < 5; time += 1) {
      await service.pending(at, 3n).catch(() => undefined);
      now += 1_000;
      expect(told).toHaveLength(time < 2 ? 0 : 1);
    }
    loopback.misbehave({ kind: "none" });
    for (let time = 0; time < 2; time += 1) await service.pending(at, 9n);
    expect(told.map((one) => one.health.state)).toEqual(["down", "up"]);
    expect(told[0]?.health.reason).toBe("It answered 503.");
  });
});

test("429 is honoured: nothing is asked before its Retry-After is over", async () => {
  loopback.misbehave({ kind: "limit", perSecond: 0, retryAfter: "37" });
  await expect(service.pending(at, 3n)).rejects.toMatchObject({ kind: "busy", retryAfter: 37n });
  loopback.misbehave({ kind: "none" });
  const asked = loopback.requests.length;
  now += 36;
  await expect(service.pending(at, 3n)).rejects.toMatchObject({ kind: "busy", retryAfter: 1n });
  expect(loopback.requests).toHaveLength(asked);
  now += 1;
  await expect(service.pending(at, 9n)).resolves.toEqual([]);
});

test("a wrong key is said as what it is, and the thread ends with its service", async () => {
  const other = open("wrong");
  await expect(other.pending(at, 3n)).rejects.toMatchObject({
    kind: "away",
    message: expect.stringMatching(/SAFE_API_KEY/),
  });
  loopback.misbehave({ kind: "slow" });
  now += 1_000;
  const asked = loopback.requests.length;
  const pending = other.pending(at, 3n).catch((fault: Error) => fault.name);
  await vi.waitFor(() => expect(loopback.requests.length).toBeGreaterThan(asked));
  await other.close();
  expect(await pending).toBe("ServiceFault");
});

test("every page, every failure and every signature put there is paid for; what is not asked is not", async () => {
  const other = open();
  const spent = (before: number) => before - other.gate.bucket().tokens;
  const before = other.gate.bucket().tokens;
  const asked = loopback.requests.length;
  await other.pending(at, 4n);
  await other.confirm(chain, hashOf(txAt(4n)), await signed(caro, hashOf(txAt(4n))));
  loopback.misbehave({ kind: "status", status: 500 });
  await other.pending(at, 4n).catch(() => undefined);
  const requests = loopback.requests.length - asked;
  expect(requests).toBe(4);
  expect(spent(before)).toBe(requests);
  await other.pending(at, 4n).catch(() => undefined);
  expect(spent(before)).toBe(requests);
  await other.close();
});

test("an address in lower case is what the service refuses: it never gets one from here", async () => {
  const response = await fetch(`${loopback.url}/v2/safes/${safe.toLowerCase()}/multisig-transactions/`, {
    headers: { authorization: "Bearer secret" },
  });
  expect(response.status).toBe(422);
  expect(
    loopback.requests
      .filter((one) => one.includes("/safes/"))
      .slice(0, -1)
      .every((one) => one.includes(safe)),
  ).toBe(true);
});
