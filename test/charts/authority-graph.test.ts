/** The picture of who can do what: what changes is told apart in signs and words, and nothing of it is markup. */

import { expect, test } from "vitest";
import { authorityGraph, type Named } from "../../src/charts/authority-graph.ts";
import { toPng } from "../../src/charts/png.ts";
import { addressOf } from "../support/sample-council.ts";

const power = (holder: string, can: string, what: string) => ({
  holder: addressOf(holder),
  can,
  what: addressOf(what),
});
const known = ["council", "guardian", "eve", "timelock", "vault", "pool"];
const named = (address: string): Named => {
  const name = known.find((one) => addressOf(one) === address);
  return name === undefined ? { name: "Unknown to policy", kind: "unknown" } : { name, kind: "contract" };
};
const before = [
  power("council", "schedule", "timelock"),
  power("council", "cancel", "timelock"),
  power("eve", "execute", "timelock"),
  power("timelock", "grant roles", "timelock"),
  power("timelock", "upgrade", "vault"),
  power("guardian", "pause", "vault"),
  power("guardian", "pause", "pool"),
];

test("nothing changes: it says so, with every power once", () => {
  const picture = authorityGraph({ before, after: before }, named, "");
  expect(picture?.title).toBe("Authority unchanged by the upgrade");
  expect(picture?.alt).toContain("council can schedule, cancel timelock");
  expect(picture?.alt).toContain("timelock can grant roles itself");
  expect(picture?.alt).not.toMatch(/Only (before|after)/);
  expect(picture?.svg).toContain("The same before and after");
  expect(picture?.svg).toContain("can grant roles on itself");
});

test("a power that moves is marked where it goes and where it comes, and a stranger by the address", () => {
  const after = [...before.slice(0, -1), power("mallory", "pause", "pool")];
  const picture = authorityGraph({ before, after }, named, "eip155:1");
  expect(picture?.title).toBe("Authority before and after, eip155:1");
  expect(picture?.alt).toContain(`Only after: Unknown to policy (${addressOf("mallory")}) can pause pool.`);
  expect(picture?.alt).toContain("Only before: guardian can pause pool.");
  expect(picture?.svg).toContain("+ pause");
  expect(picture?.svg).toContain("− pause");
});

test("no two boxes stand on one another, however powers go round in circles", () => {
  const round = [...before, power("vault", "own", "timelock"), power("pool", "own", "council")];
  const { svg = "" } = authorityGraph({ before: round, after: round }, named, "") ?? {};
  const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="196" height="([\d.]+)"/g)].map((one) =>
    one.slice(1).map(Number),
  );
  expect(boxes).toHaveLength(known.length);
  for (const [x, y = 0, height = 0] of boxes)
    for (const [otherX, otherY = 0] of boxes)
      if (x === otherX && y < otherY) expect(y + height).toBeLessThanOrEqual(otherY);
});

test("a name is a text, never markup; and there is a PNG for chats", async () => {
  const hostile = (): Named => ({ name: '<a x="1">&\u202e', kind: "safe" });
  const picture = authorityGraph({ before, after: before }, hostile, "");
  if (picture === undefined) throw new Error("There are powers to draw.");
  expect(picture.svg).not.toMatch(/<a |\u202e| style=|<script/);
  const png = await toPng(picture);
  expect([...png.subarray(1, 4)].map((one) => String.fromCharCode(one)).join("")).toBe("PNG");
});

test("where nobody has any power, nothing is drawn", () => {
  expect(authorityGraph({ before: [], after: [] }, named, "")).toBeUndefined();
});
