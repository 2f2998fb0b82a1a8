import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { buttonToken, pressedButton, storedButton } from "../../src/chat/buttons.ts";
import type { Buttons, StoredButton } from "../../src/ports.ts";
import type { Action } from "../../src/view.ts";

const secret = randomBytes(32);
const approve: Action = {
  label: "Approve",
  command: "approve",
  options: { ceremony: "UP-1", digest: `0x${"ab".repeat(32)}` },
  style: "primary",
  revision: 2,
};

function storeOf(...rows: StoredButton[]): Buttons {
  return { keepButtons: async () => undefined, button: async (id) => rows.find((one) => one.id === id) };
}

test("a button comes back as what it was made for, and is short enough for every platform", async () => {
  const row = storedButton(approve);
  const token = buttonToken(secret, "slack:T1", row);
  expect(token.length).toBeLessThanOrEqual(100);
  expect(await pressedButton(secret, "slack:T1", token, storeOf(row))).toEqual({
    id: row.id,
    command: "approve",
    options: approve.options,
    label: "Approve",
    confirm: undefined,
    revision: 2,
  });
});

test("nothing of the action can be read from it", () => {
  expect(buttonToken(secret, "slack:T1", storedButton(approve))).toMatch(/^q1\.[\w-]{22}\.[\w-]{22}$/);
});

test("the same action is the same row, and any other action is another", () => {
  const changes: Partial<Action>[] = [
    { command: "deny" },
    { options: { ceremony: "UP-2" } },
    { revision: 3 },
    { label: "Approve it" },
    { confirm: "Sure?" },
  ];
  const ids = [{}, ...changes].map((change) => storedButton({ ...approve, ...change }).id);
  expect(storedButton({ ...approve }).id).toBe(ids[0]);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a token of another place, step, secret or row is nobody's button", async () => {
  const row = storedButton(approve);
  const other = storedButton({ ...approve, command: "cancel" });
  const store = storeOf(row, other);
  const token = buttonToken(secret, "slack:T1", row, "do");
  expect(await pressedButton(secret, "slack:T1", token, store, "do")).toBeDefined();
  expect(await pressedButton(secret, "slack:T2", token, store, "do")).toBeUndefined();
  expect(await pressedButton(secret, "slack:T1", token, store, "ask")).toBeUndefined();
  expect(await pressedButton(randomBytes(32), "slack:T1", token, store, "do")).toBeUndefined();
  expect(await pressedButton(secret, "slack:T1", token.replace(row.id, other.id), store, "do")).toBeUndefined();
  for (const forged of ["", "q1", `q1.${row.id}`, `q1.${row.id}.`, `${token}x`, token.slice(0, -1)])
    expect(await pressedButton(secret, "slack:T1", forged, store, "do")).toBeUndefined();
});

test("a button whose row is gone does nothing", async () => {
  const token = buttonToken(secret, "slack:T1", storedButton(approve));
  expect(await pressedButton(secret, "slack:T1", token, storeOf())).toBeUndefined();
});
