/** Metrics that other servers answer: real ones on the loopback, some of them with nothing good in mind. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Block } from "../../src/block-reads.ts";
import type { ChainPolicy } from "../../src/domain/chain-policy.ts";
import type { OutsideReading } from "../../src/domain/watch/outside.ts";
import { carefulGet } from "../../src/watch/careful-get.ts";
import { outsideServers } from "../../src/watch/outside-servers.ts";
import { metricWith } from "../domain/watch/sample-metric.ts";
import { hashOf } from "../support/sample-council.ts";

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

let answer: Answering;
let asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  answer(request, response);
});
let host: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = [];
  answer = (_request, response) => response.end('{"v":10000}');
});

const says = (body: string, status = 200, headers = {}): Answering => {
  return (_request, response) => response.writeHead(status, headers).end(body);
};
/** Begins to answer, and never comes to an end. */
const dripping: Answering = (_request, response) => {
  const timer = setInterval(() => response.write(" "), 5);
  response.on("close", () => clearInterval(timer));
};
const endless: Answering = (_request, response) => {
  const more = () => {
    while (!response.destroyed && response.write("[".repeat(65_536)));
  };
  response.on("drain", more);
  more();
};

const local = { environment: "local", privateHosts: undefined };
const production = (privateHosts: string[]): Pick<ChainPolicy, "environment" | "privateHosts"> => ({
  environment: "production",
  privateHosts,
});

describe("one GET", () => {
  const got = async (where: Pick<ChainPolicy, "environment" | "privateHosts">, url: string, timeoutMs = 5_000) => {
    const careful = carefulGet(where, timeoutMs);
    try {
      return await careful.get(url);
    } finally {
      careful.close();
    }
  };

  test("ends where a server drips, is silent, or has more to say than a value needs", async () => {
    answer = dripping;
    await expect(got(local, `http://${host}/`, 100)).rejects.toThrow("it took longer than 0.1 s");
    answer = () => undefined;
    await expect(got(local, `http://${host}/`, 100)).rejects.toThrow("it took longer than 0.1 s");
    answer = endless;
    await expect(got(local, `http://${host}/`)).rejects.toThrow("the answer is longer than 256 KiB");
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"v":10000}', () => response.destroy());
    };
    await expect(got(local, `http://${host}/`)).rejects.toThrow("no answer came (ECONNRESET)");
  });

  test("follows nobody anywhere", async () => {
    answer = says("", 302, { location: `http://${host}/elsewhere` });
    expect((await got(local, `http://${host}/v`)).status).toBe(302);
    expect(asked).toEqual(["/v"]);
  });

  test("takes a connection that was kept and is gone for no refusal", async () => {
    const careful = carefulGet(local);
    expect((await careful.get(`http://${host}/1`)).status).toBe(200);
    // The server ends it in the moment in which the next question is on its way.
    answer = (request, response) => {
      if (asked.length === 2) request.socket.resetAndDestroy();
      else response.end("{}");
    };
    expect((await careful.get(`http://${host}/2`)).status).toBe(200);
    expect(asked).toEqual(["/1", "/2", "/2"]);
    careful.close();
  });

  test("does not say in its faults where it asked", async () => {
    const fault = await got(local, "http://127.0.0.1:1/?key=hidden").catch((one: Error) => one);
    expect((fault as Error).message).toBe("no answer came (ECONNREFUSED)");
  });

  test.each([
    ["this machine", "https://127.0.0.1/"],
    ["this machine by another spelling", "https://0x7f.1/"],
    ["this machine by its name", "https://localhost/"],
    ["this machine in IPv6", "https://[::1]/"],
    ["an IPv4 address in IPv6", "https://[::ffff:10.0.0.1]/"],
    ["one that NAT64 would reach", "https://[64:ff9b::a00:1]/"],
    ["a private network", "https://10.1.2.3/"],
    ["another", "https://192.168.0.1/"],
    ["a third", "https://172.31.255.255/"],
    ["a carrier's", "https://100.64.0.1/"],
    ["a local IPv6 network", "https://[fd12::1]/"],
  ])("reaches nothing inside that policy does not name: %s", async (_what, url) => {
    const { host: itself } = new URL(url);
    await expect(got(production(["other.internal"]), url)).rejects.toThrow(
      /is at \S+, inside of a network, and chains\.yaml/,
    );
    // Named, it is asked, and does not answer in this test.
    await expect(got(production([itself]), url, 50)).rejects.toThrow(/^(no answer came \(|it took longer)/);
  });

  test.each([
    "https://169.254.169.254/latest/meta-data",
    "https://[fd00:ec2::254]/",
    "https://0.0.0.0/",
    "https://[fe80::1]/",
  ])("never asks %s, whoever names it", async (url) => {
    await expect(got(production([new URL(url).host]), url)).rejects.toThrow(/which is nobody's server/);
    await expect(got(local, url)).rejects.toThrow(/which is nobody's server/);
  });

  test("speaks in plain text to this machine alone, and where policy names it", async () => {
    expect(await got(production([host]), `http://${host}/v`)).toMatchObject({ status: 200, body: '{"v":10000}' });
    await expect(got(production([]), `http://${host}/v`)).rejects.toThrow("it is asked by https alone");
    await expect(got(production(["10.0.0.1"]), "http://10.0.0.1/")).rejects.toThrow("it is asked by https alone");
    expect(asked).toEqual(["/v"]);
  });
});

describe("a metric of another server", () => {
  const block = (timestamp: bigint): Block => ({ number: 7n, hash: hashOf("7"), parent: hashOf("6"), timestamp });
  const metric = (change: object = {}, read: object = {}) =>
    metricWith({ read: { kind: "http", url: `http://${host}/v`, pointer: "/v", ...read }, ...change });
  let now = 1_000n;
  const servers = (timeoutMs = 5_000, patience = 5_000) => {
    const careful = carefulGet(local, timeoutMs);
    const { readings } = outsideServers(careful.get, { now: () => now }, patience);
    return {
      async read(...metrics: ReturnType<typeof metric>[]): Promise<OutsideReading[]> {
        const wanted = metrics.map((one, index) => ({ key: `${index}`, metric: one }));
        return (await readings(wanted, block(now))).map(([, found]) => found);
      },
      readings,
      stop: () => careful.close(),
    };
  };
  beforeEach(() => {
    now = 1_000n;
  });

  test.each<[string, Answering, Partial<OutsideReading>]>([
    ["a value", says('{"v":10000}'), { verdict: "pass", value: 10_000n, reason: "" }],
    [
      "more digits than a float has",
      says('{"v":123456789012345678901234567890}'),
      { verdict: "pass", value: 123456789012345678901234567890n },
    ],
    ["an exponent", says('{"v":1e30}'), { verdict: "pass", value: 10n ** 30n }],
    ["NaN", says('{"v":NaN}'), { verdict: "error", value: null, reason: "the answer is not JSON" }],
    ["a page of HTML", says("<html>10000</html>"), { verdict: "error", reason: "the answer is not JSON" }],
    [
      "a redirect",
      says("", 301, { location: "https://example.org" }),
      { verdict: "error", reason: "the answer had the status 301" },
    ],
    ["no end", endless, { verdict: "error", reason: "the answer is longer than 256 KiB" }],
  ])("that gives %s", async (_what, given, expected) => {
    answer = given;
    const { read, stop } = servers();
    expect((await read(metric()))[0]).toMatchObject(expected);
    stop();
  });

  test("is asked once for several of its values, and again when its interval is over", async () => {
    answer = says('{"v":10000,"w":1}');
    const { read, stop } = servers();
    const both = [metric({ interval: 30n }), metric({ interval: 30n }, { pointer: "/w" })];
    expect((await read(...both)).map((one) => one.verdict)).toEqual(["pass", "fail"]);
    now = 1_029n;
    await read(...both);
    expect(asked).toHaveLength(1);
    now = 1_030n;
    answer = says('{"v":1,"w":1}');
    expect((await read(...both)).map((one) => one.verdict)).toEqual(["fail", "fail"]);
    expect(asked).toHaveLength(2);
    stop();
  });

  test("is asked once a second at most, however fast the blocks come", async () => {
    const { read, stop } = servers();
    for (let nth = 0; nth < 5; nth += 1) await read(metric());
    expect(asked).toHaveLength(1);
    stop();
  });

  test("holds no block up for longer than once: what it says late counts at the next", async () => {
    let late: ServerResponse | undefined;
    answer = (_request, response) => {
      late = response;
    };
    const { read, readings, stop } = servers(60_000, 20);
    expect((await read(metric()))[0]).toMatchObject({ verdict: "error", value: null, reason: "no answer came yet" });
    const wanted = [{ key: "it", metric: metric() }];
    let isWaiting = true;
    const next = readings(wanted, block(now)).then(() => {
      isWaiting = false;
    });
    // Nothing but promises lies between: it did not wait again.
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWaiting).toBe(false);
    await next;
    late?.end('{"v":10000}');
    await expect.poll(async () => (await read(metric()))[0]?.verdict).toBe("pass");
    expect(asked).toHaveLength(1);
    stop();
  });

  test("that is silent keeps its last value only while it is young enough", async () => {
    const { read, stop } = servers(60_000, 20);
    await expect.poll(async () => (await read(metric()))[0]?.verdict).toBe("pass");
    answer = () => undefined;
    now = 1_060n;
    expect((await read(metric()))[0]).toMatchObject({ verdict: "pass" });
    now = 1_061n;
    expect((await read(metric()))[0]).toMatchObject({ verdict: "stale", reason: "it was taken 61 s ago" });
    stop();
  });

  test("says nothing of a block that was long ago, and is not asked for it", async () => {
    const { readings, stop } = servers();
    const [found] = await readings([{ key: "it", metric: metric() }], block(now - 61n));
    expect(found?.[1]).toMatchObject({ verdict: "stale", value: null });
    expect(asked).toEqual([]);
    stop();
  });

  test("that is Prometheus is asked for its instant value, with its own time", async () => {
    const gives = (time: number) =>
      says(JSON.stringify({ status: "success", data: { resultType: "scalar", result: [time, "10000"] } }));
    answer = gives(999.5);
    const { read, stop } = servers();
    const one = metric({}, { url: `http://${host}/p`, pointer: undefined, query: "sum(x)" });
    expect((await read(one))[0]).toMatchObject({ verdict: "pass", value: 10_000n });
    expect(asked).toContain("/p/api/v1/query?query=sum(x)");
    now = 1_010n;
    answer = gives(900);
    expect((await read(one))[0]).toMatchObject({ verdict: "stale", reason: "it was taken 110 s ago" });
    stop();
  });
});
