import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyStore } from "../../src/store/audit.ts";
import { createStore, type OpenedStore, openStore } from "../../src/store/open-store.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { runSql, startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type CommitProxy, type Loss, startCommitProxy } from "./commit-proxy.ts";

describe("a COMMIT whose reply is lost", () => {
  let server: TestPostgres;
  let proxy: CommitProxy;
  let databaseUrl: string;
  let store: OpenedStore;

  beforeAll(async () => {
    server = await startPostgres();
    proxy = await startCommitProxy(server.port);
    databaseUrl = await server.createDatabase();
    store = await openStore({
      databaseUrl: `${databaseUrl.replace(`:${server.port}/`, `:${proxy.port}/`)}?query_timeout=500`,
    });
  });
  afterAll(async () => {
    await store.close();
    proxy.close();
    await server.stop();
  });

  const losses: Loss[] = ["before", "after", "late", "silent"];
  const cases = losses.flatMap((loss) => [
    { loss, stream: `new-${loss}`, what: "of a new stream" },
    { loss, stream: "grown", what: "of a stream with events" },
  ]);
  test.each(cases)("($loss, $what) neither loses nor doubles the events", async ({ loss, stream }) => {
    if (stream === "grown" && loss === "before") await store.append(stream, 0, [{ type: "drafted", data: {} }], 1n);
    const before = (await store.read(stream)).length;
    const lost = proxy.lost();
    proxy.arm(loss);
    const events = [1, 2].map((n) => ({ type: "voted", data: { n, loss } }));
    const outbox = [{ kind: "post", key: `${stream}-${loss}`, lane: stream, payload: {} }];
    const result = await store.append(stream, before, events, 1n, { outbox });
    expect(proxy.lost()).toBe(lost + 1);
    const stored = await store.read(stream);
    expect(result).toEqual({ ok: true, events: stored.slice(before) });
    expect(stored).toHaveLength(before + 2);
    expect((await store.due(1n, 100)).filter((item) => item.key === `${stream}-${loss}`).length).toBeLessThan(2);
    expect((await verifyStore(store)).faults).toEqual([]);
    // The connections that are left answer what they are asked.
    await Promise.all(Array.from({ length: 8 }, () => expect(store.read(stream)).resolves.toEqual(stored)));
  });

  test("is no success when another writer's equal events were faster", async () => {
    const other = createStore(await openPostgres(databaseUrl));
    const append = (writer: OpenedStore) => writer.append("raced", 0, [{ type: "voted", data: { same: true } }], 1n);
    proxy.arm("before", async () => {
      expect((await append(other)).ok).toBe(true);
    });
    expect(await append(store)).toEqual({ ok: false, conflict: "sequence moved on" });
    expect(await store.read("raced")).toHaveLength(1);
    await other.close();
  });

  test("of a server that drops all its connections again and again costs nothing", async () => {
    const cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname <> 'postgres'";
    for (let n = 0; n < 40; n++) {
      const append = store.append("cut", n, [{ type: "voted", data: { n } }], 1n);
      const [result] = await Promise.all([append, runSql(server.adminUrl, cut)]);
      expect(result.ok).toBe(true);
    }
    const kept = () => store.read("cut").then((events) => events.map(({ data }) => data.n));
    await expect.poll(() => kept().catch(() => "unreachable")).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect((await verifyStore(store)).faults).toEqual([]);
  });
});
