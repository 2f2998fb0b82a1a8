/** on-call.yaml: what is refused when it is loaded, and what is only warned of. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { type OnCall, onCall } from "../../src/domain/alerts/on-call-shape.ts";
import { onCallWarnings } from "../../src/policy-folder/on-call-problems.ts";
import { change, problemsAfter } from "./given-policy.ts";

const addition = (text: string) =>
  problemsAfter((folder) => change(folder, "on-call.yaml", "sev3: [dev]", `sev3: [dev]\n${text}`));

const weekly = "{ id: week, zone: Europe/Berlin, starts: 2026-01-05, people: [caro, dev] }";

test("rotations that are right are taken", async () => {
  expect(await addition(`rotations: [${weekly}]\nprimary: [week]\nsecondary: [gus]`)).toBe("");
});

test.each([
  [`rotations: [${weekly.replace("dev", "zoe")}]`, "rotations.week.people: nobody in council.yaml is called zoe"],
  [
    `rotations: [${weekly.replace("Europe/Berlin", "Mars/Base")}]`,
    "rotations.week: there is no zone Mars/Base: write it as IANA has it, such as Europe/Berlin",
  ],
  [`rotations: [${weekly.replace("2026-01-05", "2026-02-30")}]`, "rotations.week: there is no day 2026-02-30"],
  [`rotations: [${weekly}, ${weekly}]`, "rotations.week: two rotations have this id"],
  [`rotations: [${weekly.replace("week", "gus")}]`, "rotations.gus: a person has this id too"],
  ["primary: [week]", "primary: nobody in council.yaml is called week, and no rotation either"],
  [
    `rotations: [${weekly.replace("}", ', hours: { from: "08:00", to: "08:00" } }')}]`,
    "rotations.week: its hours end where they begin",
  ],
  [
    `rotations: [${weekly.replace("}", ', handover: "25:00" }')}]`,
    "rotations.week.handover: a time of day is written HH:MM, such as 09:00",
  ],
])("%s is refused", async (text, problem) => {
  expect(await addition(text)).toBe(`council/on-call.yaml: ${problem}`);
});

const warned = (given: Partial<Record<keyof OnCall, unknown>>) =>
  onCallWarnings(onCall.parse({ sev1: ["caro"], sev2: ["caro"], sev3: ["caro"], ...given }));
const berlin = {
  id: "day",
  zone: "Europe/Berlin",
  starts: "2026-01-05",
  people: ["caro"],
  hours: { from: "08:00", to: "20:00" },
};

test("times without anybody are warned of, with the first of them", () => {
  expect(warned({ rotations: [berlin], primary: ["day"] })).toEqual([
    "on-call.yaml: primary: nobody is on from 2026-01-05 19:00 UTC to 2026-01-06 07:00 UTC and from 2026-01-06 19:00 UTC to 2026-01-07 07:00 UTC, and 364 times more in a year",
  ]);
});

test("who would be called as second after they did not answer as first is warned of", () => {
  const turns = (id: string, people: string[]) => ({ id, zone: "UTC", starts: "2026-01-05", people });
  const [first, second] = [turns("first", ["caro", "dev"]), turns("second", ["gus", "finn"])];
  expect(warned({ rotations: [first, second], primary: ["first"], secondary: ["second"] })).toEqual([]);
  const same = turns("second", ["dev", "gus", "caro", "dev"]);
  expect(warned({ rotations: [first, same], primary: ["first"], secondary: ["second"] })).toEqual([
    "on-call.yaml: secondary: from 2026-01-19 09:00 UTC on it is caro, who is primary too: nobody else is called",
  ]);
});

test("the sample policy has nothing to be warned of", async () => {
  const text = await readFile(join(import.meta.dirname, "../../policies/on-call.yaml"), "utf8");
  expect(onCallWarnings(onCall.parse(parse(text)))).toEqual([]);
});
