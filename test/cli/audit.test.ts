import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseFile, openStore } from "../../src/store/open-store.ts";
import { quorate } from "./run-quorate.ts";

const folder = mkdtempSync(join(tmpdir(), "quorate-audit-"));
const stream = "ceremony/UP-1";

beforeAll(async () => {
  const store = await openStore({ dataDir: folder });
  for (let seq = 0; seq < 4; seq++) await store.append(stream, seq, [{ type: "voted", data: { by: `p${seq}` } }], 7n);
  await store.append("council", 0, [{ type: "refused", data: {} }], 9n);
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const audit = (...words: string[]) => quorate(["audit", ...words, "--data", folder]);

test("a log that is what was written is told with its heads", async () => {
  const { code, stdout, stderr } = await audit("verify");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    /^ceremony\/UP-1 4 0x[0-9a-f]{64}\ncouncil 1 0x[0-9a-f]{64}\nThe log is what was written: 2 streams, 5 events\.\n$/,
  );
  expect(JSON.parse((await audit("verify", "--json")).stdout)).toMatchObject({
    ok: true,
    streams: 2,
    events: 5,
    faults: [],
    heads: [
      { stream, seq: 4 },
      { stream: "council", seq: 1 },
    ],
  });
});

test("export gives every event as a line, or one stream's, by QUORATE_DATA too", async () => {
  const lines = (await audit("export")).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map((one) => `${one.stream} ${one.seq}`)).toEqual([
    ...[1, 2, 3, 4].map((seq) => `${stream} ${seq}`),
    "council 1",
  ]);
  const one = await quorate(["audit", "export", "--stream", "council", "--json"], { QUORATE_DATA: folder });
  expect(JSON.parse(one.stdout)).toMatchObject({ stream: "council", seq: 1, type: "refused" });
  const { code, stderr } = await audit("export", "--stream", "ceremony/UP-9");
  expect([code, stderr]).toEqual([1, "There is no stream ceremony/UP-9; there are ceremony/UP-1, council.\n"]);
});

test("each fault is a sentence, and the exit code is 1", async () => {
  const database = new DatabaseSync(databaseFile(folder));
  database.exec(
    "update events set data = replace(data, 'p1', 'q1') where seq = 2; delete from events where stream = 'council'",
  );
  database.close();
  const { code, stderr } = await audit("verify");
  expect(code).toBe(1);
  expect(stderr.split("\n")).toEqual([
    "ceremony/UP-1: event 2 (voted) does not match its hash: it was changed, moved or inserted.",
    "council: the stream ends at event 0, and 1 were recorded: the end was cut off.",
    "",
  ]);
  const answered = await audit("verify", "--json");
  expect(answered.code).toBe(1);
  expect(JSON.parse(answered.stdout)).toMatchObject({ ok: false, faults: [{ stream, seq: 2 }, { stream: "council" }] });
});

test("an empty log proves nothing, and a database that is not there is said so", async () => {
  const empty = join(folder, "empty");
  await (await openStore({ dataDir: empty })).close();
  const { code, stderr } = await quorate(["audit", "verify", "--data", empty]);
  expect([code, stderr]).toEqual([1, "The log holds no event, so nothing was verified.\n"]);
  const none = await quorate(["audit", "verify", "--data", join(folder, "none")]);
  expect([none.code, none.stderr]).toEqual([
    2,
    `There is no database ${join(folder, "none/quorate.sqlite")}: start Quorate first, or name another data folder.\n`,
  ]);
});
