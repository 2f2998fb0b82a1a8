/**
 * Issue 2, "Bad input": what goes wrong, and the sentence the person who asked reads. After every line nothing is
 * half-written: the log has grown by refusals at most, the outbox holds nothing, and the ceremony is where it was.
 */

import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import type { Outcome } from "../../src/command.ts";
import { chainNumber, type Hex } from "../../src/domain/primitives.ts";
import { safeTypedData } from "../../src/domain/safe-tx.ts";
import { embeddedGasAccount, embeddedPeople, type PersonName } from "../../src/embedded/people.ts";
import type { StoredEvent } from "../../src/ports.ts";
import type { SignatureItem } from "../../src/view.ts";
import { type Step, sentence, startCouncil, type TestCouncil, walk } from "../support/embedded.ts";
import { type FaultyRpc, type Fault as RpcFault, startFaultyRpc } from "../support/faulty-rpc.ts";
import { rechained } from "./rechained.ts";

let council: TestCouncil;
let rpc: FaultyRpc;
let faulty: OpenChains;
beforeAll(async () => {
  council = await startCouncil();
  rpc = await startFaultyRpc(council.world.url);
  faulty = openChains({
    rpc: { "eip155:31337": rpc.url },
    gasKey: embeddedGasAccount.privateKey,
    timeoutMs: 1_500,
    forkTimeoutMs: 2_000,
  });
});
afterAll(async () => {
  faulty.close();
  await rpc.stop();
  await council.stop();
});

/** One line of the list: what is wrong, what is done, and what is read then. */
type Line = readonly [wrong: string, act: () => Promise<string>, reads: RegExp];

const types = (who: PersonName, line: string) => async () => sentence(await council.type(who, line));
const proposes = (options: Record<string, string>) => async () =>
  sentence(await council.ask("ada", "propose", { target: "harbour", ...options }));

/** What happens while the RPC misbehaves. */
const whileRpc = (fault: RpcFault, act: () => Promise<string>) => async () => {
  await rpc.misbehave({ ...fault });
  council.switches.chains = faulty;
  try {
    return await act();
  } finally {
    council.switches.chains = undefined;
    await rpc.misbehave({ kind: "none" });
  }
};

const rpcFaults: readonly (readonly [string, RpcFault, string])[] = [
  ["down", { kind: "down" }, "cannot be reached: the connection was refused"],
  ["slow", { kind: "slow" }, String.raw`did not answer within 1\.5 s`],
  ["on the wrong chain", { kind: "wrong chain", id: 1 }, "is on the wrong chain: it answers for eip155:1"],
  ["answering a web page", { kind: "garbage", body: "html" }, "answered with a web page instead of JSON-RPC"],
  ["answering half a line", { kind: "garbage", body: "truncated" }, "answered with broken JSON instead of JSON-RPC"],
  ["answering nothing", { kind: "garbage", body: "empty" }, "answered .*"],
  ["answering other JSON", { kind: "garbage", body: "not rpc" }, "answered with JSON that is not JSON-RPC"],
  ["answering another question", { kind: "garbage", body: "other id" }, "answered a question that was not asked"],
  ["failing", { kind: "status", status: 500, times: 1_000 }, String.raw`is failing \(HTTP 500\)`],
];
const rpcLines = (what: string, act: () => Promise<string>): Line[] =>
  rpcFaults.map(([name, fault, words]) => [
    `${what} through an RPC that is ${name}`,
    whileRpc(fault, act),
    new RegExp(String.raw`^The RPC of chain eip155:31337 at 127\.0\.0\.1:\d+ ${words}\. Nothing was changed\.$`),
  ]);

const said = (outcome: Outcome) => (outcome.ok ? "taken" : outcome.refusal.sentence);

/** Hands the first transaction a person is asked to sign to the intake, signed in some wrong way. */
const signs =
  (
    who: PersonName,
    sign: (item: SignatureItem) => Promise<Hex>,
    hash = (item: SignatureItem) => item.hashes.safeTxHash,
  ) =>
  async () => {
    const view = await council.ask(who, "sign", { ceremony: "UP-1" });
    if (view.kind !== "wallet") return sentence(view);
    const item = view.items[0] as SignatureItem;
    return said(await council.quorate.intake.signature(`console:${who}`, "UP-1", hash(item), await sign(item)));
  };
const keyOf = (who: PersonName) => privateKeyToAccount(embeddedPeople[who].privateKey);

/** The package as a person would paste it, with one thing in it replaced. */
const pastes = (from: string, to: string) => async () => {
  const { package: pkg } = await council.state();
  const text = JSON.stringify(pkg, (_, value) => (typeof value === "bigint" ? String(value) : value));
  if (!text.includes(from)) throw new Error(`The package does not say ${from}.`);
  return sentence(await council.ask("ada", "propose", { package: text.replaceAll(from, to) }));
};

/** What a person reads while the database holds a log that somebody edited. */
const whileLogIs = (edited: (events: StoredEvent[]) => StoredEvent[], act: () => Promise<string>) => async () => {
  const real = council.store;
  council.switches.store = {
    ...real,
    read: async (stream, after) => {
      const events = await real.read(stream, after);
      return stream === "ceremony/UP-1" ? edited(events) : events;
    },
  };
  try {
    return await act();
  } finally {
    council.switches.store = undefined;
  }
};
const withTitle = (one: StoredEvent): StoredEvent =>
  one.type === "drafted"
    ? { ...one, data: { ...one.data, package: { ...(one.data.package as object), title: "Something else" } } }
    : one;

const vaultV2 = "0x8Bc1f89Eb61B301a7788271Cc677421359e56308";

describe("before there is a ceremony", () => {
  lines("nothing", [
    [
      "an unknown command",
      types("ada", "/upgrade frobnicate"),
      /^There is no command “frobnicate”\. Type \/upgrade help to see what there is\.$/,
    ],
    [
      "a mistyped command",
      types("ada", "/upgrade porpose target=harbour"),
      /^There is no command “porpose”\. Did you mean propose\?$/,
    ],
    ["an unknown option", types("ada", "list colour=red"), /^list has no option “colour”\. It takes none\.$/],
    [
      "a mistyped option",
      types("ada", "propose tarrget=harbour"),
      /^propose has no option “tarrget”\. Did you mean target\?$/,
    ],
    ["an option too many", types("ada", "list now"), /^list does not know what to do with “now”\.$/],
    [
      "a quote that never ends",
      types("ada", 'propose title="half'),
      /^A quote is opened before .* and never closed\.$/,
    ],
    [
      "a value that is none of the choices",
      types("ada", "propose target=harbour release=2.0.0 lane=fast"),
      /^lane is one of routine, emergency, not "fast"\.$/,
    ],
    [
      "a value that is far too long",
      proposes({ title: "x".repeat(121) }),
      /^title is 121 characters long, and 120 is the limit\.$/,
    ],
    ["no ceremony at all", types("ben", "approve"), /^There is no ceremony yet\. Start one with \/upgrade propose\.$/],
    [
      "a ceremony's id that is none",
      types("ben", "approve seven"),
      /^ceremony is a ceremony's id such as UP-1, not "seven"\.$/,
    ],
    [
      "an unknown target",
      proposes({ target: "port", release: "2.0.0" }),
      /^There is no target "port"\. Policy has harbour\.$/,
    ],
    ["an unknown release", proposes({ release: "9.9.9" }), /^harbour has no release "9\.9\.9"\. It has 2\.0\.0, /],
    [
      "an unknown contract",
      proposes({ implementation: `vualt=${vaultV2}` }),
      /^harbour has no contract "vualt"\. It has pilot-pool, vault, price-feed\.$/,
    ],
    [
      "a contract without its address",
      proposes({ implementation: "vault" }),
      /^implementation is written contract=0x…, several separated by commas, and "vault" is not\. For example: implementation=vault=0x…$/,
    ],
    [
      "a contract named twice",
      proposes({ implementation: `vault=${vaultV2},vault=${vaultV2}` }),
      /^implementation names vault twice: which of the two is meant\?$/,
    ],
    [
      "a malformed address",
      proposes({ implementation: "vault=0x1234" }),
      /^The implementation of vault, "0x1234", is no address: an address is 0x and 40 hexadecimal digits\.$/,
    ],
    [
      "an address with a wrong checksum",
      proposes({ implementation: `vault=${vaultV2.replace("8Bc1", "8bC1")}` }),
      /^The implementation of vault, "0x8bC1.*", is no address: the address has a wrong checksum: a character was mistyped\.$/,
    ],
    [
      "an implementation without code",
      proposes({ implementation: "vault=0x000000000000000000000000000000000000dEaD" }),
      /^The new implementation 0x0{36}dEaD of vault has no code on eip155:31337: was it deployed on another chain\?$/,
    ],
    [
      "a Preconditions contract that is something else",
      async () => {
        const { node, preconditions } = council.world;
        const code = await node.request("eth_getCode", preconditions, "latest");
        await node.request("anvil_setCode", preconditions, "0x60");
        try {
          return await proposes({ release: "2.0.0" })();
        } finally {
          await node.request("anvil_setCode", preconditions, code);
        }
      },
      /^Nothing was proposed: the contract at 0x\w{40} on eip155:31337 is not Quorate's Preconditions contract\. Deploy it with quorate deploy preconditions, or correct chains\.yaml\.$/,
    ],
    ["a package that is no JSON", proposes({ package: "{" }), /^The package file is not JSON\.$/],
    [
      "a package that is something else",
      proposes({ package: "{}" }),
      /^The package file is not a release package at schema: /,
    ],
    [
      "a revision of what is not there",
      proposes({ release: "2.0.0", revises: "UP-9" }),
      /^There is no ceremony UP-9\. Use \/upgrade list to see those there are\.$/,
    ],
    [
      "a person without the role",
      async () => sentence(await council.ask("eve", "propose", { target: "harbour", release: "2.0.0" })),
      /^You cannot propose an upgrade: that takes the role proposer\. Ask Ada or Ben\.$/,
    ],
    ...rpcLines("proposing", proposes({ release: "2.0.0" })),
  ]);
});

describe("with a draft", () => {
  lines("drafted", [
    [
      "an id of no ceremony",
      types("ben", "approve UP-9"),
      /^There is no ceremony UP-9\. Use \/upgrade list to see those there are\.$/,
    ],
    [
      "a step that is not due",
      types("ben", "approve"),
      /^UP-1 is drafted, and approving is possible only while a ceremony is in review, approved or signing\.$/,
    ],
    [
      "a package for another chain",
      pastes("eip155:31337", "eip155:1"),
      /^Nothing was proposed: policy knows no chain eip155:1\.$/,
    ],
    [
      "a package with a shorter delay",
      pastes('"delay":"172800"', '"delay":"60"'),
      /^Nothing was proposed: a delay of 1 min is shorter than the 2 days of the routine lane\.$/,
    ],
    [
      "a package with a wrong checksum",
      pastes(vaultV2, vaultV2.replace("8Bc1", "8bC1")),
      /^The package file is not a release package at legs\.\d+\.\S+: the address has a wrong checksum: a character was mistyped\.$/,
    ],
    [
      "a package of another policy",
      async () => pastes((await council.state()).package.authorityPolicyHash, `0x${"77".repeat(32)}`)(),
      /^Nothing was proposed: the package was built under another authority policy; build it again\.$/,
    ],
    ...rpcLines("checking", types("dev", "check UP-1")),
  ]);
});

describe("with a review", () => {
  lines("in review", [
    [
      "a digest that is none",
      types("ben", "approve UP-1 digest=0x12"),
      /^digest is no approval digest: it is 0x and 64 hexadecimal digits, as the card shows it\.$/,
    ],
    [
      "a button of an earlier review",
      types("ben", `approve UP-1 digest=0x${"12".repeat(32)}`),
      /^UP-1 has changed since you were shown it\. Look at it again: \/upgrade show UP-1\.$/,
    ],
    [
      "a signature by somebody else's wallet",
      signs("ben", (item) => keyOf("caro").signTypedData(safeTypedData(item.tx))),
      /^UP-1 was not changed: the wallet 0x2eb02271A96FD13a47718C8856eea0C3838aC973 that signed is not linked to you\.$/,
    ],
    [
      "a signature by a non-owner",
      signs("ben", (item) => keyOf("eve").signTypedData(safeTypedData(item.tx))),
      /^UP-1 was not changed: the wallet 0xe427586C79dcE5B9fedA14314B51384Cec4351Dc that signed is not an owner of the Safe\.$/,
    ],
    [
      "a signature over another transaction",
      signs("ben", (item) => keyOf("ben").signTypedData(safeTypedData({ ...item.tx, nonce: item.tx.nonce + 1n }))),
      /^UP-1 was not changed: the wallet 0x[0-9a-fA-F]{40} that signed is not an owner of the Safe\.$/,
    ],
    [
      "a signature over a hash nobody asked for",
      signs(
        "ben",
        (item) => keyOf("ben").signTypedData(safeTypedData(item.tx)),
        () => `0x${"ab".repeat(32)}`,
      ),
      /^UP-1 was not changed: the signature is over 0x(ab){32}, and this ceremony asks for no such hash\.$/,
    ],
    ["a signature that is none", signs("ben", async () => "0x1234"), /signature/],
    [
      "a wallet's answer from a stranger",
      async () => said(await council.quorate.intake.signature("console:mallory", "UP-1", `0x${"ab".repeat(32)}`, "0x")),
      /^The account console:mallory belongs to nobody in the council's policy\.$/,
    ],
    [
      "a log in which somebody edited the package",
      whileLogIs((events) => events.map(withTitle), types("ben", "approve UP-1")),
      /^The log of UP-1 has been tampered with: .*\. Nothing was done; run quorate audit verify\.$/,
    ],
    [
      "a log that was edited and chained anew",
      whileLogIs((events) => rechained(events.map(withTitle)), types("ben", "approve UP-1")),
      /^UP-1 was not changed: the release package is not the one whose hash was recorded: it was changed after it was written\.$/,
    ],
    [
      "a log of a newer version",
      whileLogIs(
        (events) =>
          rechained([
            ...events,
            { ...(events.at(-1) as StoredEvent), seq: events.length + 1, type: "teleported", data: {} },
          ]),
        types("ben", "approve UP-1"),
      ),
      /^The log of UP-1 was written by a newer Quorate: event \d+ is of the kind "teleported", which this version does not know\. Nothing was done; use that version\.$/,
    ],
    ...rpcLines(
      "signing",
      signs("ben", (item) => keyOf("ben").signTypedData(safeTypedData(item.tx))),
    ),
  ]);
});

describe("signed by all", () => {
  lines("signed", [
    [
      "a package edited after approval",
      whileLogIs((events) => rechained(events.map(withTitle)), types("ada", "schedule UP-1")),
      /^UP-1 was not changed: the release package is not the one whose hash was recorded: it was changed after it was written\.$/,
    ],
    ...rpcLines("scheduling", types("ada", "schedule UP-1")),
  ]);
});

describe("ready", () => {
  lines("ready", [
    [
      "an executor's transaction before the word was given",
      sends("eve", {}),
      /^UP-1 is ready, and sending a transaction is possible only while a ceremony is executing, under its canary, held or contained\.$/,
    ],
    ...rpcLines("executing", types("eve", "execute UP-1")),
  ]);
});

describe("executing", () => {
  beforeAll(async () => {
    await walk(council, "ready", await reached());
    await council.ask("eve", "execute", { ceremony: "UP-1" });
  });
  lines("executing", [
    [
      "bytes that are no transaction",
      async () => said(await council.quorate.intake.transaction("console:eve", "UP-1", "0xdead")),
      /^These bytes are no signed Ethereum transaction\.$/,
    ],
    [
      "a transaction for another chain",
      sends("eve", { chainId: 1 }),
      /^UP-1 was not changed: the transaction is for eip155:1 instead of eip155:31337\.$/,
    ],
    [
      "a transaction to another contract",
      sends("eve", { to: vaultV2 }),
      /^UP-1 was not changed: the transaction goes to 0x8Bc1\S+ instead of the timelock 0xabAb\S+\.$/,
    ],
    [
      "a transaction with other calldata",
      sends("eve", { data: "0xdeadbeef" }),
      /^UP-1 was not changed: the transaction's calldata is not the batch that was approved\.$/,
    ],
    ["another executor's transaction", sends("gus", {}), /^The executor of UP-1 is Eve, not you\.$/],
    [
      "a transaction signed by another wallet",
      sends("eve", {}, "gus"),
      /^UP-1 was not changed: the wallet 0x0BEf\S+ that signed it is not linked to you\.$/,
    ],
    ...rpcLines("sending", sends("eve", {})),
  ]);
});

/** The batch that is due, signed with something else in it. */
function sends(
  who: PersonName,
  wrong: { chainId?: number; to?: Hex; data?: Hex },
  signer: PersonName = who,
): () => Promise<string> {
  return async () => {
    const state = await council.state();
    const person = council.policy.people.find((one) => one.id === who);
    const [item] = person === undefined ? [] : council.quorate.services.executorItems(state, person);
    if (item === undefined) throw new Error("Nothing is due.");
    const raw = await keyOf(signer).signTransaction({
      type: "eip1559",
      chainId: wrong.chainId ?? Number(chainNumber(item.call.chain)),
      nonce: 0,
      gas: 8_000_000n,
      to: wrong.to ?? item.call.to,
      value: item.call.value,
      data: wrong.data ?? item.call.data,
      maxFeePerGas: 10n ** 11n,
      maxPriorityFeePerGas: 10n ** 9n,
    });
    return said(await council.quorate.intake.transaction(`console:${who}`, "UP-1", raw));
  };
}

async function reached(): Promise<Step | undefined> {
  const [state] = await council.quorate.services.list();
  const steps = {
    drafted: "drafted",
    "in review": "in review",
    approved: "approved",
    signing: "signed",
    scheduled: "scheduled",
    ready: "ready",
  } as const;
  return state === undefined ? undefined : steps[state.status as keyof typeof steps];
}

/** Where everything is, refusals aside. */
async function everything() {
  await council.quorate.settle();
  const states = await council.quorate.services.list();
  const logs = await Promise.all(states.map((one) => council.history(one.id)));
  return {
    ceremonies: states.map((one) => `${one.id} ${one.status}`),
    events: logs.map((log) => log.filter((one) => one.type !== "refused").map((one) => one.type)),
    open: await council.store.open(),
  };
}

function lines(at: Step | "nothing" | "executing", list: readonly Line[]): void {
  beforeAll(async () => {
    if (at !== "nothing" && at !== "executing") await walk(council, at, await reached());
  });
  test.each(list)("%s", async (_wrong, act, reads) => {
    const before = await everything();
    expect(await act()).toMatch(reads);
    expect(await everything()).toEqual({ ...before, open: 0 });
  });
}
