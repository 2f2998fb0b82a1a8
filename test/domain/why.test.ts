/** What a ceremony waits for while something of it is on its way to a block. */

import { expect, it } from "vitest";
import { ceremonyCard } from "../../src/ceremonies/cards/ceremony-card.ts";
import { mayStillRun, nextSteps } from "../../src/domain/why.ts";
import type { Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt } from "../support/given.ts";

const steps = ({ state, policy }: Ceremony) => nextSteps(state, policy).map((one) => one.sentence);
const onTheWay = ({ state, policy }: Ceremony) =>
  ceremonyCard(state, policy).sections.find((one) => one.title === "On its way")?.lines;

it("says first of all that a rollback was asked for, and of whom it is wanted", () => {
  const ceremony = ceremonyAt("canary");
  ceremony.must(ceremony.hold("caro")).must(ceremony.rollback("gus"));
  expect(nextSteps(ceremony.state, ceremony.policy)[0]).toEqual({
    sentence: "The rollback of vault may be executed: Gus.",
    who: ["gus"],
    command: "rollback",
  });
  ceremony.must(ceremony.send("gus", "vault", "rollback"));
  expect(steps(ceremony)[0]).toBe("The rollback of vault is being executed.");
  expect(mayStillRun(ceremony.state)).toEqual([]);
  expect(onTheWay(ceremony)).toBeUndefined();
  ceremony.mineSent();
  expect(ceremony.state.status).toBe("rolled back");
  expect(steps(ceremony).join()).not.toContain("may be executed");
});

it("names what is left of a rollback, and nothing that was rolled back already", () => {
  const { state, policy } = ceremonyAt("canary");
  const [vault] = state.executedLegs;
  if (vault === undefined) throw new Error("Nothing was executed.");
  const rollbackBy = { person: "gus", legs: ["router", "vault"], reason: "It leaks", readied: false };
  const executedLegs = [vault, { ...vault, leg: "router" }, { ...vault, leg: "router", purpose: "rollback" as const }];
  expect(nextSteps({ ...state, rollbackBy, executedLegs }, policy)[0]?.sentence).toBe(
    "The rollback of vault may be executed: Gus.",
  );
});

it("says of an upgrade that was sent before the hold that it may still run, on the card too", () => {
  const ceremony = ceremonyAt("ready");
  ceremony.must(ceremony.execute("eve")).must(ceremony.send("eve", "vault"));
  expect(onTheWay(ceremony)).toBeUndefined();
  ceremony.must(ceremony.hold("caro"));
  const sentence =
    "The upgrade of vault has been sent and may still run; only whoever signed it can stop it, in their wallet.";
  expect(steps(ceremony).at(-1)).toBe(sentence);
  expect(onTheWay(ceremony)).toEqual([sentence]);
  ceremony.mineSent();
  expect(onTheWay(ceremony)).toBeUndefined();
});
