import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { allowanceOf } from "../../src/safe-service/budget.ts";
import { createGate } from "../../src/safe-service/gate.ts";
import { ServiceFault } from "../../src/safe-service-port.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const opened = (initial = 100) => {
  const clock = { now: 0 };
  const allowance = { ...allowanceOf(true), initial };
  return { clock, gate: createGate({ allowance, now: () => clock.now, random: () => 0, changed: () => undefined }) };
};

test("requests keep their distance, whatever the first one comes to", async () => {
  const { gate } = opened();
  const begun: number[] = [];
  const request = (index: number) => async () => {
    begun.push(index);
    if (index === 0) throw new ServiceFault("refused", "No.");
  };
  const all = [0, 1, 2].map((index) => gate.through("eip155:1", request(index)).catch(() => undefined));
  await vi.advanceTimersByTimeAsync(249);
  expect(begun).toEqual([0]);
  await vi.advanceTimersByTimeAsync(250);
  expect(begun).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(250);
  expect(begun).toEqual([0, 1, 2]);
  await Promise.all(all);
});

test("with nothing left to spend nothing is asked, until something has flowed in", async () => {
  const { gate, clock } = opened(1);
  let asked = 0;
  const request = async () => {
    asked += 1;
  };
  const ask = async () => {
    const result = gate.through("eip155:1", request).catch((fault: ServiceFault) => fault);
    await vi.advanceTimersByTimeAsync(1_000);
    return result;
  };
  await ask();
  const fault = await ask();
  expect(fault).toMatchObject({ kind: "busy", retryAfter: 60n });
  expect(asked).toBe(1);
  clock.now = 60;
  await ask();
  expect(asked).toBe(2);
});

test("a limit holds for every chain, because the key is one; being away holds for its own chain alone", async () => {
  const { gate } = opened();
  const ask = async (chain: "eip155:1" | "eip155:10", fault?: ServiceFault) => {
    const result = gate.through(chain, () => (fault === undefined ? Promise.resolve() : Promise.reject(fault)));
    const settled = result.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(1_000);
    await settled;
  };
  await ask("eip155:1", new ServiceFault("away", "No answer."));
  expect([gate.closedFor("eip155:1"), gate.closedFor("eip155:10")]).toEqual([5, 0]);
  await ask("eip155:10", new ServiceFault("busy", "Wait.", 90n));
  expect([gate.closedFor("eip155:1"), gate.closedFor("eip155:10")]).toEqual([90, 90]);
});
