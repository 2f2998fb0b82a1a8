/**
 * A process of its own that appends events with a retry, as the program does, and says so on standard output:
 * node appender.ts PLACE own|shared COUNT NAME. "own" takes the lock of the place, "shared" races with others: it waits
 * for a line on standard input, so that all start together.
 */

import { once } from "node:events";
import { writeSync } from "node:fs";
import { createStore, databaseFile, openStore, type StoreLocation } from "../../src/store/open-store.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { openSqlite } from "../../src/store/sqlite.ts";

const [placeText = "", access, count, name = ""] = process.argv.slice(2);
const place = JSON.parse(placeText) as StoreLocation;
const engine = () => ("dataDir" in place ? openSqlite(databaseFile(place.dataDir)) : openPostgres(place.databaseUrl));
const store = access === "own" ? await openStore(place) : createStore(await engine());

// It ends with the test that started it, however that ends.
process.stdin.on("end", () => process.exit(3)).resume();

const say = (line: string) => writeSync(1, `${line}\n`);
say("open");
if (access === "shared") await once(process.stdin, "data");
for (let n = 0; n < Number(count); ) {
  const seq = (await store.streams("c1"))[0]?.seq ?? 0;
  const entry = { kind: "post", key: `${name}-${n}`, lane: name, payload: {} };
  const result = await store.append("c1", seq, [{ type: "voted", data: { name, n } }], 1n, { outbox: [entry] });
  if (!result.ok) continue;
  say(String(seq + 1));
  n += 1;
}
// With nothing to append it holds its place until it is killed.
if (count !== "0") {
  await store.close();
  process.exit(0);
}
