import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { embeddedGasAccount, embeddedPeople } from "../../src/embedded/people.ts";
import { writePoints } from "../../src/ports.ts";
import { bundleChild, type Ceremony, type CeremonyPlan, liveThrough, type Program } from "../support/crash-lives.ts";
import { type ChainOutcome, chainOutcome, type LogOutcome, lastCards, logOutcome } from "../support/crash-outcome.ts";

/** So many ceremonies share the ends among them: in each, a life goes on undisturbed for half as many writes. */
const CEREMONIES = 4;

/** Two at a time, for two cores. */
const AT_ONCE = 2;

/** A card that the chat does not take at first, so that there is a failure to write down. */
const chatFailsOnce = ["UP-1/2"];

interface Outcome {
  log: LogOutcome;
  chain: ChainOutcome;
  cards: Map<string, { revision: number; status: string; title: string; summary: string }>;
}

let program: Program;
let undisturbed: Outcome;
let points: string[];
/** Every moment at which a life ends. */
let moments: string[];
/** Those at which its process ends too, by kill -9: the first and the last of each kind of write, before it and after. */
let kills: string[];

async function run(plan: CeremonyPlan): Promise<Outcome & Pick<Ceremony, "died" | "lost" | "passed">> {
  const ceremony = await liveThrough(program, plan);
  try {
    const { world, dataDir, died, lost, passed } = ceremony;
    const log = await logOutcome({ dataDir });
    const chain = await chainOutcome(world.url, world, [embeddedGasAccount.address, embeddedPeople.eve.address]);
    const cards = new Map(
      [...lastCards(ceremony.cards)].map(([key, { revision, status, title, summary }]) => [
        key,
        { revision, status, title, summary },
      ]),
    );
    return { log, chain, cards, died, lost, passed };
  } finally {
    await ceremony.remove();
  }
}

/** What a life that begins does first, such as sending what is signed already, may come before the next signature. */
const spine = (events: readonly string[]) => events.filter((one) => !/^(signed|operationCancelled) /.test(one));

/** The events of each type, in order. */
function byType(events: readonly string[]): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const one of events) groups[one.split(" ")[0] ?? ""] = [...(groups[one.split(" ")[0] ?? ""] ?? []), one];
  return groups;
}

/**
 * All but those of the pilot's own metrics from the execution of the next phase on: whether the very block of that
 * execution still is the pilot's depends on which of the two is looked at first.
 */
function samplesOf({ log }: Outcome): string[] {
  const block = (sample: string) => Number(sample.split(" ").at(-1));
  const main = Math.min(...log.samples.filter((one) => one.startsWith("vault-solvency ")).map(block));
  return log.samples.filter((one) => !/^pilot-(cap|owner|at-risk) /.test(one) || block(one) < main);
}

function expectSameEnd(found: Outcome): void {
  expect(byType(found.log.events)).toEqual(byType(undisturbed.log.events));
  expect(spine(found.log.events)).toEqual(spine(undisturbed.log.events));
  // Somebody who was interrupted presses the button again, and may be told that it was done already.
  for (const one of found.log.refusals) expect(one).toBe("refused execute/again by eve");
  const told = Array.from({ length: 2 * found.log.refusals.length }, () => "card");
  expect(found.log.worked).toEqual([...undisturbed.log.worked, ...told].sort());
  expect(found.log.open).toBe(0);
  expect(found.log.faults).toEqual([]);
  expect(samplesOf(found)).toEqual(samplesOf(undisturbed));
  expect(found.chain).toEqual(undisturbed.chain);
  expect(shown(found)).toEqual(shown(undisturbed));
}

/**
 * What every card said last; notes of refusals come on top, and move the numbers of what comes after them. Two
 * transactions that were a block apart may share one after a restart, so the number of a block is left out.
 */
function shown({ cards }: Outcome): string[] {
  const all = [...cards].filter(([, card]) => card.status !== "refused");
  return all
    .map(([, { status, title, summary }]) => [status, title, summary].join(" · ").replace(/block \d+/g, "block N"))
    .sort();
}

/** What became of each phase, as its digest says it. */
const digests = ({ cards }: Outcome) =>
  [...cards]
    .filter(([key]) => key.includes("/canary/"))
    .map(([key, { status }]) => `${key} ${status}`)
    .sort();

beforeAll(async () => {
  program = await bundleChild();
  const clean = await run({ chatFailsOnce });
  undisturbed = clean;
  points = [...new Set(clean.passed)];
  moments = points.flatMap((point) => [`before ${point}`, `after ${point}`]);
  kills = Object.values(writePoints).flatMap((methods) =>
    methods.flatMap((method) => {
      const all = moments.filter((one) => one.split(" ")[1] === method);
      return [...all.slice(0, 2), ...all.slice(-2)];
    }),
  );
}, 300_000);
afterAll(() => program?.remove());

describe("a ceremony interrupted by kill -9", () => {
  test("passes write points of every kind, each with a name of its own", () => {
    const methods = Object.values(writePoints).flat();
    const counts = methods.map((method) => `${method} ${points.filter((one) => one.startsWith(`${method} `)).length}`);
    console.log(`${points.length} write points, ${moments.length} moments to end at: ${counts.join(", ")}`);
    for (const count of counts) expect(count).not.toMatch(/ 0$/);
    expect(undisturbed.log.events.at(-1)).toBe("closed");
    expect(undisturbed.log.refusals).toEqual([]);
    expect(digests(undisturbed)).toEqual(["UP-1/canary/main passed", "UP-1/canary/pilot passed"]);
  });

  test(
    "before and after every write goes on with nothing lost and nothing run twice",
    async () => {
      const started = Date.now();
      const died = new Set<string>();
      const lost = new Set<string>();
      const isKill = (one: string) => kills.includes(one);
      const parts = Array.from({ length: CEREMONIES }, (_, index) =>
        moments.filter((_one, at) => at % CEREMONIES === index),
      );
      await inParallel(parts, async (part) => {
        const deaths = part.filter(isKill);
        const losses = part.filter((one) => !isKill(one));
        const found = await run({ deaths, losses, chatFailsOnce });
        expect(new Set(found.died)).toEqual(new Set(deaths));
        expect(new Set(found.lost)).toEqual(new Set(losses));
        expectSameEnd(found);
        for (const one of deaths) died.add(one);
        for (const one of losses) lost.add(one);
      });
      expect(new Set([...died, ...lost])).toEqual(new Set(moments));
      for (const method of Object.values(writePoints).flat())
        for (const moment of ["before", "after"]) expect([...died].join("\n")).toContain(`${moment} ${method} `);
      const seconds = Math.round((Date.now() - started) / 1000);
      console.log(`${died.size} kills and ${lost.size} other ends in ${CEREMONIES} ceremonies, ${seconds} s`);
    },
    30 * 60_000,
  );

  test("at any moment, while blocks come by themselves, ends the same", async () => {
    const lifetimes = Array.from({ length: 20 }, () => Math.round(250 + Math.random() * 600));
    const found = await run({ blockMs: 500, lifetimes });
    console.log(`killed ${found.died.length} times, after ${lifetimes.slice(0, found.died.length).join(", ")} ms`);
    expect(found.died.length).toBeGreaterThan(3);
    expect(byType(found.log.events)).toEqual(byType(undisturbed.log.events));
    expect(found.chain).toEqual(undisturbed.chain);
    expect({ open: found.log.open, faults: found.log.faults }).toEqual({ open: 0, faults: [] });
    expect(digests(found)).toEqual(digests(undisturbed));
    const blocks = found.log.samples
      .filter((one) => one.startsWith("vault-solvency"))
      .map((one) => Number(one.split(" ").at(-1)));
    const ordered = blocks.sort((a, b) => a - b);
    expect(ordered).toEqual(ordered.map((_, index) => (ordered[0] ?? 0) + index));
  }, 600_000);
});

async function inParallel<T>(work: readonly T[], perform: (one: T) => Promise<void>): Promise<void> {
  const left = [...work];
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await perform(one);
  };
  // All of them end, and clean up, before a failure is told.
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}
