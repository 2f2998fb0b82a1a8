/** Schemas made from the vendor's types: of the app manifest, and of the blocks that the limits table speaks of. */

import { expect, test } from "vitest";
import { rules } from "./limits.ts";
import { slackSchemas, validateManifest } from "./schemas.ts";

const manifest = {
  display_information: { name: "Quorate" },
  features: {
    bot_user: { display_name: "quorate", always_online: true },
    slash_commands: [{ command: "/upgrade", description: "Run an upgrade", should_escape: true }],
  },
  oauth_config: { scopes: { bot: ["commands", "chat:write"] } },
  settings: { socket_mode_enabled: true, interactivity: { is_enabled: true } },
};

test("a manifest passes; a misspelt key, a missing name and a wrong type do not", async () => {
  expect(await validateManifest(manifest)).toEqual([]);
  expect(await validateManifest({ ...manifest, setings: {} })).toEqual([": invalid additional property: setings"]);
  expect(await validateManifest({ ...manifest, settings: { socket_mode: true } })).toEqual([
    "/settings: invalid additional property: socket_mode",
  ]);
  expect(await validateManifest({ ...manifest, display_information: {} })).toEqual([
    "/display_information: missing required field: name",
  ]);
  expect(await validateManifest({ ...manifest, settings: { socket_mode_enabled: "yes" } })).toContain(
    "/settings/socket_mode_enabled: must provide a boolean",
  );
});

test("every type in the limits table is a type that the vendor has", async () => {
  const schemas = await slackSchemas();
  const composition = ["option", "option_group", "confirm"];
  const types = Object.keys(rules).filter((one) => !composition.includes(one));
  expect(types.filter((type) => !schemas.knows(type))).toEqual([]);
  expect(schemas.knows("banner")).toBe(false);
});

test("an argument that no method takes is found, whatever else is right", async () => {
  const schemas = await slackSchemas();
  expect(schemas.args("chat.postMessage", { channel: "C0IN", text: "a", thread_ts: "1.0" })).toEqual([]);
  expect(schemas.args("chat.postMessage", { channel: "C0IN", text: "a", thread: "1.0" })).not.toEqual([]);
  expect(schemas.args("users.info", {})).not.toEqual([]);
});
