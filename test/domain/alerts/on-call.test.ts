/** Whose turn it is, by the clocks of the zone: also in the nights in which they jump. */

import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { gaps, type Override, onCallAt, shifts } from "../../../src/domain/alerts/on-call.ts";
import { type OnCall, onCall } from "../../../src/domain/alerts/on-call-shape.ts";
import { rotationProblem } from "../../../src/domain/alerts/rotation.ts";

const lists = { sev1: ["ada"], sev2: ["ada"], sev3: ["ada"] };
const HOUR = 3_600n;
const DAY = 24n * HOUR;

/** `2026-03-29T02:30[Europe/Berlin]`, or with an offset. */
const at = (text: string) => BigInt(Temporal.ZonedDateTime.from(text).epochMilliseconds / 1000);
const utc = (text: string) => BigInt(Temporal.Instant.from(text).epochMilliseconds / 1000);

const kept = (rotation: object, primary = ["week"]): OnCall =>
  onCall.parse({
    ...lists,
    primary,
    rotations: [
      { id: "week", zone: "Europe/Berlin", starts: "2026-01-05", people: ["ada", "ben", "caro"], ...rotation },
    ],
  });
const on = (policy: OnCall, moment: bigint, overrides: Override[] = []) =>
  onCallAt(policy, overrides, "primary", moment).join();

test("the old form says the same as before, and keeps no turns", () => {
  expect(onCall.parse({ sev1: ["caro", "dev"], sev2: ["dev"], sev3: ["dev"] })).toEqual({
    ...{ sev1: ["caro", "dev"], sev2: ["dev"], sev3: ["dev"], groups: {} },
    ...{ rotations: [], primary: [], secondary: [], pagersFrom: 3 },
  });
  expect(gaps(onCall.parse(lists), [], "primary", { from: 0n, until: DAY })).toEqual([]);
});

describe("turns", () => {
  const weekly = kept({});

  test("change at the handover's wall time, in winter and in summer", () => {
    expect(on(weekly, at("2026-01-05T08:59:59[Europe/Berlin]"))).toBe("");
    expect(on(weekly, at("2026-01-05T09:00[Europe/Berlin]"))).toBe("ada");
    expect(on(weekly, at("2026-01-12T08:59:59[Europe/Berlin]"))).toBe("ada");
    expect(on(weekly, at("2026-01-12T09:00[Europe/Berlin]"))).toBe("ben");
    expect(on(weekly, utc("2026-03-23T07:59:59Z"))).toBe("ben");
    expect(on(weekly, utc("2026-03-23T08:00:00Z"))).toBe("caro");
    expect(on(weekly, utc("2026-03-30T06:59:59Z"))).toBe("caro");
    expect(on(weekly, utc("2026-03-30T07:00:00Z"))).toBe("ada");
  });

  test("of the week in which clocks jump last an hour less, or more", () => {
    const spring = shifts(weekly, [], "primary", {
      from: at("2026-03-23T09:00[Europe/Berlin]"),
      until: at("2026-03-30T09:00[Europe/Berlin]"),
    });
    expect(spring.map((one) => one.until - one.from)).toEqual([7n * DAY - HOUR]);
    const autumn = shifts(weekly, [], "primary", {
      from: at("2026-10-19T09:00[Europe/Berlin]"),
      until: at("2026-10-26T09:00[Europe/Berlin]"),
    });
    expect(autumn.map((one) => one.until - one.from)).toEqual([7n * DAY + HOUR]);
  });

  test("whose handover is skipped by the clocks begins when they have jumped", () => {
    const nightly = kept({ every: 1, handover: "02:30", starts: "2026-03-28" });
    expect(on(nightly, utc("2026-03-29T00:59:59Z"))).toBe("ada");
    // 02:30 does not exist; clocks go from 02:00 to 03:00, and it is handed over at 03:30.
    expect(on(nightly, utc("2026-03-29T01:29:59Z"))).toBe("ada");
    expect(on(nightly, utc("2026-03-29T01:30:00Z"))).toBe("ben");
    expect(on(nightly, at("2026-03-30T02:30[Europe/Berlin]"))).toBe("caro");
  });

  test("whose handover comes twice begin the first time, and once", () => {
    const nightly = kept({ every: 1, handover: "02:30", starts: "2026-10-24" });
    const night = shifts(nightly, [], "primary", {
      from: utc("2026-10-24T12:00:00Z"),
      until: utc("2026-10-25T12:00:00Z"),
    });
    expect(night.map((one) => one.people.join())).toEqual(["ada", "ben"]);
    expect(night[1]?.from).toBe(utc("2026-10-25T00:30:00Z"));
  });

  test("go by the zone's own day where that is another than in UTC", () => {
    const far = kept({ zone: "Pacific/Kiritimati", every: 1, handover: "00:00", starts: "2026-06-01" });
    expect(on(far, utc("2026-05-31T09:59:59Z"))).toBe("");
    expect(on(far, utc("2026-05-31T10:00:00Z"))).toBe("ada");
    const half = kept({ zone: "Asia/Kolkata", every: 1, starts: "2026-06-01" });
    expect(on(half, utc("2026-06-02T03:29:59Z"))).toBe("ada");
    expect(on(half, utc("2026-06-02T03:30:00Z"))).toBe("ben");
  });
});

describe("hours", () => {
  const sun = onCall.parse({
    ...lists,
    primary: ["east", "west"],
    rotations: [
      {
        id: "east",
        zone: "Europe/Berlin",
        starts: "2026-01-01",
        people: ["ada"],
        hours: { from: "08:00", to: "20:00" },
      },
      {
        id: "west",
        zone: "Europe/Berlin",
        starts: "2026-01-01",
        people: ["ben"],
        hours: { from: "20:00", to: "08:00" },
      },
    ],
  });

  test("that follow on from each other leave nobody out, not even where clocks jump", () => {
    expect(gaps(sun, [], "primary", { from: utc("2026-01-02T00:00:00Z"), until: utc("2026-12-30T00:00:00Z") })).toEqual(
      [],
    );
    expect(on(sun, at("2026-03-29T07:59[Europe/Berlin]"))).toBe("ben");
    expect(on(sun, at("2026-03-29T08:00[Europe/Berlin]"))).toBe("ada");
  });

  test("in two zones that change their clocks on other days leave a gap, which is found to the minute", () => {
    const two = onCall.parse({
      ...lists,
      primary: ["berlin", "york"],
      rotations: [
        {
          id: "berlin",
          zone: "Europe/Berlin",
          starts: "2026-01-01",
          people: ["ada"],
          hours: { from: "06:00", to: "18:00" },
        },
        {
          id: "york",
          zone: "America/New_York",
          starts: "2026-01-01",
          people: ["ben"],
          hours: { from: "12:00", to: "00:00" },
        },
      ],
    });
    expect(gaps(two, [], "primary", { from: utc("2026-02-01T00:00:00Z"), until: utc("2026-03-07T00:00:00Z") })).toEqual(
      [],
    );
    // New York is an hour nearer from 8 to 28 March: it ends at 04:00 UTC, and Berlin begins at 05:00 UTC.
    const found = gaps(two, [], "primary", { from: utc("2026-03-07T12:00:00Z"), until: utc("2026-03-28T12:00:00Z") });
    expect(found).toHaveLength(20);
    expect(found[0]).toEqual({ people: [], from: utc("2026-03-09T04:00:00Z"), until: utc("2026-03-09T05:00:00Z") });
  });
});

test("hours that begin in the very hour that clocks skip begin when they have jumped", () => {
  const night = kept({ hours: { from: "02:30", to: "10:00" } });
  const span = { from: utc("2026-03-29T00:00:00Z"), until: utc("2026-03-29T06:00:00Z") };
  expect(gaps(night, [], "primary", span)).toEqual([
    { people: [], from: span.from, until: utc("2026-03-29T01:00:00Z") },
  ]);
});

describe("an override", () => {
  const weekly = kept({});
  const noon = at("2026-01-07T12:00[Europe/Berlin]");
  const override = (more: Partial<Override>): Override => ({
    id: "override-1",
    level: "primary",
    person: "gus",
    from: noon,
    until: noon + DAY,
    note: "",
    ...more,
  });

  test("holds from its first second to before its last, and the turn goes on underneath", () => {
    expect(on(weekly, noon - 1n, [override({})])).toBe("ada");
    expect(on(weekly, noon, [override({})])).toBe("gus");
    expect(on(weekly, noon + DAY - 1n, [override({})])).toBe("gus");
    expect(on(weekly, noon + DAY, [override({})])).toBe("ada");
  });

  test("that was set later counts, and one of somebody who cannot act counts for nothing", () => {
    expect(on(weekly, noon, [override({}), override({ person: "finn" })])).toBe("finn");
    expect(onCallAt(weekly, [override({})], "primary", noon, (person) => person !== "gus")).toEqual(["ada"]);
    expect(on(weekly, noon, [override({ level: "secondary" })])).toBe("ada");
  });

  test("closes a gap", () => {
    const span = { from: at("2026-01-04T09:00[Europe/Berlin]"), until: noon };
    expect(gaps(weekly, [], "primary", span)).toEqual([
      { people: [], from: span.from, until: at("2026-01-05T09:00[Europe/Berlin]") },
    ]);
    expect(gaps(weekly, [override({ from: span.from, until: noon })], "primary", span)).toEqual([]);
  });
});

test("a zone or a day that does not exist is named", () => {
  const [rotation] = kept({}).rotations;
  if (rotation === undefined) throw new Error("There is a rotation.");
  expect(rotationProblem(rotation)).toBeUndefined();
  expect(rotationProblem({ ...rotation, zone: "Mars/Base" })).toMatch(/^there is no zone Mars\/Base/);
  expect(rotationProblem({ ...rotation, starts: "2026-02-30" })).toBe("there is no day 2026-02-30");
});

test("shifts say for every moment what is asked for that moment, in every zone", () => {
  const zones = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "UTC",
  ];
  const time = fc
    .tuple(fc.nat(23), fc.nat(59))
    .map((parts) => parts.map((part) => `${part}`.padStart(2, "0")).join(":"));
  const rotation = fc.record(
    {
      zone: fc.constantFrom(...zones),
      handover: time,
      every: fc.integer({ min: 1, max: 9 }),
      starts: fc.constantFrom("2026-02-27", "2026-03-28", "2026-10-03", "2026-10-24", "2026-10-31"),
      hours: fc.record({ from: time, to: time }).filter(({ from, to }) => from !== to),
    },
    { requiredKeys: ["zone", "handover", "every", "starts"] },
  );
  fc.assert(
    fc.property(
      rotation,
      fc.nat(12 * 3600),
      fc.array(fc.nat(20 * 86_400 - 1), { minLength: 5, maxLength: 20 }),
      (given, offset, moments) => {
        const policy = kept(given);
        const from = utc(`${given.starts}T00:00:00Z`) + BigInt(offset);
        const found = shifts(policy, [], "primary", { from, until: from + 20n * DAY });
        expect(found[0]?.from).toBe(from);
        expect(found.at(-1)?.until).toBe(from + 20n * DAY);
        for (const moment of moments.map((one) => from + BigInt(one))) {
          const shift = found.find((one) => one.from <= moment && moment < one.until);
          expect(shift?.people.join()).toBe(on(policy, moment));
        }
      },
    ),
    { numRuns: 60 },
  );
});
