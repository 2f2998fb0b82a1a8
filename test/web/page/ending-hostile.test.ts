/** A server that lies about an ending: what is no cancellation and no rejection is named, and nothing is asked of the wallet. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { EndingBriefJson } from "../../../src/web/brief.ts";
import { walk } from "../../support/embedded.ts";
import { type LinkedStage, startLinkedStage } from "./linked-stage.ts";
import { connect } from "./stage.ts";

type Tx = EndingBriefJson["transactions"][number]["tx"];
type Lie = (brief: EndingBriefJson) => unknown;

const stranger = "0x1111111111111111111111111111111111111111";
const otherHash = `0x${"5a".repeat(32)}`;
let stage: LinkedStage;
/** What the server would have said, had it told the truth. */
const truths = {} as Record<"rejection" | "cancellation", EndingBriefJson>;
beforeAll(async () => {
  stage = await startLinkedStage();
  const { council } = stage;
  // One ended before it was sent, of which signatures are about, and one whose operations stand in the timelock.
  await walk(council, "signed");
  await council.as("finn", "cancel", { ceremony: "UP-1", reason: "superseded" });
  await council.quorate.settle();
  truths.rejection = (await stage.desk.brief(await stage.token("dev", "sign"))) as EndingBriefJson;
  for (const person of ["caro", "dev", "finn"] as const) await council.as(person, "sign", { ceremony: "UP-1" });
  await walk(council, "scheduled", undefined, "UP-2");
  await council.as("finn", "cancel", { ceremony: "UP-2", reason: "superseded" });
  await council.quorate.settle();
  const token = await stage.token("dev", "sign", { ceremony: "UP-2" });
  truths.cancellation = (await stage.desk.brief(token)) as EndingBriefJson;
}, 120_000);
afterAll(() => stage?.stop());

/** Changes the first transaction; whatever else is said of it stays. */
const tx =
  (change: (tx: Tx) => Partial<Tx>): Lie =>
  (brief) => ({
    ...brief,
    transactions: brief.transactions.map((one, at) =>
      at === 0 ? { ...one, tx: { ...one.tx, ...change(one.tx) } } : one,
    ),
  });
/** Told well: the id fits what the transaction says of itself. */
const renamed =
  (lie: Lie): Lie =>
  (brief) => {
    const told = lie(brief) as EndingBriefJson;
    const [first, ...rest] = told.transactions;
    if (first === undefined) throw new Error("Nothing is rejected.");
    const id = `reject/${first.tx.chain}/${first.tx.safe}/${first.tx.nonce}`;
    return { ...told, transactions: [{ ...first, id }, ...rest], asked: [id] };
  };

const lies: [string, "rejection" | "cancellation", Lie, string | RegExp][] = [
  [
    "calldata in a rejection",
    "rejection",
    tx(() => ({ data: "0x8456cb59" })),
    /The rejection of nonce \d+ is stated with calldata, and a rejection calls nothing: Pause /,
  ],
  ["value in a rejection", "rejection", tx(() => ({ value: "1" })), /is stated to send 1 wei; it must send nothing\./],
  [
    "a rejection that calls somebody else",
    "rejection",
    tx(() => ({ to: stranger })),
    new RegExp(`is stated to call ${stranger} instead of 0x`),
  ],
  ["a DELEGATECALL", "rejection", tx(() => ({ operation: 1 as const })), "is stated as a DELEGATECALL"],
  [
    "a gas refund",
    "rejection",
    tx(() => ({ refundReceiver: stranger })),
    "is stated with a gas field that is not zero",
  ],
  [
    "another nonce under the same name",
    "rejection",
    tx(({ nonce }) => ({ nonce: String(BigInt(nonce as string) + 100n) })),
    /reject\/.* is stated for the Safe 0x\w+ and nonce \d+, which is reject\//,
  ],
  [
    "a nonce that nothing was signed for",
    "rejection",
    renamed(tx(({ nonce }) => ({ nonce: String(BigInt(nonce as string) + 100n) }))),
    /Nothing of this ceremony was signed for nonce \d+ of 0x\w+ or for a later one/,
  ],
  [
    "another Safe",
    "rejection",
    renamed(tx(() => ({ safe: stranger, to: stranger }))),
    `A rejection is stated for the Safe ${stranger}, which this release does not use.`,
  ],
  [
    "one nonce twice",
    "rejection",
    (brief) => ({ ...brief, transactions: [...brief.transactions, ...brief.transactions] }),
    "Two transactions are stated for one nonce of one Safe",
  ],
  [
    "a signature that does not exist",
    "rejection",
    (brief) => ({ ...brief, asked: [...brief.asked, "reject/everything"] }),
    "The link asks for a signature called reject/everything, and this ending has no such transaction.",
  ],
  ["nothing to sign", "rejection", (brief) => ({ ...brief, asked: [] }), "The link asks for no signature at all."],
  [
    "something that is neither",
    "rejection",
    (brief) => ({ ...brief, transactions: brief.transactions.map((one) => ({ ...one, id: "pilot/upgrade" })) }),
    "pilot/upgrade names neither an operation of this release nor a nonce.",
  ],
  [
    "a version that is a command",
    "rejection",
    tx(() => ({ safeVersion: "1.4.1 $(id)" })),
    "a Safe's version is not written as numbers",
  ],
  ["half a brief", "rejection", ({ loose: _loose, ...rest }) => rest, "What there is to sign came malformed: loose"],
  [
    "the calldata of another operation",
    "cancellation",
    tx(() => ({ data: `0xc4d252f5${otherHash.slice(2)}` })),
    /The cancellation of pilot\/upgrade is stated with other calldata, and so for another operation than this release has: Cancel the operation 0x5a5a/,
  ],
  [
    "another head of the log, which every operation is salted with",
    "cancellation",
    (brief) => ({ ...brief, auditHead: otherHash }),
    "is stated with other calldata, and so for another operation",
  ],
  [
    "another package, whose operations are others",
    "cancellation",
    (brief) => ({ ...brief, package: { ...(brief.package as object), rationale: "Something else entirely." } }),
    "is stated with other calldata, and so for another operation",
  ],
  [
    "a Safe that is not the guardian's",
    "cancellation",
    tx(() => ({ safe: stranger })),
    /cancel\/pilot\/upgrade is stated for the Safe 0x1111\w+, and the guardian Safe of this release is 0x/,
  ],
  [
    "a timelock that is none",
    "cancellation",
    tx(() => ({ to: stranger })),
    new RegExp(`The cancellation of pilot/upgrade is stated to call ${stranger} instead of 0x`),
  ],
];

test.each(lies)("%s", async (_name, kind, lie, said) => {
  stage.server.brief = () => ({ status: 200, body: lie(truths[kind]) });
  const visit = await stage.open("dev", "a-link");
  const alert = visit.page.getByRole("alert").first();
  await alert.getByText("Do not sign. What you were sent does not add up.").waitFor();
  expect(await alert.textContent()).toMatch(said);
  expect(await visit.page.getByRole("button", { name: /Connect|Sign \d/ }).count()).toBe(0);
  expect(visit.wallet.requests).toEqual([]);
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test("a nonce that the Safe cannot use yet, told well, is found on the chain", async () => {
  const last = truths.rejection.transactions.findLast(({ tx }) => tx.nonce !== "0");
  if (last === undefined) throw new Error("Only nonce 0 is rejected.");
  const ahead = { ...last.tx, nonce: "900" };
  const id = `reject/${ahead.chain}/${ahead.safe}/900`;
  const told = {
    ...truths.rejection,
    transactions: [{ id, tx: ahead }],
    loose: [...truths.rejection.loose, { id: "main/rollback", tx: { ...ahead } }],
    asked: [id],
  };
  stage.server.brief = () => ({ status: 200, body: told });
  const visit = await stage.open("dev", "a-link");
  await connect(visit);
  expect(await visit.page.locator(".verdict").textContent()).toMatch(
    /Nonce 900 of the council Safe .* cannot be used before \d+, which the Safe is to use before it and nothing here is for\./,
  );
  expect(visit.wallet.signRequests()).toEqual([]);
  await visit.close();
});
