import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import type { TestSpecification, Vitest } from "vitest/node";
import { LongFirst, long } from "./long-first.ts";

const root = resolve(import.meta.dirname, "../..");

/** As vitest hands them over, of files that it knows no durations of. */
const file = (name: string, isolate = false) =>
  ({
    moduleId: resolve(root, name),
    project: { name: isolate ? "own" : "shared", config: { isolate, sequence: { groupOrder: 0 } } },
  }) as unknown as TestSpecification;

test("every file that is to come first is there", () => {
  expect(long.filter((name) => !existsSync(resolve(root, name)))).toEqual([]);
  expect(new Set(long).size).toBe(long.length);
});

test("the longest come first, those with a process of their own before all that share one", async () => {
  const cache = { getTestSpecificationResult: () => undefined };
  const order = new LongFirst({ config: { root }, cache } as unknown as Vitest);
  const [first = "", second = ""] = long;
  const given = [
    file("test/log.test.ts"),
    file(second),
    file("test/env.test.ts", true),
    file("test/dispatch.test.ts"),
    file(first),
    file("test/rehearsal/scenarios.test.ts", true),
  ];
  const sorted = (await order.sort(given)).map((one) => one.moduleId.slice(root.length + 1));
  expect(sorted.slice(0, 4)).toEqual(["test/rehearsal/scenarios.test.ts", "test/env.test.ts", first, second]);
  expect(sorted.slice(4).sort()).toEqual(["test/dispatch.test.ts", "test/log.test.ts"]);
});
