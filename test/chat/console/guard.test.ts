import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConsoleOptions } from "../../../src/chat/console/options.ts";
import { openConsole, type Scripted } from "./open-console.ts";
import { type Answer, post, send } from "./page-visit.ts";

let console: Scripted;
let port: string;
beforeAll(async () => {
  console = await openConsole();
  port = new URL(console.url).port;
});
afterAll(() => console.stop());

const say = (text = "status") => ({ account: "console:ada", id: crypto.randomUUID(), text });
const sentence = (answer: Answer): string => JSON.parse(answer.body).error;

describe("the console's door", () => {
  it("is on 127.0.0.1 only", async () => {
    expect(console.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const others = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    for (const { address, scopeid } of others) {
      if (address === "127.0.0.1") continue;
      expect(await opens(scopeid ? `${address}%${scopeid}` : address, Number(port)), address).toBe(false);
    }
  });

  it("opens for its own names only, whatever is asked", async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      expect((await send(console.url, { headers: { host } })).status).toBe(200);
    }
    for (const host of ["127.0.0.1", `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, "localhost:1"]) {
      for (const path of ["/", "/console.js", "/api/setup", "/api/events?account=console:ada"]) {
        const answer = await send(console.url + path, { headers: { host, "sec-fetch-site": "same-origin" } });
        expect(answer.status).toBe(421);
        expect(sentence(answer)).toBe(
          "This address is not the console's: open the address it printed when it started.",
        );
      }
    }
  });

  it("lets no other page act", async () => {
    for (const origin of ["http://evil.example", "null", `http://evil.example:${port}`, `https://127.0.0.1:${port}`]) {
      const answer = await post(console.url, "say", say(), { origin });
      expect(answer.status).toBe(403);
      expect(sentence(answer)).toBe("Only the console's own page may do this: the request came from elsewhere.");
    }
    const headers = { "content-type": "application/json" };
    const silent = { method: "POST", headers, body: JSON.stringify(say()) };
    expect((await send(`${console.url}/api/say`, silent)).status).toBe(403);
    const claiming = { ...silent, headers: { ...headers, "sec-fetch-site": "same-origin" } };
    expect((await send(`${console.url}/api/say`, claiming)).status).toBe(403);
    expect(console.invocations).toEqual([]);
    expect((await post(console.url, "say", say(), { origin: `http://localhost:${port}` })).status).toBe(202);
  });

  it("lets no other page read what people were told", async () => {
    const url = `${console.url}/api/events?account=console:ada`;
    for (const headers of [
      {},
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "http://evil.example" },
    ]) {
      expect((await send(url, { headers: { ...headers } })).status).toBe(403);
    }
    const both = { origin: "http://evil.example", "sec-fetch-site": "same-origin" };
    expect((await send(url, { headers: both })).status).toBe(403);
    expect((await send(`${console.url}/api/setup`)).status).toBe(403);
  });

  it("takes JSON only, and not too much of it", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
      const answer = await post(console.url, "say", say(), { "content-type": type });
      expect([answer.status, sentence(answer)]).toEqual([415, "The console takes JSON only."]);
    }
    const large = await post(console.url, "say", say("x".repeat(65 * 1024)));
    expect([large.status, sentence(large)]).toEqual([413, "That is too long for one message: 64 KiB is the most."]);
  });

  it("answers what it does not understand with a sentence", async () => {
    const answers = {
      '{"account"': "This request is not understood: body: Invalid input: expected object, received undefined.",
      '{"account":"console:ada","id":"x","text":"status"}':
        "This request is not understood: id: an id is 8 to 64 letters, digits and hyphens.",
      [JSON.stringify({ ...say(), account: "console:mallory" })]: "Nobody here has this account.",
    };
    for (const [body, expected] of Object.entries(answers)) {
      const answer = await post(console.url, "say", body);
      expect([answer.status, sentence(answer)]).toEqual([400, expected]);
    }
    const nowhere = await send(`${console.url}/secret`);
    expect([nowhere.status, sentence(nowhere)]).toEqual([404, "There is nothing here: the console is at /."]);
  });

  it("tells the browser to let nothing else in", async () => {
    for (const path of ["/", "/console.js", "/style.css", "/nowhere"]) {
      const { headers } = await send(console.url + path);
      expect(headers["content-security-policy"]).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data: blob:; connect-src 'self'; " +
          "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      );
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
      });
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
  });
});

describe("a console", () => {
  it("does not start on a chain that is not the program's own", async () => {
    for (const id of ["eip155:1", "eip155:10", "eip155:11155111", "eip155:313370"]) {
      await expect(openConsole({ chain: { id, startedByUs: true } })).rejects.toThrow(
        `The console works only on a chain that this program started itself, and ${id} is not one: ` +
          "in the console one visitor can act as everybody.",
      );
    }
    const foreign = { id: "eip155:31337", startedByUs: false } as unknown as ConsoleOptions["chain"];
    await expect(openConsole({ chain: foreign })).rejects.toThrow("started itself");
  });

  it("says when its port is taken", async () => {
    await expect(openConsole({ port: Number(port) })).rejects.toThrow(`Port ${port} is in use: choose another.`);
  });
});

function opens(host: string, onPort: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: onPort, timeout: 1000 });
    const settle = (opened: boolean) => {
      socket.destroy();
      resolve(opened);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
    socket.once("timeout", () => settle(false));
  });
}
