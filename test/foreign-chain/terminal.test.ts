import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublicClient, http, numberToHex, parseGwei } from "viem";
import { privateKeyToAccount, privateKeyToAddress } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BlockProducer } from "../../src/embedded/block-producer.ts";
import { embeddedPeople, type PersonName, personNames } from "../../src/embedded/people.ts";
import { advanceTime } from "../../src/embedded/trade.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { type Ended, quorate } from "../cli/run-quorate.ts";
import { chainOutcome, logOutcome } from "../support/crash-outcome.ts";
import { quietBlocks } from "../support/live-quorate.ts";
import { type ForeignPolicies, names, writeForeignPolicies } from "./foreign-policies.ts";

const minDelay = 86_400n;
const gasKey = `0x${"7e".repeat(32)}` as const;

let world: StartedWorld;
let blocks: BlockProducer;
let policies: ForeignPolicies;
let dataDir: string;
let environment: Record<string, string>;
beforeAll(async () => {
  world = await startWorld({ chainId: 31338, safeVersion: "1.5.0", minDelay, deployer: "somebody else" });
  blocks = await quietBlocks(world);
  await world.node.request("anvil_setBalance", privateKeyToAddress(gasKey), numberToHex(10n ** 20n));
  policies = await writeForeignPolicies(world, minDelay);
  dataDir = await mkdtemp(join(tmpdir(), "quorate-foreign-"));
  environment = {
    QUORATE_POLICIES: policies.folder,
    RPC_31338: world.url,
    QUORATE_DATA: dataDir,
    GAS_KEY: gasKey,
  };
});
afterAll(async () => {
  await blocks?.stop();
  await world?.stop();
  await policies?.remove();
  await rm(dataDir, { recursive: true, force: true });
});

async function done(ended: Promise<Ended>): Promise<string> {
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return stdout;
}

const as = (person: string, ...words: string[]) =>
  done(quorate(["upgrade", ...words, "--account", `cli:${person}`], environment));

interface Item {
  typedData: Parameters<ReturnType<typeof privateKeyToAccount>["signTypedData"]>[0];
  hashes: { safeTxHash: string };
  call: { to: `0x${string}`; data: `0x${string}` };
}

async function wanted(person: string, command: string): Promise<Item[]> {
  return JSON.parse(await as(person, command, "UP-1", "--json")).view.items;
}

/** The wallet of a person, which the program knows only by its address. */
function walletOf(person: string) {
  const name = personNames.find((one): one is PersonName => names[one] === person) ?? "ada";
  return privateKeyToAccount(embeddedPeople[name].privateKey);
}

async function signAll(person: string): Promise<string> {
  const given = (await wanted(person, "sign")).map(async ({ hashes, typedData }) => [
    ...["--hash", hashes.safeTxHash],
    ...["--signature", await walletOf(person).signTypedData(typedData)],
  ]);
  const words = ["intake", "signature", "--account", `cli:${person}`, "--ceremony", "UP-1"];
  return done(quorate([...words, ...(await Promise.all(given)).flat()], environment));
}

async function execute(person: string): Promise<string> {
  const [item] = await wanted(person, "execute");
  if (item === undefined) throw new Error(`${person} was asked for no transaction.`);
  const { to, data } = item.call;
  const nonce = await createPublicClient({ transport: http(world.url) }).getTransactionCount({
    address: walletOf(person).address,
  });
  const fees = { maxFeePerGas: parseGwei("100"), maxPriorityFeePerGas: parseGwei("1") };
  const raw = await walletOf(person).signTransaction({ chainId: 31338, nonce, gas: 8_000_000n, to, data, ...fees });
  const words = ["--account", `cli:${person}`, "--ceremony", "UP-1", "--raw", raw];
  return done(quorate(["intake", "transaction", ...words], environment));
}

test("from the terminal alone, each step a process of its own, it closes on their contracts", async () => {
  await as("olga", "propose", "target=harbour", "release=2.0.0");
  expect(await as("olga", "check", "UP-1")).toMatch(/IN REVIEW/);
  for (const person of ["piet", "quinn", "ravi", "tomas"]) await as(person, "approve", "UP-1");
  for (const person of ["piet", "quinn", "ravi"]) await signAll(person);
  await as("piet", "schedule", "UP-1");
  await advanceTime(world, minDelay + 60n, 4);
  expect(await execute("sana")).toMatch(/CANARY 1 OF 2/);
  await advanceTime(world, 750n, 25);
  await as("piet", "canary", "action=advance", "UP-1");
  expect(await execute("sana")).toMatch(/CANARY 2 OF 2/);
  await advanceTime(world, 2_100n, 35);
  await as("piet", "canary", "action=advance", "UP-1");
  await signAll("quinn");
  expect(await signAll("ravi")).toMatch(/CLOSED/);

  const { events, refusals, open, faults } = await logOutcome({ dataDir });
  expect(events.at(-1)).toBe("closed");
  expect({ refusals, open, faults }).toEqual({ refusals: [], open: 0, faults: [] });
  const { implementations, councilNonce, guardianNonce, sent } = await chainOutcome(world.url, world, [
    privateKeyToAddress(gasKey),
    embeddedPeople.eve.address,
  ]);
  const { poolV2, vaultV2, priceFeedV2 } = world.implementations;
  expect(implementations).toEqual([poolV2, vaultV2, priceFeedV2].map((one) => one.toLowerCase()));
  expect({ councilNonce, guardianNonce, sent }).toEqual({ councilNonce: 4n, guardianNonce: 2n, sent: [6n, 2n] });
}, 600_000);
