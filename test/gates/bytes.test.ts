/** The gates that read bytes: each bad shape beside its honest twin, as single Safe transactions on the embedded chain. */

import { createRequire } from "node:module";
import { type Abi, concat, encodeFunctionData, encodePacked, keccak256, parseAbi, size, stringToBytes } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { Finding } from "../../src/domain/events.ts";
import { multiSendCallOnlyCode } from "../../src/domain/multi-send.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../../src/domain/primitives.ts";
import type { SafeTx } from "../../src/domain/safe-tx.ts";
import { scheduleBatchData } from "../../src/domain/timelock.ts";
import { embeddedGasAccount, embeddedPeople, keylessAccount } from "../../src/embedded/people.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { decodeGate } from "../../src/gates/decode.ts";
import { envelopeGate } from "../../src/gates/envelope.ts";
import type { Gate } from "../../src/gates/gate.ts";
import { judgeText, textGate } from "../../src/gates/text.ts";
import { timelockGate } from "../../src/gates/timelock.ts";
import { actAs } from "../embedded/act.ts";
import { expectFindingStyle } from "../support/house-style.ts";
import { sampleBuilds, samplePolicy } from "../support/sample-policy.ts";

const abi: Abi = parseAbi([
  "function transfer(address to, uint256 amount)",
  "function approve(address spender, uint256 amount)",
  "function pause()",
  "function sweep(address to)",
  "function grantRole(bytes32 role, address account)",
  "function transferOwnership(address owner)",
  "function setPendingAdmin(address admin)",
  "function updateDelay(uint256 delay)",
  "function upgradeToAndCall(address implementation, bytes data)",
  "function initializeV2(uint16 fee)",
  "function addOwnerWithThreshold(address owner, uint256 threshold)",
  "function swapOwner(address prev, address old, address next)",
  "function removeOwner(address prev, address owner, uint256 threshold)",
  "function changeThreshold(uint256 threshold)",
  "function enableModule(address module)",
  "function disableModule(address previous, address module)",
  "function setGuard(address guard)",
  "function setFallbackHandler(address handler)",
  "function multiSend(bytes transactions)",
  "function revokeRole(bytes32 role, address account)",
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures)",
]);
const call = (functionName: string, ...args: unknown[]) => encodeFunctionData({ abi, functionName, args });
const stranger = keylessAccount("a stranger");
const twoDays = 172_800n;
/** Head of a Safe's linked list of owners. */
const sentinel = "0x0000000000000000000000000000000000000001";
/** Where a test puts Safe's own MultiSendCallOnly. */
const multiSendCallOnly = keylessAccount("MultiSendCallOnly");
const artefact = createRequire(import.meta.url)(
  "@safe-global/safe-contracts/build/artifacts/contracts/libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json",
) as { deployedBytecode: Hex };

let world: StartedWorld;
let chains: OpenChains;
let policy: Policy;
beforeAll(async () => {
  world = await startWorld();
  await world.node.request("anvil_setCode", multiSendCallOnly, artefact.deployedBytecode);
  chains = openChains({ rpc: { "eip155:31337": world.url }, gasKey: embeddedGasAccount.privateKey });
  policy = await samplePolicy();
});
afterAll(async () => {
  chains.close();
  await world.stop();
});

/** A transaction of the council Safe with everything at rest but what is given. */
const tx = (more: Partial<SafeTx>): SafeTx => ({
  chain: "eip155:31337",
  safe: world.councilSafe,
  safeVersion: "1.4.1",
  to: world.vault,
  value: 0n,
  data: "0x",
  operation: 0,
  safeTxGas: 0n,
  baseGas: 0n,
  gasPrice: 0n,
  gasToken: zeroAddress,
  refundReceiver: zeroAddress,
  nonce: 0n,
  ...more,
});

async function asked(gate: Gate, more: Partial<SafeTx>, under: Policy = policy): Promise<Finding[]> {
  const subject = { kind: "transaction" as const, tx: tx(more) };
  const { findings } = await gate.run({
    subject,
    policy: under,
    chains,
    builds: sampleBuilds(),
    preconditionsCodeHash,
    progress: () => undefined,
  });
  for (const one of findings) expectFindingStyle(one);
  return findings;
}
const said = (findings: Finding[]) =>
  findings.filter((one) => one.severity !== "info").map((one) => `${one.severity} ${one.code}`);

const multiSend = (...calls: { operation?: 0 | 1; to: Address; data: Hex }[]) =>
  call(
    "multiSend",
    concat(
      calls.map(({ operation = 0, to, data }) =>
        encodePacked(
          ["uint8", "address", "uint256", "uint256", "bytes"],
          [operation, to, 0n, BigInt(size(data)), data],
        ),
      ),
    ),
  );
const scheduled = (
  calls: { to: Address; data: Hex }[],
  more: { delay?: bigint; predecessor?: Hex; salt?: Hex } = {},
) => ({
  to: world.timelock,
  data: scheduleBatchData(
    {
      calls: calls.map((one) => ({ ...one, value: 0n })),
      predecessor: more.predecessor ?? zeroHash,
      salt: more.salt ?? zeroHash,
    },
    more.delay ?? twoDays,
  ),
});

/** What is done to the chain meanwhile is undone. */
async function meanwhile(act: () => Promise<void>): Promise<void> {
  const snapshot = await world.node.request("evm_snapshot");
  try {
    await act();
  } finally {
    await world.node.request("evm_revert", snapshot);
  }
}

test.each([envelopeGate, decodeGate, timelockGate, textGate])("$name refuses what it knows to be bad", (gate) => {
  expect(gate.proof().map((one) => one.severity)).toContain("refuse");
});

describe("envelope", () => {
  const refused = (more: Partial<SafeTx>) => asked(envelopeGate, more).then(said);

  test("lets a plain call pass", async () => {
    expect(await refused({ data: call("pause") })).toEqual([]);
  });

  test("refuses a DELEGATECALL, whatever it looks like", async () => {
    const found = await asked(envelopeGate, { operation: 1, data: call("transfer", stranger, 0n) });
    expect(said(found)).toEqual(["refuse envelope/delegatecall"]);
    expect(found[0]?.message).toContain("would run with all powers of");
    expect(found[0]?.fix).toContain("scheduleBatch");
  });

  test("refuses a DELEGATECALL packed into a batch, and one in a Safe transaction inside", async () => {
    const inside = multiSend({ to: world.vault, data: call("pause") }, { operation: 1, to: stranger, data: "0x" });
    expect(await refused({ to: stranger, operation: 1, data: inside })).toEqual([
      "refuse envelope/delegatecall",
      "refuse envelope/delegatecall",
    ]);
  });

  test("takes MultiSendCallOnly where policy names it and its code is Safe's own, and there alone", async () => {
    const under = { ...policy, chains: policy.chains.map((one) => ({ ...one, multiSendCallOnly })) };
    const batch = {
      to: multiSendCallOnly,
      operation: 1 as const,
      data: multiSend({ to: world.vault, data: call("pause") }),
    };
    expect(said(await asked(envelopeGate, batch, under))).toEqual([]);
    expect(said(await asked(envelopeGate, batch))).toEqual(["refuse envelope/delegatecall"]);
    const other = { ...policy, chains: policy.chains.map((one) => ({ ...one, multiSendCallOnly: world.vault })) };
    expect(said(await asked(envelopeGate, { ...batch, to: world.vault }, other))).toEqual([
      "refuse envelope/delegatecall",
    ]);
    expect(Object.values(multiSendCallOnlyCode)).toContain(
      await chains.get("eip155:31337").codeHash(multiSendCallOnly),
    );
  });

  test.each(["safeTxGas", "baseGas", "gasPrice"] as const)("refuses a %s", async (field) => {
    expect(await refused({ data: call("pause"), [field]: 100_000n })).toEqual(["refuse envelope/gas-fields"]);
  });

  test.each(["gasToken", "refundReceiver"] as const)("refuses a %s", async (field) => {
    expect(await refused({ data: call("pause"), [field]: stranger })).toEqual(["refuse envelope/gas-fields"]);
  });

  test.each([
    ["a module", () => call("enableModule", stranger)],
    ["a guard", () => call("setGuard", stranger)],
    ["a fallback handler", () => call("setFallbackHandler", stranger)],
    ["a function that nobody knows", () => "0xdeadbeef" as Hex],
  ])("refuses a Safe that gives itself %s", async (_what, data) => {
    expect(await refused({ to: world.councilSafe, data: data() })).toEqual(["refuse envelope/self-call"]);
  });

  test("refuses owner changes that ride with something else, and takes them by themselves", async () => {
    const { councilSafe } = world;
    const rotation = call("swapOwner", sentinel, stranger, embeddedPeople.gus.address);
    const hidden = multiSend({ to: world.vault, data: call("pause") }, { to: councilSafe, data: rotation });
    const under = { ...policy, chains: policy.chains.map((one) => ({ ...one, multiSendCallOnly })) };
    expect(said(await asked(envelopeGate, { to: multiSendCallOnly, operation: 1, data: hidden }, under))).toEqual([
      "refuse envelope/self-call",
    ]);
    expect(await refused({ to: councilSafe, data: rotation })).toEqual([]);
  });

  test("flags an owner whom nobody knows, and refuses a threshold of one", async () => {
    const to = world.councilSafe;
    expect(await refused({ to, data: call("addOwnerWithThreshold", stranger, 3n) })).toEqual([
      "flag envelope/new-owner",
    ]);
    expect(await refused({ to, data: call("changeThreshold", 1n) })).toEqual(["refuse envelope/threshold"]);
    expect(await refused({ to, data: call("changeThreshold", 4n) })).toEqual([]);
  });

  test("flags a threshold that sinks, refuses the gas key as an owner, and a second key for one person", async () => {
    const to = world.councilSafe;
    const { owners } = await chains.get("eip155:31337").safe(to);
    const [first = zeroAddress] = owners;
    expect(await refused({ to, data: call("changeThreshold", 2n) })).toEqual(["flag envelope/threshold-lower"]);
    expect(await refused({ to, data: call("removeOwner", sentinel, first, 2n) })).toEqual([
      "flag envelope/threshold-lower",
    ]);
    expect(await refused({ to, data: call("removeOwner", sentinel, first, 3n) })).toEqual([]);
    const gas = embeddedGasAccount.address;
    expect(await refused({ to, data: call("addOwnerWithThreshold", gas, 3n) })).toEqual(["refuse envelope/gas-owner"]);
    const twice = {
      ...policy,
      people: policy.people.map((one) =>
        one.wallets.includes(first) ? { ...one, wallets: [...one.wallets, stranger] } : one,
      ),
    };
    const added = { to, data: call("addOwnerWithThreshold", stranger, 3n) };
    expect(said(await asked(envelopeGate, added, twice))).toEqual(["refuse envelope/second-key"]);
    const swapped = { to, data: call("swapOwner", sentinel, first, stranger) };
    expect(said(await asked(envelopeGate, swapped, twice))).toEqual([]);
  });

  test("refuses a Safe on which a module stands that policy does not name, and flags one that it is given and policy names", async () => {
    const { councilSafe: to, vault: module } = world;
    const naming = { ...policy, chains: policy.chains.map((one) => ({ ...one, modules: [module] })) };
    const on = { to, data: call("enableModule", module) };
    expect(said(await asked(envelopeGate, on, naming))).toEqual(["flag envelope/module-on"]);
    expect(await refused({ to, data: call("disableModule", sentinel, module) })).toEqual([]);
    await meanwhile(async () => {
      expect(await actAs(world, to, to, on.data)).toBe(true);
      expect(await refused({ data: call("pause") })).toEqual(["refuse envelope/module"]);
      expect(said(await asked(envelopeGate, { data: call("pause") }, naming))).toEqual([]);
    });
  });

  test("refuses a refund out of another Safe's transaction inside", async () => {
    const { guardianSafe: to, vault } = world;
    const inside = (gasPrice: bigint, refund: Address) =>
      call("execTransaction", vault, 0n, call("pause"), 0, 0n, 0n, gasPrice, zeroAddress, refund, "0x");
    const found = await asked(envelopeGate, { to, data: inside(1n, stranger) });
    expect(said(found)).toEqual(["refuse envelope/gas-fields"]);
    expect(found[0]?.message).toContain(`a transaction of the Safe ${to}, sets gasPrice, refundReceiver`);
    expect(await refused({ to, data: inside(0n, zeroAddress) })).toEqual([]);
  });

  test("takes a rejection, which calls nothing", async () => {
    expect(await refused({ to: world.councilSafe })).toEqual([]);
  });

  test("refuses ether on an upgrade", async () => {
    const data = call("upgradeToAndCall", world.implementations.vaultV2, "0x");
    const found = await asked(envelopeGate, { data, value: 15n * 10n ** 17n });
    expect(said(found)).toEqual(["refuse envelope/value"]);
    expect(found[0]?.message).toContain("sends 1.5 ether along with an upgrade");
    expect(await refused({ data })).toEqual([]);
  });
});

describe("decode", () => {
  const refused = (more: Partial<SafeTx>) => asked(decodeGate, more).then(said);
  const upgrade = () => call("upgradeToAndCall", world.implementations.vaultV2, call("initializeV2", 10));

  test("reads a timelock's schedule down to an initialiser inside an upgrade", async () => {
    expect(await refused(scheduled([{ to: world.vault, data: upgrade() }]))).toEqual([]);
  });

  test("refuses appended bytes at every depth", async () => {
    expect(await refused({ data: `${call("transfer", stranger, 1n)}deadbeef` })).toEqual([
      "refuse decode/not-canonical",
    ]);
    expect(await refused(scheduled([{ to: world.vault, data: `${call("pause")}00` }]))).toEqual([
      "refuse decode/not-canonical",
    ]);
    const inside = call("upgradeToAndCall", world.implementations.vaultV2, `${call("initializeV2", 10)}00`);
    expect(await refused(scheduled([{ to: world.vault, data: inside }]))).toEqual(["refuse decode/not-canonical"]);
  });

  test("refuses offsets that overlap, though they decode to the same call", async () => {
    // upgradeToAndCall(address, bytes): the offset of `bytes` points 32 bytes further than it has to.
    const plain = upgrade();
    const word = (value: bigint) => value.toString(16).padStart(64, "0");
    const odd: Hex = `0x${plain.slice(2, 10)}${plain.slice(10, 74)}${word(96n)}${word(0n)}${plain.slice(138)}`;
    expect(await refused({ data: odd })).toEqual(["refuse decode/not-canonical"]);
  });

  test("refuses dirty upper bytes of an address", async () => {
    const dirty = call("transfer", stranger, 1n).replace(/^(0x.{8})0{2}/, "$1ff") as Hex;
    expect((await refused({ data: dirty })).length).toBeGreaterThan(0);
  });

  test("refuses a function that nobody knows, until policy names it", async () => {
    const data = call("sweep", stranger);
    const found = await asked(decodeGate, { data });
    expect(said(found)).toEqual(["refuse decode/unknown-function"]);
    const named = {
      ...policy,
      targets: policy.targets.map((one) => ({
        ...one,
        contracts: one.contracts.map((contract) => ({ ...contract, functions: ["function sweep(address to)"] })),
      })),
    };
    expect(said(await asked(decodeGate, { data }, named))).toEqual([]);
  });

  test("refuses half a selector", async () => {
    expect(await refused({ data: "0x8456cb" })).toEqual(["refuse decode/not-canonical"]);
  });

  test.each([
    ["ownership", () => call("transferOwnership", stranger)],
    ["a pending admin", () => call("setPendingAdmin", stranger)],
    ["a role", () => call("grantRole", zeroHash, stranger)],
    ["the timelock's delay", () => call("updateDelay", 0n)],
  ])("refuses a change of %s that rides with other calls, and flags it by itself", async (_what, data) => {
    const rides = scheduled([
      { to: world.vault, data: upgrade() },
      { to: world.priceFeed, data: data() },
    ]);
    expect(await refused(rides)).toEqual(["refuse decode/authority"]);
    expect(await refused(scheduled([{ to: world.priceFeed, data: data() }]))).toEqual(["flag decode/authority"]);
  });

  test("only tells of a change that goes where policy has that power, and stands alone", async () => {
    const { timelock, guardianSafe, proxyAdmin, vault } = world;
    const role = (name: string) => keccak256(stringToBytes(name));
    const ada = embeddedPeople.ada.address;
    const alone = (to: Address, data: Hex) => refused(scheduled([{ to, data }]));
    expect(await alone(timelock, call("grantRole", role("EXECUTOR_ROLE"), ada))).toEqual([]);
    expect(await alone(timelock, call("grantRole", role("CANCELLER_ROLE"), guardianSafe))).toEqual([]);
    expect(await alone(timelock, call("revokeRole", role("PROPOSER_ROLE"), stranger))).toEqual([]);
    expect(await alone(proxyAdmin, call("transferOwnership", timelock))).toEqual([]);
    expect(await alone(timelock, call("updateDelay", 2n * twoDays))).toEqual([]);
    for (const [to, data] of [
      [timelock, call("grantRole", role("PROPOSER_ROLE"), ada)],
      [timelock, call("grantRole", zeroHash, ada)],
      [timelock, call("revokeRole", role("CANCELLER_ROLE"), guardianSafe)],
      [vault, call("grantRole", role("UPGRADER_ROLE"), ada)],
      [proxyAdmin, call("transferOwnership", ada)],
    ] as const)
      expect(await alone(to, data)).toEqual(["flag decode/authority"]);
  });

  test("flags an allowance without limit for somebody whom policy does not know", async () => {
    const all = 2n ** 256n - 1n;
    const to = world.asset;
    expect(await refused({ to, data: call("approve", stranger, all) })).toEqual(["flag decode/allowance"]);
    const rides = [
      { to: world.vault, data: upgrade() },
      { to, data: call("approve", stranger, all) },
    ];
    expect(await refused(scheduled(rides))).toEqual(["flag decode/allowance"]);
    expect(await refused({ to, data: call("approve", stranger, 5n) })).toEqual([]);
    expect(await refused({ to, data: call("approve", world.vault, all) })).toEqual([]);
  });

  test("refuses more calls than anybody reads", async () => {
    const many = Array.from({ length: 300 }, () => ({ to: world.vault, data: call("pause") }));
    expect(await refused(scheduled(many))).toEqual(["refuse decode/too-much"]);
  });
});

describe("timelock", () => {
  const pause = () => [{ to: world.vault, data: call("pause") }];
  const refused = (more: Partial<SafeTx>) => asked(timelockGate, more).then(said);

  test("takes a schedule with policy's delay", async () => {
    expect(await refused(scheduled(pause()))).toEqual([]);
  });

  test("refuses a shorter delay, in a batch and in a single operation", async () => {
    expect(await refused(scheduled(pause(), { delay: 3600n }))).toEqual(["refuse timelock/delay"]);
    const single = call("schedule", world.vault, 0n, call("pause"), zeroHash, zeroHash, 3600n);
    expect(await refused({ to: world.timelock, data: single })).toEqual(["refuse timelock/delay"]);
  });

  test("refuses a predecessor that nobody has scheduled", async () => {
    expect(await refused(scheduled(pause(), { predecessor: `0x${"77".repeat(32)}` }))).toEqual([
      "refuse timelock/predecessor",
    ]);
  });

  test("refuses a timelock that is not the council's", async () => {
    const elsewhere = { ...policy, chains: policy.chains.map((one) => ({ ...one, timelock: stranger })) };
    expect(said(await asked(timelockGate, scheduled(pause()), elsewhere))).toEqual(["refuse timelock/other-timelock"]);
    const found = await asked(timelockGate, { ...scheduled(pause()), to: world.vault }).catch((fault: Error) => fault);
    // The vault is no timelock at all: the gate cannot run there, and that refuses.
    expect(found).toBeInstanceOf(Error);
  });

  test("refuses a delay of years, asked for or set", async () => {
    const years = 3_153_600_000n;
    expect(await refused(scheduled(pause(), { delay: years }))).toEqual(["refuse timelock/delay-too-long"]);
    const set = scheduled([{ to: world.timelock, data: call("updateDelay", years) }]);
    expect(await refused(set)).toEqual(["refuse timelock/longer-delay"]);
    const raised = (await asked(timelockGate, set)).find((one) => one.severity === "refuse");
    expect(raised?.message).toContain("to longer than a human life: ");
    expect(await refused(scheduled(pause(), { delay: 3n * twoDays }))).toEqual([]);
  });

  test("says a delay that nobody can read as what it means", async () => {
    const [found] = await asked(timelockGate, scheduled(pause(), { delay: 2n ** 255n }));
    expect(found?.message).toContain("waits longer than a human life: ");
    const [short] = await asked(timelockGate, scheduled(pause(), { delay: twoDays - 1n }));
    expect(short?.message).toContain("waits 1 day and 23 hours, and policy demands 2 days: ");
  });

  test("refuses what stands in the timelock already, whoever queued it", async () => {
    const queued = scheduled(pause());
    await meanwhile(async () => {
      expect(await actAs(world, world.councilSafe, queued.to, queued.data)).toBe(true);
      expect(await refused(queued)).toEqual(["refuse timelock/queued"]);
      expect(await refused(scheduled(pause(), { salt: `0x${"5a".repeat(32)}` }))).toEqual([]);
    });
  });

  test("refuses a delay that is lowered", async () => {
    expect(await refused(scheduled([{ to: world.timelock, data: call("updateDelay", 0n) }]))).toEqual([
      "refuse timelock/shorter-delay",
    ]);
    expect(await refused(scheduled([{ to: world.timelock, data: call("updateDelay", 2n * twoDays) }]))).toEqual([]);
  });
});

describe("text", () => {
  test.each([
    ["turned around", "Upgrade \u202egnp.tluav"],
    ["with a letter nobody sees", "Upgrade va\u200bult"],
    ["of mixed scripts", "Upgrade v\u0430ult"],
    ["with a word that is Cyrillic to its last letter", "Upgrade the \u0441\u043e\u0440\u0435 vault"],
    ["with a word that is Greek to its last letter", "Send it to \u0391\u0392\u0395 at once"],
    ["in letters drawn wide", "Upgrade \uff36ault"],
    ["in mathematical letters", "Upgrade \u{1d42f}ault"],
  ])("refuses a title %s", (_what, title) => {
    expect(said(judgeText("title", title))).toEqual(["refuse text/deceptive"]);
  });

  test.each([
    "Upgrade the vault to 2.0: round in favour of those who stay (µ ≤ 0.5 %)",
    "Обновление vault: не более трёх часов, и все доходы остаются",
    "Αναβάθμιση του vault",
    "升级 vault，修正四舍五入",
    "Änderung für die Kasse, naïve Größe: m² → ½",
  ])("takes %s", (title) => {
    expect(judgeText("title", title)).toEqual([]);
  });

  test("refuses an address that looks like one of ours", async () => {
    const twin = `${world.vault.slice(0, 6)}${"0".repeat(32)}${world.vault.slice(-4)}`.toLowerCase() as Address;
    expect(said(await asked(textGate, { to: world.vault, data: call("transfer", twin, 1n) }))).toContain(
      "refuse text/look-alike",
    );
    expect(said(await asked(textGate, { to: world.vault, data: call("transfer", stranger, 1n) }))).toEqual([]);
  });
});
