import { expect, test } from "vitest";
import { turns } from "../../src/chat/turns.ts";

test("between two pieces of work the event loop turns, and their order is kept", async () => {
  const turn = turns();
  const seen: string[] = [];
  const work = async (name: string) => {
    await turn();
    seen.push(name);
    // What was waiting outside is heard before the next piece begins.
    process.nextTick(() => seen.push(`heard after ${name}`));
  };
  await Promise.all(["first", "second", "third"].map(work));
  expect(seen.slice(0, 5)).toEqual(["first", "heard after first", "second", "heard after second", "third"]);
});

test("whoever comes after the others are done gets a turn too", async () => {
  const turn = turns();
  await turn();
  await expect(turn()).resolves.toBeUndefined();
});
