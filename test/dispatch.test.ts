import { describe, expect, test } from "vitest";
import type { Command, Invocation, Services } from "../src/command.ts";
import { createDispatch, type DispatchParts } from "../src/dispatch.ts";
import { Refused, refusal } from "../src/domain/refusal.ts";
import { ChainFault } from "../src/ports.ts";
import { StoreFault } from "../src/store/fault.ts";
import { notice } from "../src/view.ts";
import { sentence } from "./support/embedded.ts";
import { samplePolicy } from "./support/sample-policy.ts";

const policy = await samplePolicy();

/** Dispatch around one command that writes something. */
function withCommand(run: Command["run"], { services, ...more }: Partial<Command> & { services?: Services } = {}) {
  const faults: unknown[] = [];
  const seen = new Set<string>();
  let runs = 0;
  const command: Command = {
    name: "stamp",
    summary: "Stamp it",
    example: "/upgrade stamp colour=red",
    effect: "mutate",
    roles: [],
    options: [
      {
        name: "colour",
        description: "Of the ink",
        type: "choice",
        required: true,
        choices: [{ value: "red", label: "Red" }],
      },
      { name: "note", description: "Beside it", type: "text", required: false, maxLength: 5 },
    ],
    run: (call) => {
      runs += 1;
      return run(call);
    },
    ...more,
  };
  const parts: DispatchParts = {
    commands: [command],
    policy,
    services: services ?? ({} as Services),
    deliveries: { firstTime: async (id) => !seen.has(id) && Boolean(seen.add(id)) },
    clock: { now: () => 1n },
    onFault: (fault) => void faults.push(fault),
  };
  const dispatch = createDispatch(parts);
  const ask = async (given: Partial<Invocation> = {}) =>
    sentence(
      await dispatch(
        { command: "stamp", options: { colour: "red" }, account: "console:ada", deliveryId: "d1", ...given },
        () => undefined,
      ),
    );
  return { ask, faults, runs: () => runs };
}
const stamped: Command["run"] = async ({ person, options }) =>
  notice(
    "good",
    `${person.name} stamped it ${options.colour}${options.note === undefined ? "" : `, ${options.note}`}.`,
  );

describe("who asks", () => {
  test("is the one person the account belongs to", async () => {
    const { ask } = withCommand(stamped);
    expect(await ask()).toBe("Ada stamped it red.");
    expect(await ask({ account: "cli:ben", deliveryId: "d2" })).toBe("Ben stamped it red.");
  });

  test.each([
    ["nobody's account", "console:mallory"],
    ["the same name on another platform", "slack:ada"],
    ["an account in another spelling", "console:Ada"],
    ["a bare name", "ada"],
    ["no account", ""],
  ])("is refused with %s, and nothing runs", async (_what, account) => {
    const { ask, runs } = withCommand(stamped);
    expect(await ask({ account })).toBe(
      `The account ${account} belongs to nobody in the council's policy, so nothing was done. Ask an admin to link it.`,
    );
    expect(runs()).toBe(0);
  });
});

describe("what is asked", () => {
  test.each([
    [
      "an unknown command",
      { command: "stmap" },
      'There is no command "stmap". Type /upgrade help to see what there is.',
    ],
    [
      "an unknown option",
      { options: { colour: "red", size: "9" } },
      '/upgrade stamp has no option "size". It has colour, note.',
    ],
    ["none of the choices", { options: { colour: "blue" } }, 'colour is one of red, not "blue".'],
    [
      "too long a text",
      { options: { colour: "red", note: "margin" } },
      "note is 6 characters long, and 5 is the limit.",
    ],
    [
      "a missing option",
      { options: { colour: "  " } },
      "/upgrade stamp needs colour: Of the ink. For example: /upgrade stamp colour=red",
    ],
  ])("is refused with %s, and nothing runs", async (_what, given, reads) => {
    const { ask, runs, faults } = withCommand(stamped);
    expect(await ask(given)).toBe(reads);
    expect({ runs: runs(), faults }).toEqual({ runs: 0, faults: [] });
  });

  test("is trimmed, and an empty value is none", async () => {
    const { ask } = withCommand(stamped);
    expect(await ask({ options: { colour: " red ", note: " " } })).toBe("Ada stamped it red.");
  });
});

describe("a delivery that comes again", () => {
  test("is answered and not run again", async () => {
    const { ask, runs } = withCommand(stamped);
    await ask();
    expect(await ask()).toBe("This was received before and is not done twice. Look at the card for what became of it.");
    expect(runs()).toBe(1);
  });

  test("of a command that only reads is answered afresh", async () => {
    const { ask, runs } = withCommand(stamped, { effect: "read" });
    await ask();
    expect(await ask()).toBe("Ada stamped it red.");
    expect(runs()).toBe(2);
  });

  test("is not used up by a mistake in the options", async () => {
    const { ask } = withCommand(stamped);
    await ask({ options: { colour: "blue" } });
    expect(await ask()).toBe("Ada stamped it red.");
  });
});

describe("what goes wrong inside", () => {
  const throwing = (fault: unknown) => withCommand(() => Promise.reject(fault));

  test("an expected no is its own sentence, and nobody is alarmed", async () => {
    const { ask, faults } = throwing(new Refused(refusal("x", "It is too late.")));
    expect(await ask()).toBe("It is too late.");
    expect(faults).toEqual([]);
  });

  test.each([
    [
      "a chain that is down",
      new ChainFault("unreachable", "The RPC is down."),
      "The RPC is down. Nothing was changed.",
    ],
    ["a full disk", new StoreFault("full", "The disk is full."), "The disk is full. Nothing was changed."],
    [
      "a database lost in mid-write",
      new StoreFault("unreachable", "The database is gone."),
      "The database is gone. It is not known whether this was recorded: look at the card before you try again.",
    ],
  ])("%s is said, and reported", async (_what, fault, reads) => {
    const { ask, faults } = throwing(fault);
    expect(await ask()).toBe(reads);
    expect(faults).toEqual([fault]);
  });

  test.each([
    ["an error", new TypeError("x is not a function at secret.ts:1")],
    ["a thrown word", "boom"],
    ["nothing", undefined],
  ])("a fault of our own, %s, is not shown but reported", async (_what, fault) => {
    const { ask, faults } = throwing(fault);
    expect(await ask()).toBe(
      "Something went wrong inside Quorate. Look at the card before you try again; the operator finds the cause in the log.",
    );
    expect(faults).toEqual([fault]);
  });
});

describe("a button of a card", () => {
  const withCeremony = () => {
    const found = { id: "UP-1", revision: 2 };
    return withCommand(async () => notice("good", "Stamped."), {
      options: [{ name: "ceremony", description: "Which one", type: "ceremony", required: false }],
      services: { find: async () => found } as unknown as Services,
    });
  };
  const press = { options: { ceremony: "UP-1" } };

  test("that was offered for an earlier revision does nothing, and says what there is now", async () => {
    const { ask, runs } = withCeremony();
    expect(await ask({ ...press, revision: 1 })).toBe(
      "This button was for revision 1 of UP-1, which is at revision 2 now. Nothing was done: look at the newest card.",
    );
    expect(runs()).toBe(0);
    expect(await ask({ ...press, revision: 2 })).toBe("Stamped.");
  });

  test("that was stale may be pressed again on the newest card under the same delivery", async () => {
    const { ask } = withCeremony();
    await ask({ ...press, revision: 1, deliveryId: "d9" });
    expect(await ask({ ...press, revision: 2, deliveryId: "d9" })).toBe("Stamped.");
  });

  test("that carries no revision is like a typed line", async () => {
    expect(await withCeremony().ask(press)).toBe("Stamped.");
  });
});
