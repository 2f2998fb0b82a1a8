/** Ceremonies from a terminal, on a chain that the program did not start and knows only by its environment. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublicClient, http, parseGwei } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startAnvil } from "../../src/chain/anvil.ts";
import { CliFault } from "../../src/cli/fault.ts";
import { intakeSignature, intakeTransaction } from "../../src/cli/intake.ts";
import { invocationOf } from "../../src/cli/upgrade.ts";
import type { BlockProducer } from "../../src/embedded/block-producer.ts";
import { embeddedGasAccount, embeddedPeople, type PersonName } from "../../src/embedded/people.ts";
import { advanceTime } from "../../src/embedded/trade.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { quietBlocks } from "../support/live-quorate.ts";
import { type Ended, quorate, startQuorate } from "./run-quorate.ts";

const folder = mkdtempSync(join(tmpdir(), "quorate-upgrade-"));
let world: StartedWorld;
let blocks: BlockProducer;
let configured: Record<string, string>;

beforeAll(async () => {
  world = await startWorld();
  blocks = await quietBlocks(world);
  configured = {
    RPC_31337: world.url,
    GAS_KEY: embeddedGasAccount.privateKey,
    QUORATE_DATA: join(folder, "data"),
  };
});
afterAll(async () => {
  await blocks.stop();
  await world.stop();
  rmSync(folder, { recursive: true });
});

const as = (person: string, ...words: string[]) =>
  quorate(["upgrade", ...words, "--account", `cli:${person}`], configured);

/** What the command printed, where it succeeded. */
async function done(ended: Promise<Ended>): Promise<string> {
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return stdout;
}

interface Item {
  purpose: string;
  typedData: Parameters<ReturnType<typeof privateKeyToAccount>["signTypedData"]>[0];
  hashes: { safeTxHash: string; domainHash: string; messageHash: string };
  call: { to: `0x${string}`; data: `0x${string}` };
}

async function wanted(person: string, command: string): Promise<Item[]> {
  const { view } = JSON.parse(await done(as(person, command, "UP-1", "--json")));
  expect(view.kind).toBe("wallet");
  return view.items;
}

const wallet = (name: PersonName) => privateKeyToAccount(embeddedPeople[name].privateKey);

async function handIn(account: PersonName, items: Item[], signer = account): Promise<Ended> {
  const given = items.map(async ({ hashes: { safeTxHash }, typedData }) => [
    ...["--hash", safeTxHash],
    ...["--signature", await wallet(signer).signTypedData(typedData)],
  ]);
  const words = ["intake", "signature", "--account", `cli:${account}`, "--ceremony", "up-1"];
  return quorate([...words, ...(await Promise.all(given)).flat()], configured);
}

/** The executor's wallet, which is no part of the program. */
async function signedTransaction(person: PersonName, { call: { to, data } }: Item): Promise<string> {
  const client = createPublicClient({ transport: http(world.url) });
  const nonce = await client.getTransactionCount({ address: wallet(person).address });
  const fees = { maxFeePerGas: parseGwei("100"), maxPriorityFeePerGas: parseGwei("1") };
  return wallet(person).signTransaction({ chainId: 31337, nonce, gas: 8_000_000n, to, data, ...fees });
}

test("an upgrade from proposal to canary, each step a process of its own", { timeout: 300_000 }, async () => {
  expect(await done(as("ada", "propose", "target=harbour", "release=2.0.3-stale", "title=Date the prices"))).toContain(
    "UP-1 is drafted.",
  );
  expect(await done(as("ada", "check", "UP-1"))).toMatch(/IN REVIEW {2}.*Date the prices/);

  const first = await wanted("caro", "sign");
  const stranger = await handIn("caro", first.slice(0, 1), "eve");
  expect([stranger.code, stranger.stderr]).toEqual([
    1,
    `UP-1 was not changed: the wallet ${wallet("eve").address} that signed is not an owner of the Safe.\n`,
  ]);
  await done(handIn("caro", first));
  for (const person of ["dev", "finn"] as const) await done(handIn(person, await wanted(person, "sign")));
  await done(as("dev", "schedule", "UP-1"));
  await advanceTime(world, 172_800n, 12);

  const [item] = await wanted("eve", "execute");
  const raw = await signedTransaction("eve", item as Item);
  const sent = ["--account", "cli:eve", "--ceremony", "UP-1", "--raw", raw];
  expect(await done(quorate(["intake", "transaction", ...sent], configured))).toMatch(/CANARY/);
});

describe("what a person asks wrongly", () => {
  const refused = (words: readonly string[], account = "cli:ben") => {
    try {
      return invocationOf(words, account).command;
    } catch (fault) {
      return fault instanceof CliFault ? `${fault.exitCode} ${fault.message}` : fault;
    }
  };

  test("an account of another platform is not even tried", () => {
    for (const account of ["console:ben", "slack:T1:U1", "ben", "cli:", "cli:a b"])
      expect(refused(["list"], account)).toBe(
        `2 ${account} is not an account of the terminal: those of policy that are start with cli:, such as cli:ben.`,
      );
    expect(refused(["list"])).toBe("list");
  });

  test("a command or option that there is not", () => {
    expect(refused(["aprove", "UP-1"])).toBe("2 There is no command “aprove”. Did you mean approve?");
    expect(refused(["approve", "UP-1", "because=so"])).toMatch(/^2 approve has no option “because”\./);
  });

  test("words keep what the shell's quotes kept together", () => {
    const { options } = invocationOf(["deny", "UP-1", 'reason=it says "x=1", don\'t'], "cli:ben");
    expect(options).toEqual({ ceremony: "UP-1", reason: 'it says "x=1", don\'t' });
    expect(invocationOf(["deny", "--reason", "a b", "UP-1"], "cli:ben").options).toMatchObject({ reason: "a b" });
    expect(invocationOf(["propose", "implementation=vault=0x12"], "cli:ben").options).toEqual({
      implementation: "vault=0x12",
    });
  });

  test("all of it ends in one sentence on standard error, and an exit code", async () => {
    const apart = { ...configured, QUORATE_DATA: join(folder, "apart") };
    // To who knows of no ceremony, what one did in the newest block is an incident.
    await advanceTime(world, 60n, 1);
    const asked = async (...words: string[]) => {
      const { code, stdout, stderr } = await quorate(words, apart);
      expect(stdout).toBe("");
      return `${code} ${stderr}`;
    };
    expect(await asked("upgrade", "list", "--account", "cli:zoe")).toBe(
      "1 The account cli:zoe belongs to nobody in the council's policy, so nothing was done. Ask an admin to link it.\n",
    );
    expect(await asked("upgrade", "list")).toMatch(/^2 Say who acts: --account/);
    expect(await asked("upgrade", "show", "UP-77", "--account", "cli:ben")).toMatch(/^1 There is no ceremony UP-77\./);
    expect(await asked("intake", "signature", "--account", "cli:ben")).toMatch(/^2 required option '--ceremony <id>'/);
    const { code, stderr } = await quorate(["upgrade", "propose", "--account", "cli:ada"], apart);
    expect([code, stderr]).toEqual([2, "Nothing was done: propose also needs target=… release=….\n"]);
  });

  test("bytes that are none are told before anything is opened", async () => {
    const actor = { account: "cli:ben", ceremony: "UP-1" };
    const hash = `0x${"1".repeat(64)}`;
    const says = (sentence: string) => new CliFault(2, sentence);
    await expect(intakeSignature({ ...actor, hash: ["0x12"], signature: ["0x12"] })).rejects.toThrow(
      says("--hash is the safeTxHash that was signed: 0x and 64 hexadecimal digits, and not 0x12."),
    );
    await expect(intakeSignature({ ...actor, hash: [hash], signature: ["0x1"] })).rejects.toThrow(
      says("--signature is 0x and an even number of hexadecimal digits."),
    );
    await expect(intakeSignature({ ...actor, ceremony: "1", hash: [hash], signature: ["0x12"] })).rejects.toThrow(
      says("--ceremony is a ceremony's id such as UP-1, and not 1."),
    );
    await expect(intakeSignature({ ...actor, hash: [hash, hash], signature: ["0x12"] })).rejects.toThrow(
      says("Each --hash needs its --signature: there are 2 and 1."),
    );
    await expect(intakeTransaction({ ...actor, raw: "0x" })).rejects.toThrow(
      says("--raw is 0x and an even number of hexadecimal digits."),
    );
    await expect(intakeTransaction({ ...actor, account: "console:ben", raw: "0x12" })).rejects.toThrow(
      says("console:ben is not an account of the terminal: those of policy that are start with cli:, such as cli:ben."),
    );
  });
});

describe("a chain that is not set up for it", () => {
  const list = ["upgrade", "list", "--account", "cli:ben"];
  const refused = async (change: Record<string, string>) => {
    const { code, stdout, stderr } = await quorate(list, { ...configured, ...change });
    expect([code, stdout]).toEqual([2, ""]);
    return stderr;
  };

  test("what is missing is named by its variable", async () => {
    expect(await refused({ RPC_31337: "" })).toBe(
      "RPC_31337 is not set: policy has the chain eip155:31337 (Embedded), and this is its RPC's URL.\n",
    );
    expect(await refused({ GAS_KEY: "" })).toMatch(/^GAS_KEY is not set: /);
  });

  test("an RPC that is down, or of another chain", async () => {
    expect(await refused({ RPC_31337: "http://127.0.0.1:9" })).toMatch(
      /^The RPC of chain eip155:31337 at 127\.0\.0\.1:9 cannot be reached/,
    );
    await using other = await startAnvil({ chainId: 31338 });
    expect(await refused({ RPC_31337: other.url })).toMatch(/31338/);
  });

  test("a gas account that decides anything is refused before anything is done", async () => {
    expect(await refused({ GAS_KEY: embeddedPeople.ada.privateKey })).toBe(
      `The gas account ${embeddedPeople.ada.address} is an owner of the council Safe ${world.councilSafe} on eip155:31337: it may pay gas and nothing else. Set another GAS_KEY.\n`,
    );
    expect(await refused({ GAS_KEY: embeddedPeople.gus.privateKey })).toMatch(/ is an owner of the guardian Safe /);
  });
});

describe("upgrade run", () => {
  test("watches until it is stopped, takes commands, says early that gas runs low, and keeps others out", async () => {
    const child = startQuorate(["upgrade", "run"], {
      ...configured,
      QUORATE_DATA: join(folder, "run"),
      OPERATOR_PORT: "0",
    });
    const said = { out: "", error: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said.error += text;
    });
    const exited = new Promise((resolve) => child.once("close", resolve));
    const heard = (words: string) =>
      vi.waitUntil(() => `${said.out}${said.error}`.includes(words), { timeout: 30_000 });
    try {
      await heard("Quorate watches eip155:31337 for Harbour security council.");
      child.stdin.write("cli:ben list\n");
      await heard("There is no ceremony yet.");
      const [, operator = ""] = /Probes and metrics are at (http:\/\/127\.0\.0\.1:\d+)\/readyz/.exec(said.out) ?? [];
      await vi.waitUntil(async () => (await fetch(`${operator}/readyz`)).status === 200, { timeout: 30_000 });
      expect(await (await fetch(`${operator}/livez`)).text()).toBe("ok\n");
      expect(await (await fetch(`${operator}/metrics`)).text()).toMatch(
        /^quorate_head_number\{chain="eip155:31337"\} [1-9]/m,
      );
      child.stdin.write("console:ben list\n");
      await heard("console:ben is not an account of the terminal");
      const second = await quorate(["upgrade", "list", "--account", "cli:ben"], {
        ...configured,
        QUORATE_DATA: join(folder, "run"),
      });
      expect([second.code, second.stderr]).toEqual([
        2,
        expect.stringMatching(/^Another Quorate \(process \d+\) works in /),
      ]);
      await world.node.request("anvil_setBalance", embeddedGasAccount.address, "0x1");
      await advanceTime(world, 60n, 1);
      await heard(`gas: The gas account ${embeddedGasAccount.address} on Embedded (eip155:31337) holds `);
    } finally {
      child.kill("SIGTERM");
    }
    expect(await exited).toBe(0);
  });
});
