import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  deterministicDeployer,
  deterministicDeployerCode,
  preconditionsAddress,
  preconditionsCodeHash,
} from "../../src/chain/preconditions/preconditions.ts";
import { gasKey, startWorld, type World } from "../chain/world.ts";
import { quorate } from "./run-quorate.ts";

let world: World;
let configured: Record<string, string>;

beforeAll(async () => {
  world = await startWorld();
  configured = { RPC_31900: world.anvil.url, GAS_KEY: gasKey };
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.client.setCode({ address: deterministicDeployer, bytecode: deterministicDeployerCode });
  await world.client.setCode({ address: preconditionsAddress, bytecode: "0x" });
});

const deploy = (environment = configured, chain = "31900") =>
  quorate(["deploy", "preconditions", "--chain-id", chain], environment);
const where = `${preconditionsAddress} on eip155:31900, code hash ${preconditionsCodeHash}`;

test("it is deployed once, and then it is there", async () => {
  const first = await deploy();
  expect([first.code, first.stderr]).toEqual([0, ""]);
  expect(first.stdout).toMatch(/, in transaction 0x[0-9a-f]{64}\.\n$/);
  expect(first.stdout.startsWith(`The Preconditions contract is deployed: ${where}`)).toBe(true);
  expect(await world.chain.codeHash(preconditionsAddress)).toBe(preconditionsCodeHash);
  const sent = await world.chain.transactionCount(world.chain.gasAccount);
  const again = await deploy();
  expect([again.code, again.stdout]).toEqual([0, `The Preconditions contract is there already: ${where}.\n`]);
  expect(await world.chain.transactionCount(world.chain.gasAccount)).toBe(sent);
});

test("a chain without the deterministic deployer, or with something else there, is refused with what to do", async () => {
  await world.client.setCode({ address: deterministicDeployer, bytecode: "0x" });
  const { code, stdout, stderr } = await deploy();
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toBe(
    `Chain eip155:31900 has no deterministic deployer at ${deterministicDeployer}: bring it there first as https://github.com/Arachnid/deterministic-deployment-proxy describes, then run this again.\n`,
  );
  await world.client.setCode({ address: deterministicDeployer, bytecode: "0x00" });
  expect((await deploy()).stderr).toMatch(/is not the deterministic deployer's: do not use this chain\.\n$/);
});

test("other code at its address is never taken for it", async () => {
  await world.client.setCode({ address: preconditionsAddress, bytecode: "0x6001" });
  const { code, stderr } = await deploy();
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^The code at 0x\w+ on eip155:31900 has the hash 0x\w+, and Preconditions has 0x\w+: do not use this chain\.\n$/,
  );
});

test("what is missing is named", async () => {
  const { RPC_31900 = "" } = configured;
  const asked = async (environment: Record<string, string>, chain?: string) => {
    const { code, stderr } = await deploy(environment, chain);
    return `${code} ${stderr}`;
  };
  expect(await asked({ RPC_31900 })).toBe("2 GAS_KEY is not set: the deployment is paid with it.\n");
  expect(await asked({ GAS_KEY: gasKey })).toBe("2 RPC_31900 is not set: it is the URL of the chain's RPC.\n");
  expect(await asked(configured, "mainnet")).toBe("2 mainnet is not the number of a chain.\n");
});
