/** A stranger tries every function of the new code, on the proxies and on the bare implementations: what must not succeed. */

import { concat, getAddress, keccak256, pad, stringToBytes, toFunctionSelector, toHex } from "viem";
import type { Finding } from "../../domain/events.ts";
import { slots } from "../../domain/known-slots.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { Fork, Trace, TracedCall } from "../../fork.ts";
import { findings } from "../gate.ts";
import type { Upgrade } from "../upgrades.ts";
import { isPaid } from "./money.ts";

const { refuse } = findings("simulation");

/** Nobody's: the last 20 bytes of a hash have no known key. */
export const stranger: Address = getAddress(`0x${keccak256(stringToBytes("quorate: a stranger")).slice(26)}`);
/** Whom the stranger would have a contract call. */
export const target: Address = "0x00000000000000000000000000000000DeaDBeef";
/** Room for 32 KiB in memory takes over 5,000 gas of whoever calls it, however often: that is felt in a try. */
const attentive: Hex = "0x5f6180005200";
/** What the stranger would have a contract call for them: recognised in a trace. */
const smuggled: Hex = "0x51554f52";

/** ERC-1967: an upgrade to the same code writes nothing and is told all the same. */
const upgradeEvents: readonly Hex[] = [
  "Upgraded(address)",
  "BeaconUpgraded(address)",
  "AdminChanged(address,address)",
].map((one) => keccak256(stringToBytes(one)));

const initialisers = new Set(
  [
    ...[
      "initialize()",
      "init()",
      "initializeV2()",
      "initializeV3()",
      "reinitialize()",
      "initialize(address)",
      "init(address)",
    ],
    ...[
      "initializeV2(address)",
      "initialize(address,address)",
      "initialize(address,address,address)",
      "initialize(bytes)",
    ],
  ].map((one) => toFunctionSelector(`function ${one}`)),
);

/** Arguments for a function of which nobody says what it takes: where they do not fit, it fails, and nothing is learned. */
function argumentsFor(implementation: Address): Hex[] {
  const word = (value: Hex | bigint) =>
    typeof value === "bigint" ? toHex(value, { size: 32 }) : pad(value, { size: 32 });
  const me = word(stranger);
  const tail = (...words: Hex[]) => concat(words);
  const payload = [word(4n), pad(smuggled, { size: 32, dir: "right" })];
  return [
    "0x",
    tail(...Array.from({ length: 10 }, () => me)),
    tail(me, ...Array.from({ length: 9 }, () => word(1n))),
    tail(...Array.from({ length: 9 }, () => word(0n)), me),
    tail(word(0n), me, word(1n), word(1n)),
    // upgradeToAndCall(address, bytes), with code that every check of it accepts.
    tail(word(implementation), word(64n), word(0n)),
    // execute(address, bytes); execute(address, uint256, bytes); execute(address, uint256, bytes, uint8).
    tail(word(target), word(64n), ...payload),
    tail(word(target), word(0n), word(96n), ...payload),
    tail(word(target), word(0n), word(128n), word(0n), ...payload),
  ];
}

/** sweep(token), sweep(token, to), sweep(token, to, amount), sweep(token, amount, to), sweep(to, token). */
function argumentsWith(token: Address): Hex[] {
  const [asset, me] = [pad(token, { size: 32 }), pad(stranger, { size: 32 })];
  const one = toHex(1n, { size: 32 });
  return [
    [asset, me, one, one],
    [asset, one, me, one],
    [me, asset, one, one],
  ].map((words) => concat(words));
}

export interface Tried {
  upgrade: Upgrade;
  /** Of the new code. */
  selectors: readonly Hex[];
  /** Of the code it replaces: what was open before is not this upgrade's doing. */
  before: readonly Hex[];
  nameOf(selector: Hex): string | undefined;
}

/** One try of a stranger. */
export interface Try {
  one: Tried;
  selector: Hex;
  to: Address;
  data: Hex;
}

/** `dealtIn`: tokens and other contracts that a proxy names: what is new is tried with these too. */
export function triesOf(tried: readonly Tried[], dealtIn: (proxy: Address) => readonly Address[] = () => []): Try[] {
  return tried.flatMap((one) => {
    const tails = argumentsFor(one.upgrade.to);
    const more = dealtIn(one.upgrade.proxy).flatMap(argumentsWith);
    return one.selectors.flatMap((selector) =>
      (one.before.includes(selector) ? tails : [...tails, ...more]).flatMap((tail) =>
        [one.upgrade.proxy, one.upgrade.to].map(
          (to): Try => ({ one, selector, to, data: `${selector}${tail.slice(2)}` }),
        ),
      ),
    );
  });
}

/** Before anything is tried: whoever calls the target is noticed, and whoever calls nothing without code calls it too. */
export const placeTarget = (fork: Fork): Promise<void> => fork.place(target, attentive);

/** `when` ends the sentences: "" or " a day later"; `time`: the block time then, the fork's own by default. */
export async function judgeStrangers(
  fork: Fork,
  calls: readonly Try[],
  when: string,
  time?: bigint,
): Promise<Finding[]> {
  const environment = time === undefined ? {} : { time };
  const verdicts = await fork.attempts(stranger, calls, environment);
  const asStranger = ({ to, data }: Try) => ({ from: stranger, to, data, environment });
  const open = calls.filter((_call, index) => verdicts[index] === "changes state");
  // What goes through without a change can still have called whatever it was told to: looked at where the function is new.
  const reading = calls.filter(
    ({ one, selector, data }, index) =>
      verdicts[index] === "reads at length" && data.includes(bare(smuggled)) && !one.before.includes(selector),
  );
  const [effects, called] = await Promise.all([
    effectsOf(fork, open, asStranger),
    fork.called(reading.map(asStranger)),
  ]);
  const found = [
    ...open.flatMap((call) => judge(call, effects.get(call) ?? nothing, when)),
    ...reading.flatMap((call, index) => (calledAsTold(call, called[index] ?? []) ? [openCall(call, when)] : [])),
  ];
  // One sentence for a function, however many arguments opened it.
  return [...new Map(found.map((one) => [`${one.code} ${one.message}`, one])).values()];
}

const bare = (bytes: Hex) => bytes.slice(2).toLowerCase();

type Effects = Pick<Trace, "success" | "storage" | "events" | "frames" | "codeChanged">;
const nothing: Effects = { success: false, storage: [], events: [], frames: [], codeChanged: [] };

/** Where all that matters is what is written, that alone is asked for: most tries that go through are of such functions. */
async function effectsOf(
  fork: Fork,
  calls: readonly Try[],
  asStranger: (call: Try) => TracedCall,
): Promise<Map<Try, Effects>> {
  const plain = calls.filter((one) => !isTold(one));
  const traced = async (list: readonly Try[]) => {
    const traces = await fork.trace(list.map(asStranger));
    return list.map((call, index): [Try, Effects] => [call, traces[index] ?? nothing]);
  };
  const [written, told] = await Promise.all([fork.written(plain.map(asStranger)), traced(calls.filter(isTold))]);
  const quiet = plain.flatMap((call, index): [Try, Effects][] => {
    const storage = written[index];
    return storage === undefined || takesAnAddress(call, storage)
      ? []
      : [[call, { ...nothing, success: true, storage }]];
  });
  const known = new Map([...quiet, ...told]);
  return new Map([...known, ...(await traced(calls.filter((one) => !known.has(one))))]);
}

/** What is new, or was told of the code that runs or of a call to make: it can do harm that is written nowhere. */
const isTold = ({ one, selector, data }: Try) =>
  !one.before.includes(selector) || [smuggled, one.upgrade.to].some((told) => bare(data).includes(bare(told)));

/** As whoever keeps its code's address in a slot of its own would. */
const takesAnAddress = ({ one }: Try, storage: Trace["storage"]) =>
  storage.some(({ after }) => [stranger, target, one.upgrade.to].some((address) => after.includes(bare(address))));

/** For sentences: what was called, and where. */
function described({ one: { upgrade, nameOf }, selector, to, data }: Try) {
  const isBare = to === upgrade.to;
  const where = isBare ? `the bare implementation of ${upgrade.name}` : upgrade.name;
  const called = nameOf(selector) ?? `the function ${selector}`;
  return { isBare, where, called, detail: { evidence: `from ${stranger} to ${to}: ${data.slice(0, 138)}`, fix: "" } };
}

const calledAsTold = ({ to }: Try, frames: Trace["frames"]) =>
  frames.some((frame) => frame.from === to && frame.to === target && frame.input.startsWith(smuggled));

function openCall(call: Try, when: string): Finding {
  const { where, called, detail } = described(call);
  return refuse(
    "open-call",
    `Any stranger can have ${where} make any call they like, by ${called}${when}: it acts with the contract's own money and rights.`,
    {
      ...detail,
      fix: "Restrict the function, or remove what it was inherited from.",
    },
  );
}

function judge(call: Try, trace: Effects, when: string): Finding[] {
  if (!trace.success) return [];
  const { one, selector, to } = call;
  const { isBare, where, called, detail } = described(call);
  const wrote = (slot: Hex) => trace.storage.some((change) => change.address === to && change.slot === slot);
  const upgraded = trace.events.some(
    (event) => event.address === to && upgradeEvents.includes(event.topics[0] ?? "0x"),
  );
  if (
    upgraded ||
    wrote(slots.implementation) ||
    wrote(slots.beacon) ||
    wrote(slots.admin) ||
    trace.codeChanged.length > 0
  )
    return [
      refuse("open-upgrade", `Any stranger can replace the code of ${where} by ${called}${when}.`, {
        ...detail,
        fix: "Give the function that authorises upgrades its check back (_authorizeUpgrade, onlyOwner).",
      }),
    ];
  if (calledAsTold(call, trace.frames)) return [openCall(call, when)];
  if (wrote(slots.initializable) || initialisers.has(selector) || wrote(slots.ownable))
    return [
      refuse(
        "open-initialiser",
        `Any stranger can run ${called} on ${where}${when}: whoever is first ${isBare ? "owns the code that proxies run" : "becomes its owner"}.`,
        {
          ...detail,
          fix: isBare
            ? "Call _disableInitializers() in the implementation's constructor."
            : "Run the initialiser in the same call as the upgrade.",
        },
      ),
    ];
  if (isPaid(trace, to, stranger) && !one.before.includes(selector))
    return [
      refuse(
        "open-money",
        `Any stranger can take ether or tokens out of ${where} by ${called}${when}, which the old code did not have.`,
        { ...detail, fix: "Say who may call it, and how much each may take." },
      ),
    ];
  return gains(to, trace) && !one.before.includes(selector)
    ? [
        refuse(
          "open-power",
          `Any stranger can write their own address into ${where} by ${called}${when}, which the old code did not have.`,
          { ...detail, fix: "Say who may call it." },
        ),
      ]
    : [];
}

/** The stranger's address as a value, not as a key: what owners, admins and signers are kept as. */
function gains(to: Address, { storage }: Effects): boolean {
  return storage.some((change) => change.address === to && change.after.includes(bare(stranger)));
}
