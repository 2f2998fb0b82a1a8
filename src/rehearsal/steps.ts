/** The steps that every scenario shares. */

import type { CeremonyState } from "../domain/ceremony.ts";
import type { PersonName } from "../embedded/people.ts";
import { OffScript } from "./council.ts";
import { CEREMONY, type Stage } from "./stage.ts";

const ceremony = CEREMONY;

/** From a draft to the review. */
export async function proposeAndCheck(stage: Stage, proposer: PersonName, release: string): Promise<void> {
  stage.printer.heading(`Propose and check ${release}`);
  await stage.council.actAs(proposer, "propose", {
    target: "harbour",
    release,
    rationale: "A rehearsal: everything is as on a real chain, but for the value.",
  });
  await stage.council.actAs(proposer, "check", { ceremony });
  await stage.reaches("in review");
}

export async function approve(stage: Stage, people: readonly PersonName[]): Promise<CeremonyState> {
  stage.printer.heading("Approve");
  const { review } = await stage.state();
  const digest = review === undefined ? {} : { digest: review.digest };
  for (const person of people) await stage.council.actAs(person, "approve", { ceremony, ...digest });
  return stage.reaches("approved");
}

export async function sign(stage: Stage, people: readonly PersonName[]): Promise<CeremonyState> {
  stage.printer.heading("Sign");
  for (const person of people) await stage.council.actAs(person, "sign", { ceremony });
  return stage.reaches("signing");
}

export async function schedule(stage: Stage, person: PersonName): Promise<CeremonyState> {
  stage.printer.heading("Send to the timelock");
  await stage.council.actAs(person, "schedule", { ceremony });
  return stage.reaches("scheduled");
}

/** Waits until the timelock's delay is over. */
export async function passDelay(stage: Stage): Promise<CeremonyState> {
  stage.printer.heading("Two days later");
  await stage.wait(172_900n, 12);
  return stage.reaches("ready");
}

export async function execute(stage: Stage, person: PersonName): Promise<CeremonyState> {
  const { currentPhase, package: pkg } = await stage.state();
  stage.printer.heading(`Execute the phase ${pkg.phases[currentPhase]?.id ?? currentPhase}`);
  await stage.council.actAs(person, "execute", { ceremony });
  // What is broken at once is found in the block of the execution itself.
  return stage.reaches("canary", "held");
}

/** An honest upgrade whose first phase runs, under its canary: what most goes wrong afterwards begins with. */
export async function pilotRuns(stage: Stage): Promise<void> {
  await proposeAndCheck(stage, "ada", "2.0.0");
  await approve(stage, ["ben", "caro", "dev"]);
  await sign(stage, ["ben", "caro", "dev"]);
  await schedule(stage, "ben");
  await passDelay(stage);
  await execute(stage, "eve");
  await stage.wait(120n, 4);
  await stage.reaches("canary");
}

/** Measures a phase until it may be advanced, and advances it. */
export async function passCanary(stage: Stage, person: PersonName): Promise<void> {
  const { currentPhase, package: pkg } = await stage.state();
  const phase = pkg.phases[currentPhase];
  if (phase === undefined) throw new RangeError(`There is no phase ${currentPhase}.`);
  stage.printer.heading(`The canary of ${phase.id}`);
  stage.printer.say("Too early, absence is never success:");
  await stage.council.refusedTo(person, "canary", { action: "advance", ceremony });
  // Blocks count once they are final, which the newest are not.
  await stage.wait(phase.minDuration + 300n, Number(phase.minSamples) + 5);
  await stage.council.actAs(person, "canary", { action: "advance", ceremony });
}

/** Waits for a breach of a metric: paged, with its budget spent, and the next step refused. */
export async function breaks(stage: Stage, metric: string, next: PersonName): Promise<void> {
  const { breaches } = await stage.reaches("held");
  if (!breaches.some((one) => one.open && one.metric === metric)) throw new OffScript(`${metric} was not noticed.`);
  await stage.paged(/BREACH/);
  await stage.council.refusedTo(next, "canary", { action: "advance", ceremony });
}

/** A guardian gives the word for what was signed before, and the chain shows that it holds. */
export async function contain(stage: Stage, person: PersonName, containment?: string): Promise<void> {
  stage.printer.heading("Contain");
  await stage.council.actAs(person, "contain", { ceremony, ...(containment === undefined ? {} : { containment }) });
  await stage.reaches("contained");
}

/** The executor takes it back, and the guardians make unusable what is left. */
export async function rollBack(stage: Stage, reason: string): Promise<void> {
  stage.printer.heading("Roll back");
  await stage.council.actAs("eve", "rollback", { ceremony, reason });
  await stage.reaches("rolled back");
  await windDown(stage, ["caro", "dev"]);
  await stage.reaches("rolled back");
}

/** The guardians sign what makes everything that is left unusable. */
export async function windDown(stage: Stage, people: readonly PersonName[]): Promise<void> {
  await stage.quorate.settle();
  stage.printer.heading("Make what is left unusable");
  for (const person of people) await stage.council.actAs(person, "sign", { ceremony });
  await stage.quorate.settle();
}
