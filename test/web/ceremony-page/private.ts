/** What must never be read on the page or in its files. */

import type { Stage } from "./stage.ts";

/** Everything that the program keeps of a ceremony and shows nobody: accounts, deliveries, signatures, raw transactions. */
export async function privateTexts({ council }: Stage, ceremony = "UP-1"): Promise<string[]> {
  const [history, { signatures }] = await Promise.all([council.history(ceremony), council.state(ceremony)]);
  const kept = [
    ...signatures.map((one) => one.signature),
    ...history.flatMap((one) => (one.type === "executorSent" ? [one.data.raw] : [])),
  ];
  const bytes = await Promise.all(kept.map((hash) => council.store.blob(hash)));
  if (kept.length === 0 || bytes.includes(undefined)) throw new Error("Nothing that is private was kept.");
  return [
    ...kept,
    ...bytes.map((one) => Buffer.from(one ?? []).toString("hex")),
    ...council.policy.people.flatMap((one) => one.accounts),
    ...history.flatMap((one) => ("by" in one.data ? (one.data.by.delivery ?? []) : [])),
  ].map((one) => one.toLowerCase());
}

/** The page and its files as they are sent, in lower case. */
export async function everythingSent({ address }: Stage, ceremony = "UP-1"): Promise<string> {
  const parts = ["", "/package.json", "/evidence.json"].map(async (path) =>
    (await fetch(`${address(ceremony)}${path}`)).text(),
  );
  return (await Promise.all(parts)).join("\n").toLowerCase();
}
