/** Ctrl+C while something is in hand: the chain is taken away with it, and nobody is frightened by what that breaks. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import type { Update } from "../../src/chat/console/wire.ts";
import { listen, post } from "../chat/console/page-visit.ts";

const root = resolve(import.meta.dirname, "../..");
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

test("stopped in the middle of a check it ends well, and prints nothing of what could not be finished", async () => {
  const env = { ...process.env, PORT: "0", OPERATOR_PORT: "" };
  const program = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "src/cli.ts", "start"], {
    ...{ cwd: root, env, stdio: ["ignore", "pipe", "pipe"] },
  });
  ends.push(() => void program.kill("SIGKILL"));
  const complaints = text(program.stderr);
  const console = await new Promise<string>((found) => {
    let printed = "";
    program.stdout.on("data", (chunk) => {
      printed += chunk;
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
      if (url !== undefined) found(url);
    });
  });
  const heard = listen(console, "console:ada");
  ends.push(() => heard.stop());
  const says = (id: string, line: string) => post(console, "say", { account: "console:ada", id, text: line });
  const replied = (id: string, fits: (entry: Extract<Update, { type: "reply" }>["entry"]) => boolean) =>
    heard.until((one) => one.type === "reply" && one.entry.id === id && fits(one.entry));
  await says("request-1", "/upgrade propose target=harbour release=2.0.0");
  await replied("request-1", (entry) => entry.view !== null);
  await says("request-2", "/upgrade check UP-1");
  await replied("request-2", (entry) => entry.progress.length > 1);
  program.kill("SIGINT");
  const [code] = await once(program, "close");
  expect(await complaints).toBe("");
  expect(code).toBe(0);
});
