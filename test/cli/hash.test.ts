import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, Hex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CliFault } from "../../src/cli/fault.ts";
import { statedTx } from "../../src/cli/safe-tx-file.ts";
import { safeTxHashes } from "../../src/domain/safe-tx.ts";
import { artefact, deploySafe, person, safeAbi, safeArtefact, startWorld, type World } from "../chain/world.ts";
import { quorate } from "./run-quorate.ts";

const folder = mkdtempSync(join(tmpdir(), "quorate-hash-"));
let world: World;
/** Safes of three kinds on a real chain: they say themselves what their hashes are. */
let safes: Record<"1.2.0" | "1.4.1" | "1.5.0", Address>;

const owner = person("ada").address;
const domainAbi = [
  { type: "function", name: "domainSeparator", stateMutability: "view", inputs: [], outputs: [{ type: "bytes32" }] },
] as const;

beforeAll(async () => {
  world = await startWorld();
  const old = artefact("safe-contracts-1.2/build/contracts/GnosisSafe.json");
  const proxy = safeArtefact("1.4.1", "proxies/SafeProxy.sol/SafeProxy.json");
  safes = {
    "1.2.0": await world.safe(old, proxy, [owner], 1),
    "1.4.1": await deploySafe(world, "1.4.1", [owner], 1),
    "1.5.0": await deploySafe(world, "1.5.0", [owner], 1),
  };
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.stop();
});

const fields = {
  to: "0xca11bde05977b3631167028862be2a173976ca11",
  value: "12",
  data: "0x174dea71ff",
  operation: 1,
  safeTxGas: "3",
  baseGas: "4",
  gasPrice: "5",
  gasToken: "0x0000000000000000000000000000000000000006",
  refundReceiver: "0x0000000000000000000000000000000000000007",
  nonce: 8,
} as const;

/** What the contract itself answers. */
async function oracle(version: keyof typeof safes, nonce = fields.nonce) {
  const address = safes[version];
  const { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver } = fields;
  const amounts = [BigInt(safeTxGas), BigInt(baseGas), BigInt(gasPrice)] as const;
  return {
    safeTxHash: await world.client.readContract({
      abi: safeAbi,
      address,
      functionName: "getTransactionHash",
      args: [to, BigInt(value), data, operation, ...amounts, gasToken, refundReceiver, BigInt(nonce)],
    }),
    domainHash: await world.client.readContract({ abi: domainAbi, address, functionName: "domainSeparator" }),
  };
}

function file(name: string, content: unknown, where = folder): string {
  const path = join(where, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const vector = (version: keyof typeof safes, more: Record<string, unknown> = {}) => ({
  chainId: 31900,
  safe: safes[version].toLowerCase(),
  safeTx: fields,
  ...more,
});

describe("a file", () => {
  test.each([
    ["1.2.0", { safeVersion: "1.2.0 (read from the contract)" }],
    ["1.2.0", { safeVersion: "<1.3.0 (no chain id in its domain)" }],
    ["1.2.0", { domainScheme: "legacy-no-chainId", safeVersion: "not stated" }],
    ["1.4.1", { safeVersion: "1.4.1 (stated)" }],
    ["1.4.1", { safeVersion: "not stated; >=1.3.0" }],
    ["1.4.1", { domainScheme: "eip155" }],
    ["1.5.0", {}],
  ] as const)("of a Safe %s with %j has the hashes that the contract has", async (version, more) => {
    expect(safeTxHashes(statedTx("The file", vector(version, more)).tx)).toMatchObject(await oracle(version));
  });

  test("is printed as one JSON object", async () => {
    const path = file("one.json", vector("1.4.1"));
    const { code, stdout, stderr } = await quorate(["hash", path, "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual({
      file: path,
      chainId: 31900,
      safe: safes["1.4.1"],
      nonce: "8",
      domainScheme: "eip155",
      because: "assumed: no version of the Safe is stated",
      ...(await oracle("1.4.1")),
      messageHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    });
  });

  test("domainScheme decides, and what the version says against it is told", async () => {
    const path = file("both.json", vector("1.4.1", { domainScheme: "eip155", safeVersion: "1.2.0" }));
    const { stdout } = await quorate(["hash", path]);
    expect(stdout).toContain("with chain id (as domainScheme says; its version, 1.2.0, says otherwise)");
    expect(stdout).toContain((await oracle("1.4.1")).safeTxHash);
  });

  test("people see every field and the hashes in groups, as a device shows them", async () => {
    const { stdout } = await quorate(["hash", file("people.json", vector("1.4.1"))]);
    const { safeTxHash } = await oracle("1.4.1");
    const groups = safeTxHash.slice(2).toUpperCase().match(/.{4}/g) ?? [];
    expect(stdout).toContain(
      `safeTxHash\n  ${safeTxHash}\n  ${groups.slice(0, 8).join(" ")}\n  ${groups.slice(8).join(" ")}\n`,
    );
    for (const part of [
      "31900",
      safes["1.4.1"],
      "0xcA11bde05977b3631167028862bE2a173976CA11",
      "12 wei",
      "DELEGATECALL",
    ])
      expect(stdout).toContain(part);
    expect(stdout).toContain("safeTxGas 3, baseGas 4, gasPrice 5");
    expect(stdout).toContain("5 bytes, digest 0x");
    expect(stdout).toContain("What it does\n  UNKNOWN call 0x174dea71 to ");
  });

  test("an expected hash that is another is told with exit code 1, also beside right ones", async () => {
    const right = await oracle("1.4.1");
    const wrong: Hex = `0x${"11".repeat(32)}`;
    const path = file("wrong.json", vector("1.4.1", { expected: { ...right, messageHash: wrong } }));
    const { code, stderr, stdout } = await quorate(["hash", path]);
    expect([code, stderr]).toEqual([1, `${path}: the messageHash expected there is another.\n`]);
    expect(stdout).toContain(right.safeTxHash);
  });
});

describe("flags", () => {
  test("give what a file would, with zeros for what is left out", async () => {
    const words = [
      "hash",
      "--chain-id",
      "31900",
      "--safe",
      safes["1.4.1"],
      "--to",
      fields.to,
      "--nonce",
      "8",
      "--json",
    ];
    const zero = "0x0000000000000000000000000000000000000000";
    const plain = { ...fields, value: 0, data: "0x", operation: 0, safeTxGas: 0, baseGas: 0, gasPrice: 0 };
    const path = file("plain.json", vector("1.4.1", { safeTx: { ...plain, gasToken: zero, refundReceiver: zero } }));
    const [flags, same] = [await quorate(words), await quorate(["hash", path, "--json"])];
    expect(flags.code).toBe(0);
    expect(JSON.parse(flags.stdout).safeTxHash).toBe(JSON.parse(same.stdout).safeTxHash);
  });

  test("all of them count, and the version too", async () => {
    const { safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, value, data } = fields;
    const amounts = ["--value", value, "--safe-tx-gas", safeTxGas, "--base-gas", baseGas, "--gas-price", gasPrice];
    const rest = ["--data", data, "--operation", "1", "--gas-token", gasToken, "--refund-receiver", refundReceiver];
    const whose = ["--chain-id", "31900", "--safe", safes["1.2.0"], "--safe-version", "1.2.0", "--to", fields.to];
    const { stdout } = await quorate(["hash", ...whose, ...amounts, ...rest, "--nonce", "8", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject(await oracle("1.2.0"));
  });
});

describe("a folder", () => {
  test("is checked file by file", async () => {
    const where = mkdtempSync(join(folder, "right-"));
    file("a.json", vector("1.2.0", { safeVersion: "1.2.0", expected: await oracle("1.2.0") }), where);
    file("b.json", vector("1.5.0", { expected: await oracle("1.5.0") }), where);
    file("README.md", "no vector", where);
    const { code, stdout, stderr } = await quorate(["hash", where]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")).toEqual([
      `ok    a.json ${(await oracle("1.2.0")).safeTxHash}`,
      `ok    b.json ${(await oracle("1.5.0")).safeTxHash}`,
      "2 of 2 files have the expected hashes.",
      "",
    ]);
    expect(JSON.parse((await quorate(["hash", where, "--json"])).stdout)).toMatchObject([{ ok: true }, { ok: true }]);
  });

  test("with a difference, with nothing expected and with what is no transaction is not right", async () => {
    const where = mkdtempSync(join(folder, "mixed-"));
    const expected = await oracle("1.4.1");
    file("a.json", vector("1.4.1", { expected }), where);
    file("b.json", vector("1.4.1", { safeTx: { ...fields, nonce: 9 }, expected }), where);
    file("c.json", vector("1.4.1"), where);
    file("d.json", "{", where);
    const { code, stdout, stderr } = await quorate(["hash", where]);
    expect([code, stderr]).toEqual([1, `3 of 4 files in ${where} are not right.\n`]);
    expect(stdout).toContain("WRONG b.json: the safeTxHash expected there is another\n");
    expect(stdout).toContain("WRONG c.json: it expects no hash, so nothing was checked\n");
    expect(stdout).toContain(`WRONG d.json: ${join(where, "d.json")} is not JSON.\n`);
    expect(stdout).toContain("1 of 4 files have the expected hashes.\n");
  });

  test("is counted call by call, and refused where bytes are left over", async () => {
    const where = mkdtempSync(join(folder, "calls-"));
    const known = { ...fields, data: "0x8456cb59" };
    file("a.json", vector("1.4.1", { safeTx: known }), where);
    file("b.json", vector("1.4.1", { safeTx: { ...fields, data: "0xdeadbeef" } }), where);
    const right = await quorate(["hash", "--calls", where]);
    expect(right).toMatchObject({ code: 0, stderr: "" });
    expect(right.stdout).toBe(
      "ok    a.json: 1 of 1 calls decoded, 0 unknown\nok    b.json: 0 of 1 calls decoded, 1 unknown\n",
    );
    file("c.json", vector("1.4.1", { safeTx: { ...fields, data: "0x8456cb5900" } }), where);
    const wrong = await quorate(["hash", "--calls", where]);
    expect([wrong.code, wrong.stderr]).toEqual([1, `1 of 3 files in ${where} are not canonical.\n`]);
    expect(wrong.stdout).toContain("WRONG c.json: 1 of 1 calls decoded, 0 unknown; it has bytes");
  });

  test("without files is wrong use", async () => {
    const where = mkdtempSync(join(folder, "empty-"));
    const { code, stderr } = await quorate(["hash", where]);
    expect([code, stderr]).toEqual([2, `There is no .json file in ${where}, so nothing was checked.\n`]);
  });
});

describe("wrong use", () => {
  test.each([
    [{ safe: `${"0xA"}${"b".repeat(39)}` }, "safe: the address has a wrong checksum: a character was mistyped"],
    [{ safeTx: { ...fields, nonce: -1 } }, "safeTx.nonce: it must not be less than 0"],
    [
      { safeTx: { ...fields, nonce: 2 ** 60 } },
      "safeTx.nonce: a number this large goes into quotes, or its last digits would be lost",
    ],
    [{ safeTx: { ...fields, operation: 2 } }, "safeTx.operation: the operation is 0 (CALL) or 1 (DELEGATECALL)"],
    [{ safeTx: { ...fields, data: "0x1" } }, "safeTx.data: bytes are 0x and an even number of hexadecimal digits"],
    [{ safeTx: { ...fields, baseGass: 1 } }, "safeTx: there is no setting called baseGass here"],
    [{ safeTx: { ...fields, gasToken: undefined } }, "safeTx.gasToken: it is missing"],
    [
      { safeVersion: ">=1.1.0" },
      "safeVersion: >=1.1.0 may be before or after 1.3.0, whose hashes differ; say which version it is",
    ],
    [{ domainScheme: "other" }, "domainScheme: the domainScheme is eip155 or legacy-no-chainId"],
    [{ chainId: 0 }, "chainId: it must not be less than 0"],
  ])("%j is named with its reason", (more, reason) => {
    expect(() => statedTx("a.json", vector("1.4.1", more))).toThrow(new CliFault(2, `a.json: ${reason}.`));
  });

  test("a path that is none, nothing at all, a file and flags, an unknown flag", async () => {
    const asked = async (...words: string[]) => {
      const { code, stdout, stderr } = await quorate(["hash", ...words]);
      expect([code, stdout]).toEqual([2, ""]);
      return stderr;
    };
    expect(await asked("nowhere.json")).toBe("nowhere.json cannot be read: there is no such file.\n");
    expect(await asked("--chain-id", "1")).toBe(
      "Name a file or folder, or give the transaction with flags: --safe is missing.\n",
    );
    expect(await asked(file("use.json", vector("1.4.1")), "--safe-tx-gas", "1")).toBe(
      "A file says everything itself: leave --safe-tx-gas out.\n",
    );
    const negative = file("negative.json", vector("1.4.1", { safeTx: { ...fields, nonce: -1 } }));
    expect(await asked(negative)).toBe(`${negative}: safeTx.nonce: it must not be less than 0.\n`);
    expect(await asked("--colour")).toBe("unknown option '--colour'. Type quorate --help to see what there is.\n");
  });
});
