/** Containments that do not answer what they are named for, and such that nobody may leave to the program. */

import { describe, expect, test } from "vitest";
import { change, problemsAfter } from "./given-policy.ts";

const solvency = "title: Pilot pool solvency\n";
const pilot = 'to: "0x6f03aa0f34dfc2fA657E4fB34d472cAdB2dEEd33"';
const way =
  "    wayBack:\n      by: the council, through the timelock\n      call: unpause() on the pilot pool\n      delay: 172800 # seconds\n";
const multiSend = '    multiSendCallOnly: "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"';
const files = {
  targets: "targets/harbour.yaml",
  invariants: "invariants/harbour.yaml",
  chains: "chains.yaml",
} as const;
const pausing = "    action: Pause the pilot pool\n";

describe("refused", () => {
  test.each([
    [
      "a containment of another kind than the breach takes, without a reason",
      [["targets", pausing, `${pausing}    effect: isolate\n`]],
      "metrics.pilot-solvency: a breach of the class asset is answered by freeze, roll-back, limit, and not by isolate: name another than pause-pilot, or say under containmentReason why this one",
    ],
    [
      "calldata of another function than people read",
      [
        [
          "targets",
          `${pilot}\n      signature: "function pause()"`,
          `${pilot}\n      signature: "function pause()"\n      data: "0x3f4ba83a"`,
        ],
      ],
      "containment.pause-pilot: the data 0x3f4ba83a is no call of pause",
    ],
    [
      "by itself in shadow",
      [["invariants", solvency, `${solvency}    automatic: true\n    mode: shadow\n`]],
      "metrics.pilot-solvency: automatic cannot be: nothing comes of an invariant in shadow",
    ],
    [
      "by itself on an event",
      [
        [
          "invariants",
          "title: Nobody has shortened the timelock's delay\n",
          "title: Nobody has shortened the timelock's delay\n    automatic: true\n",
        ],
      ],
      "metrics.delay-unchanged: automatic cannot be: a source of the kind event cannot be tried on a copy of the chain",
    ],
    [
      "by itself without a way back",
      [
        ["invariants", solvency, `${solvency}    automatic: true\n`],
        ["targets", way, ""],
      ],
      "metrics.pilot-solvency: automatic cannot be: pause-pilot does not say its wayBack: who lifts it, and how",
    ],
    [
      "by itself where a signature is held back",
      [
        ["invariants", solvency, `${solvency}    automatic: true\n`],
        ["targets", pausing, `${pausing}    heldBack: true\n`],
      ],
      "metrics.pilot-solvency: automatic cannot be: a signature of pause-pilot is held back until a person gives the word",
    ],
    [
      "by itself on a chain where nothing is bound",
      [
        ["invariants", solvency, `${solvency}    automatic: true\n`],
        ["chains", multiSend, "    #"],
      ],
      "metrics.pilot-solvency: automatic cannot be: without multiSendCallOnly in chains.yaml pause-pilot is bound to no code and to no end",
    ],
  ] as const)("%s", async (_what, changes, problem) => {
    const said = await problemsAfter((folder) => {
      for (const [file, from, to] of changes) change(folder, files[file], from, to);
    });
    expect(said).toContain(problem);
  });
});
