import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ShownCard, StoredButton } from "../../src/ports.ts";
import { type OpenedStore, openStore, type StoreLocation } from "../../src/store/open-store.ts";
import { testEngines } from "./engines.ts";

describe.each(testEngines)("on $name", (engine) => {
  let place: StoreLocation;
  let store: OpenedStore;
  beforeAll(async () => {
    await engine.start();
    place = await engine.place();
    store = await openStore(place);
  });
  afterAll(async () => {
    await store.close();
    await engine.stop();
  });
  async function reopen(): Promise<void> {
    await store.close();
    store = await openStore(place);
  }

  test("where a card stands survives a restart, one place a platform", async () => {
    const inSlack: ShownCard = {
      ...{ platform: "slack", key: "UP-1", channel: "C1", message: "1700000000.000100" },
      thread: undefined,
      revision: 3,
    };
    const inDiscord: ShownCard = {
      ...inSlack,
      platform: "discord",
      thread: "123456789012345678",
      revision: 4_000_000_000,
    };
    await store.keepShownCard({ ...inSlack, message: "", revision: 1 });
    await store.keepShownCard(inSlack);
    await store.keepShownCard(inDiscord);
    await reopen();
    expect(await store.shownCard("slack", "UP-1")).toEqual(inSlack);
    expect(await store.shownCard("discord", "UP-1")).toEqual(inDiscord);
    expect(await store.shownCard("slack", "UP-2")).toBeUndefined();
  });

  test("what a button stands for survives a restart, and the same twice is one", async () => {
    const plain: StoredButton = {
      ...{ id: "a", command: "show", options: { ceremony: "UP-1" }, label: "Größe 👍🏽" },
      revision: undefined,
      confirm: undefined,
    };
    const asked: StoredButton = { ...plain, id: "b", revision: 2, confirm: "Sure?" };
    await store.keepButtons([plain, asked], 1n);
    await store.keepButtons([asked], 2n);
    await store.keepButtons([], 2n);
    await reopen();
    expect(await store.button("a")).toEqual(plain);
    expect(await store.button("b")).toEqual(asked);
    expect(await store.button("c")).toBeUndefined();
  });

  test("a secret is made once, is its own by name, and stays", async () => {
    const [first, second, other] = await Promise.all([store.secret("x"), store.secret("x"), store.secret("y")]);
    expect(first).toHaveLength(32);
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    await reopen();
    expect(await store.secret("x")).toEqual(first);
  });

  test("a link is found by its hash alone, and is used once for all", async () => {
    const hash = `0x${"5a".repeat(32)}` as const;
    const purpose = "execute" as const;
    const bound = { ceremony: "UP-1", revision: 2, digest: `0x${"d1".repeat(32)}` as const };
    const link = { hash, purpose, person: "caro", account: "slack:T1:U1", ...bound, until: 900n };
    await store.keepLink(link);
    await expect(store.keepLink(link)).rejects.toThrow();
    await reopen();
    expect(await store.link(hash)).toEqual({ ...link, used: false });
    await store.useLink(hash, 5n);
    await store.useLink(hash, 6n);
    expect(await store.link(hash)).toEqual({ ...link, used: true });
    expect(await store.link(`0x${"5b".repeat(32)}`)).toBeUndefined();
  });

  test("lanes that are being worked on are left out, and pages come before everything else", async () => {
    const at = (key: string, lane: string, kind = "card") => ({ kind, key, lane, payload: {} });
    const cards = Array.from({ length: 60 }, (_, index) => at(`busy:${index}`, `busy:${index}`));
    await store.enqueue("many", [...cards, at("late", "late"), at("page", "page", "page")]);
    const lanes = cards.map((one) => one.lane);
    const due = (await store.due(10n, 2, lanes)).filter((one) => one.stream === "many").map((one) => one.key);
    expect(due[0]).toBe("page");
    expect((await store.due(10n, 1000, lanes)).map((one) => one.key)).toContain("late");
    expect((await store.due(10n, 1000, lanes)).map((one) => one.lane)).not.toContain("busy:0");
  });

  test("work that no event asks for is worked off like any other, once a key", async () => {
    const entry = { kind: "page", key: "alarm:1@slack", lane: "alarm@slack", payload: { text: "low" } };
    await store.enqueue("alarms", [entry, { ...entry, key: "alarm:1@discord", lane: "alarm@discord" }]);
    await store.enqueue("alarms", [entry]);
    const due = (await store.due(10n, 1000)).filter((one) => one.stream === "alarms");
    expect(due.map((one) => one.key)).toEqual(["alarm:1@slack", "alarm:1@discord"]);
  });
});
