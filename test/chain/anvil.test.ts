import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { anvilBinary, startAnvil } from "../../src/chain/anvil.ts";
import { guardCommand } from "../../src/chain/anvil-guard.ts";

async function rpc(url: string, method: string, params: unknown[] = []): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return ((await response.json()) as { result: unknown }).result;
}

async function answers(url: string): Promise<boolean> {
  return rpc(url, "eth_chainId").then(
    () => true,
    () => false,
  );
}

describe("a started anvil", () => {
  test("answers on 127.0.0.1 with the chain, the time and the accounts asked for, and stops", async () => {
    const anvil = await startAnvil({ chainId: 31338, timestamp: 1_700_000_000n, accounts: 2 });
    expect(anvil.url).toBe(`http://127.0.0.1:${anvil.port}`);
    expect(await rpc(anvil.url, "eth_chainId")).toBe("0x7a6a");
    expect(await rpc(anvil.url, "eth_accounts")).toHaveLength(2);
    expect(await rpc(anvil.url, "eth_getBlockByNumber", ["0x0", false])).toMatchObject({ timestamp: "0x6553f100" });
    await anvil.stop();
    await anvil.exited;
    expect(await answers(anvil.url)).toBe(false);
    await anvil.stop();
  });

  test("is finalized two blocks behind its newest", async () => {
    await using anvil = await startAnvil();
    await rpc(anvil.url, "anvil_mine", ["0xa"]);
    expect(await rpc(anvil.url, "eth_getBlockByNumber", ["finalized", false])).toMatchObject({ number: "0x8" });
  });

  test("mines only when asked if automine is off", async () => {
    await using anvil = await startAnvil({ accounts: 1, automine: false });
    const [from] = (await rpc(anvil.url, "eth_accounts")) as string[];
    await rpc(anvil.url, "eth_sendTransaction", [{ from, to: from }]);
    expect(await rpc(anvil.url, "eth_blockNumber")).toBe("0x0");
    await rpc(anvil.url, "evm_mine");
    expect(await rpc(anvil.url, "eth_blockNumber")).toBe("0x1");
  });

  test("keeps only so many states if told, and no file", async () => {
    await using anvil = await startAnvil({ keepStates: 3 });
    await rpc(anvil.url, "anvil_mine", ["0xa"]);
    const account = `0x${"1".repeat(40)}`;
    expect(await rpc(anvil.url, "eth_getBalance", [account, "0x9"])).toBe("0x0");
    expect(await rpc(anvil.url, "eth_getBalance", [account, "0x2"])).toBeUndefined();
  });

  test("takes a request of ten megabytes", async () => {
    await using anvil = await startAnvil();
    const account = `0x${"1".repeat(40)}`;
    await rpc(anvil.url, "anvil_setCode", [account, `0x${"00".repeat(5_000_000)}`]);
    expect(await rpc(anvil.url, "eth_getCode", [account, "latest"])).toHaveLength(10_000_002);
  });

  test("forks another at a block, with that chain's id", async () => {
    await using origin = await startAnvil({ chainId: 31339 });
    const account = `0x${"2".repeat(40)}`;
    await rpc(origin.url, "anvil_setBalance", [account, "0x7"]);
    await rpc(origin.url, "anvil_mine", ["0x3"]);
    await rpc(origin.url, "anvil_setBalance", [account, "0x8"]);
    await rpc(origin.url, "anvil_mine", ["0x1"]);
    await using fork = await startAnvil({ forkUrl: origin.url, forkBlock: 2n });
    expect(await rpc(fork.url, "eth_chainId")).toBe("0x7a6b");
    expect(await rpc(fork.url, "eth_getBalance", [account, "latest"])).toBe("0x7");
  });

  test("that cannot start says why in a sentence", async () => {
    await using other = await startAnvil();
    await expect(startAnvil({ hardfork: "nonsense" })).rejects.toThrow(
      "anvil did not start: Unknown hardfork: nonsense.",
    );
    await expect(startAnvil({ port: other.port })).rejects.toThrow(/^anvil did not start: Address already in use.*\.$/);
    await expect(startAnvil({ forkUrl: "http://127.0.0.1:1" })).rejects.toThrow(
      "anvil did not start: failed to get fork block number.",
    );
  });
});

describe("nothing is left behind", () => {
  let folder: string;
  let parent: ChildProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "quorate-anvil-test-"));
  });
  afterEach(async () => {
    parent?.kill("SIGKILL");
    await empty().finally(() => rmSync(folder, { recursive: true, force: true }));
  });
  const gone = (url: string) =>
    vi.waitFor(async () => expect(await answers(url)).toBe(false), { timeout: 5_000, interval: 5 });
  const empty = () => vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), { timeout: 5_000, interval: 5 });

  /** A program that starts anvil with everything it writes below `folder`, says its URL, and waits. */
  async function program(first = ""): Promise<string> {
    const anvil = JSON.stringify(fileURLToPath(new URL("../../src/chain/anvil.ts", import.meta.url)));
    const source = `${first} const { startAnvil } = await import(${anvil}); console.log((await startAnvil()).url); setInterval(() => {}, 1000);`;
    const env = { ...process.env, TMPDIR: folder, HOME: join(folder, "home") };
    parent = spawn(process.execPath, ["--input-type=module", "-e", source], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    const [url] = (await once(parent.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    return url.toString().trim();
  }

  test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("when the program dies of %s", async (signal) => {
    const url = await program();
    await rpc(url, "anvil_mine", ["0xa"]);
    expect(readdirSync(folder)).toHaveLength(1);
    parent?.kill(signal);
    await gone(url);
    await empty();
  });

  test("when Ctrl-C at a terminal ends the program, which may use the chain until then", async () => {
    const url = await program(`process.once("SIGINT", () => console.log("ending"));`);
    const ending = once(parent?.stdout as NodeJS.ReadableStream, "data");
    process.kill(-(parent?.pid ?? 0), "SIGINT"); // a terminal signals the whole group
    await ending;
    expect(await answers(url)).toBe(true);
    process.kill(-(parent?.pid ?? 0), "SIGINT");
    await gone(url);
    await empty();
  });

  test("when anvil itself dies, which the program hears", async () => {
    vi.stubEnv("TMPDIR", folder);
    const anvil = await startAnvil();
    vi.unstubAllEnvs();
    const children = spawn("pgrep", ["-P", String(anvil.pid)], { stdio: ["ignore", "pipe", "inherit"] });
    const [pid] = (await once(children.stdout, "data")) as [Buffer];
    process.kill(Number(pid.toString()), "SIGKILL");
    await anvil.exited;
    await empty();
  });

  test("with the guard for machines without a shell", async () => {
    const args = ["--host", "127.0.0.1", "--port", "0"];
    const guard = guardCommand(anvilBinary(), args, "script");
    const env = { ...process.env, TMPDIR: folder };
    parent = spawn(guard.command, guard.args, { env, stdio: ["pipe", "pipe", "inherit"] });
    let output = "";
    for await (const chunk of parent.stdout as NodeJS.ReadableStream) {
      output += String(chunk);
      if (output.includes("Listening")) break;
    }
    const url = `http://${/Listening on (.*)/.exec(output)?.[1]}`;
    expect(await answers(url)).toBe(true);
    parent.stdin?.end();
    await gone(url);
    await empty();
    expect(existsSync(folder)).toBe(true);
  });
});
