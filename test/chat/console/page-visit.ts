/** Talks to the console as a program would that is not its page: every header is chosen by the test. */

import { request } from "node:http";
import type { Update } from "../../../src/chat/console/wire.ts";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One request with exactly these headers; Host is the console's unless given. */
export function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, body } = options;
    const sent = request(url, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** A request as the console's own page makes it. */
export function post(
  console: string,
  action: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return send(`${console}/api/${action}`, {
    method: "POST",
    headers: { origin: console, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export interface Listening {
  updates: Update[];
  /** Resolves with the first update, past or future, that fits. */
  until<Found extends Update>(fits: (update: Update) => update is Found): Promise<Found>;
  until(fits: (update: Update) => boolean): Promise<Update>;
  stop(): void;
}

/** Follows the event stream as one person. */
export function listen(console: string, account: string): Listening {
  const updates: Update[] = [];
  const waiting = new Set<() => void>();
  const sent = request(
    `${console}/api/events?account=${encodeURIComponent(account)}`,
    { headers: { "sec-fetch-site": "same-origin" }, agent: false },
    (response) => {
      let rest = "";
      response.setEncoding("utf8");
      response.on("error", () => undefined);
      response.on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line.startsWith("data: ")) updates.push(JSON.parse(line.slice("data: ".length)));
        for (const check of waiting) check();
      });
    },
  );
  sent.on("error", () => undefined);
  sent.end();
  return {
    updates,
    until: (fits: (update: Update) => boolean) =>
      new Promise<never>((resolve) => {
        const check = () => {
          const found = updates.find(fits);
          if (!found) return;
          waiting.delete(check);
          resolve(found as never);
        };
        waiting.add(check);
        check();
      }),
    stop: () => sent.destroy(),
  };
}
