import { readFileSync } from "node:fs";
import {
  type AbiParameter,
  BaseError,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createTestClient,
  decodeErrorResult,
  encodeFunctionData,
  getAddress,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  pad,
  parseAbi,
  publicActions,
  RpcRequestError,
  toHex,
  walletActions,
} from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Anvil, startAnvil } from "../../src/chain/anvil.ts";
import artefact from "../../src/chain/preconditions/artefacts/Preconditions.json" with { type: "json" };
import {
  deterministicDeployer,
  preconditionsAbi,
  preconditionsAddress,
  preconditionsCodeHash,
  preconditionsDeployment,
  preconditionsInitCode,
} from "../../src/chain/preconditions/preconditions.ts";
import { preconditionsCodeHash as judgedCodeHash } from "../../src/domain/preconditions.ts";
import { buildArtefacts } from "../support/artefacts.ts";

describe("the checked-in artefact", () => {
  test("every checked-in contract is what its source compiles to", async () => {
    const built = await buildArtefacts();
    expect(built.size).toBeGreaterThan(10);
    for (const [path, text] of built) expect(readFileSync(path, "utf8") === text, path).toBe(true);
  });

  test("its address follows from its code alone", () => {
    const salt = pad("0x", { size: 32 });
    const computed = getContractAddress({
      opcode: "CREATE2",
      from: deterministicDeployer,
      salt,
      bytecode: preconditionsInitCode,
    });
    expect(computed).toBe(preconditionsAddress);
    expect(judgedCodeHash).toBe(preconditionsCodeHash);
  });

  test("the typed abi is the compiled one", () => {
    type Item = { type: string; name: string; inputs: readonly AbiParameter[] };
    const names = (abi: readonly Item[]) =>
      abi.map((item) => `${item.type} ${item.name}(${item.inputs.map((one) => `${one.type} ${one.name}`)})`).sort();
    expect(names(preconditionsAbi)).toEqual(names(artefact.abi));
  });
});

describe("on a real chain", () => {
  let anvil: Anvil;
  let client: ReturnType<typeof connect>;
  const connect = () =>
    createTestClient({ mode: "anvil", transport: http(anvil.url, { retryCount: 0 }), pollingInterval: 10 })
      .extend(publicActions)
      .extend(walletActions);

  beforeAll(async () => {
    anvil = await startAnvil({ accounts: 1 });
    client = connect();
    const [from] = await client.getAddresses();
    if (!from) throw new Error("anvil has no account");
    const hash = await client.sendTransaction({
      account: from,
      chain: null,
      to: deterministicDeployer,
      data: preconditionsDeployment,
    });
    await client.waitForTransactionReceipt({ hash });
  });
  afterAll(() => anvil?.stop());

  /** "holds", or the custom error with its arguments, at a block time of 1,000 and on chain 31337. */
  async function ask<name extends ContractFunctionName<typeof preconditionsAbi>>(
    functionName: name,
    args: ContractFunctionArgs<typeof preconditionsAbi, "view", name>,
  ): Promise<string> {
    const data = encodeFunctionData({ abi: preconditionsAbi, functionName, args } as never);
    try {
      await client.call({ to: preconditionsAddress, data, blockOverrides: { time: 1_000n } });
      return "holds";
    } catch (error) {
      const raw = error instanceof BaseError ? error.walk((one) => one instanceof RpcRequestError) : undefined;
      if (!(raw instanceof RpcRequestError) || typeof raw.data !== "string") throw error;
      const found = decodeErrorResult({ abi: preconditionsAbi, data: raw.data as Hex });
      return `${found.errorName}(${found.args.join(", ")})`;
    }
  }

  test("the deterministic deployer puts it at its address with its code hash", async () => {
    const code = await client.getCode({ address: preconditionsAddress });
    expect(code && keccak256(code)).toBe(preconditionsCodeHash);
  });

  test("notBefore: refuses a second before, holds at the second", async () => {
    expect(await ask("notBefore", [1_001n])).toBe("TooEarly(1001, 1000)");
    expect(await ask("notBefore", [1_000n])).toBe("holds");
    expect(await ask("notBefore", [0n])).toBe("holds");
  });

  test("notAfter: holds at the second, refuses a second after", async () => {
    expect(await ask("notAfter", [1_000n])).toBe("holds");
    expect(await ask("notAfter", [999n])).toBe("TooLate(999, 1000)");
    expect(await ask("notAfter", [2n ** 256n - 1n])).toBe("holds");
  });

  test("chain: holds on this chain's id only", async () => {
    expect(await ask("chain", [31337n])).toBe("holds");
    expect(await ask("chain", [1n])).toBe("WrongChain(1, 31337)");
  });

  test("codeHash: holds for exactly this code, and refuses once the code is another", async () => {
    expect(await ask("codeHash", [preconditionsAddress, preconditionsCodeHash])).toBe("holds");
    const account = pad("0xaa", { size: 20 });
    await client.setCode({ address: account, bytecode: "0x6001" });
    expect(await ask("codeHash", [account, keccak256("0x6001")])).toBe("holds");
    await client.setCode({ address: account, bytecode: "0x6002" });
    const refusal = `WrongCode(${getAddress(account)}, ${keccak256("0x6001")}, ${keccak256("0x6002")})`;
    expect(await ask("codeHash", [account, keccak256("0x6001")])).toBe(refusal);
    const nobody = pad("0xab", { size: 20 });
    expect(await ask("codeHash", [nobody, keccak256("0x")])).toContain("WrongCode");
  });

  test("answer: holds for exactly these bytes, and neither a revert nor an account without code is an answer", async () => {
    // PUSH1 7, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN: answers seven to every call.
    const seven = pad("0xba", { size: 20 });
    await client.setCode({ address: seven, bytecode: "0x600760005260206000f3" });
    const hash = (value: bigint) => keccak256(toHex(value, { size: 32 }));
    const call = encodeFunctionData({ abi: parseAbi(["function implementation()"]) });
    expect(await ask("answer", [seven, call, hash(7n)])).toBe("holds");
    expect(await ask("answer", [seven, call, hash(8n)])).toMatch(/^WrongAnswer\(0x.*[bB][aA], /);

    const reverting = pad("0xbb", { size: 20 });
    await client.setCode({ address: reverting, bytecode: "0x60006000fd" });
    expect(await ask("answer", [reverting, call, keccak256("0x")])).toMatch(/^NoAnswer/);
    const nobody = pad("0xbc", { size: 20 });
    expect(await ask("answer", [nobody, call, keccak256("0x")])).toMatch(/^NoAnswer/);
  });

  test("answer: is a static call, so the target cannot change anything", async () => {
    const writer = pad("0xbd", { size: 20 });
    const bytecode: Hex = "0x6001600055"; // PUSH1 1, PUSH1 0, SSTORE
    await client.setCode({ address: writer, bytecode });
    expect(await ask("answer", [writer, "0x", keccak256("0x")])).toMatch(/^NoAnswer/);
  });
});
