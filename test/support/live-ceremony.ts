/**
 * Drives a ceremony on a running Quorate as its people would: look at the state, do the next thing as the right person,
 * until it is closed. It remembers nothing, so after a restart it goes on from what the state says.
 */

import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";
import { notClean } from "../../src/domain/canary.ts";
import type { CeremonyState } from "../../src/domain/ceremony.ts";
import type { Person, Policy } from "../../src/domain/policy.ts";
import { phaseAt } from "../../src/domain/release.ts";
import { nextSteps } from "../../src/domain/why.ts";
import { embeddedPeople, personNames } from "../../src/embedded/people.ts";
import { type LocalWallet, localWallet } from "../../src/embedded/wallet.ts";
import type { Quorate } from "../../src/main.ts";
import type { Chains } from "../../src/ports.ts";
import type { View, WalletRequest } from "../../src/view.ts";

/** Seconds of block time that pass, and the blocks that are mined meanwhile. */
export interface Passing {
  seconds: bigint;
  blocks: number;
}

export interface Stage {
  quorate: Quorate;
  policy: Policy;
  chains: Chains;
  /** RPC of the chain, for the nonces of the executor's wallet. */
  url: string;
  /** Accounts act as `<platform>:<name>`; the first account of a person on it is used. */
  platform: string;
  release: string;
  /** Somebody else's doing: the chain is not Quorate's. */
  pass(time: Passing): Promise<void>;
  /** Blocks in one go while a canary is measured. */
  canaryBlocks?: number;
}

/** Unique per press of a button; the name in front says which press it was. */
let presses = 0;
export function deliveryId(name: string): string {
  presses += 1;
  return `${name}#${process.pid}.${presses}`;
}

export function accountOf(person: Person, platform: string): string {
  const found = person.accounts.find((one) => one.startsWith(`${platform}:`));
  if (found === undefined) throw new Error(`${person.name} has no account on ${platform}.`);
  return found;
}

/** The local wallet whose key belongs to the person's address, whatever the person is called. */
export function walletOf(person: Person, url: string): LocalWallet {
  const name = personNames.find((one) => person.wallets.includes(embeddedPeople[one].address));
  if (name === undefined) throw new Error(`Nobody has a key for the wallets of ${person.name}.`);
  return localWallet(name, url);
}

/** Milliseconds without any change, on the chain or in the log, after which a ceremony is stuck. */
const PATIENCE = 60_000;

/** Drives to `closed`, or until `enough` says so after a step. Throws where the ceremony does not go on. */
export async function driveCeremony(
  stage: Stage,
  enough: (state: CeremonyState) => boolean = (state) => state.status === "closed",
): Promise<CeremonyState> {
  let before = "";
  let said = "nothing";
  for (let since = Date.now(); ; ) {
    await stage.quorate.settle();
    const [state] = await stage.quorate.ledger.list();
    if (state !== undefined && enough(state)) return state;
    const here = `${state?.seq} ${(await headOf(stage)).number}`;
    if (here !== before) since = Date.now();
    else if (Date.now() - since > PATIENCE) throw new Error(`${stuck(state, stage.policy)}. It was told: ${said}`);
    else await pause(50);
    before = here;
    const view = await takeNextStep(stage, state);
    if (view !== undefined) said = inspect(view, { depth: 6, breakLength: 160 });
  }
}

const headOf = ({ chains, policy }: Stage) => chains.get(policy.chains[0]?.id ?? "eip155:0").head();

function stuck(state: CeremonyState | undefined, policy: Policy): string {
  const waitsFor = state === undefined ? "a proposal" : nextSteps(state, policy).map((one) => one.sentence);
  return `The ceremony does not go on. It is ${state?.status ?? "not there"}; it waits for: ${waitsFor}`;
}

/** One step: what `why` says is wanted, by the first person it names, and what that person is told; or time passes. */
async function takeNextStep(stage: Stage, state: CeremonyState | undefined): Promise<View | undefined> {
  if (state === undefined) return propose(stage);
  const [step] = nextSteps(state, stage.policy);
  if (state.status === "canary" && !state.closing) return throughCanary(stage, state);
  if (step?.command === undefined) {
    if (state.status === "scheduled") await throughDelay(stage, state);
    return undefined;
  }
  // In the order of the policy: whoever was interrupted goes on before the next one starts.
  const who = stage.policy.people.find((one) => step.who.includes(one.id))?.id;
  if (who === undefined) throw new Error(`Nobody can do what is wanted: ${step.sentence}`);
  const byGas = step.command === "execute" && stage.policy.chains.some((one) => one.executor === "gas-key");
  const view = await press(stage, who, step.command, state, byGas ? { by: "gas-key" } : {});
  if (view.kind === "wallet") await answerWallet(stage, who, view);
  return view;
}

async function propose(stage: Stage): Promise<View> {
  const [proposer] = stage.policy.people.filter((one) => one.roles.includes("proposer"));
  const [target] = stage.policy.targets;
  if (proposer === undefined || target === undefined) throw new Error("Policy has no proposer or no target.");
  return press(stage, proposer.id, "propose", undefined, { target: target.id, release: stage.release });
}

/** Until the phase's operation may be executed. */
async function throughDelay({ chains, pass }: Stage, state: CeremonyState): Promise<void> {
  const phase = phaseAt(state);
  const legs = state.package.legs.filter((leg) => phase.legs.includes(leg.id));
  const readyAt = state.onChain.filter((one) => phase.legs.some((leg) => one.tx === `${leg}/upgrade`));
  const from = [phase.window.notBefore, ...readyAt.map((one) => one.readyAt ?? 0n)].reduce((a, b) => (a > b ? a : b));
  const head = await chains.get(legs[0]?.chain ?? "eip155:0").head();
  if (head.timestamp <= from) await pass({ seconds: from - head.timestamp + 60n, blocks: 4 });
}

/** A little time, or the advance where the measurements are enough. */
async function throughCanary(stage: Stage, state: CeremonyState): Promise<View | undefined> {
  const { quorate, policy, pass, canaryBlocks = 6 } = stage;
  const phase = phaseAt(state);
  const view = await quorate.services.canary(state);
  const waits = view === undefined || notClean(phase, view.report, 120n).length > 0;
  const seconds = (phase.minDuration / phase.minSamples + 10n) * BigInt(canaryBlocks);
  if (waits) {
    await pass({ seconds, blocks: canaryBlocks });
    return undefined;
  }
  const [approver] = policy.people.filter((one) => one.roles.includes("approver"));
  return press(stage, approver?.id ?? "", "canary", state, { action: "advance" });
}

async function press(
  { quorate, policy, platform }: Stage,
  who: string,
  command: string,
  state: CeremonyState | undefined,
  options: Record<string, string> = {},
): Promise<View> {
  const person = personOf(policy, who);
  const id = deliveryId(`${state?.status ?? "nothing"}/${state?.currentPhase ?? 0}/${command}/${who}`);
  const given: Record<string, string> = state === undefined ? options : { ceremony: state.id, ...options };
  const invocation = { command, options: given, account: accountOf(person, platform), deliveryId: id };
  return quorate.dispatch(invocation, () => undefined);
}

/** Every item, in order; one that is refused is left to the next look at the state. */
async function answerWallet(stage: Stage, who: string, { ceremony, items }: WalletRequest): Promise<void> {
  const person = personOf(stage.policy, who);
  const account = accountOf(person, stage.platform);
  const wallet = walletOf(person, stage.url);
  const { intake } = stage.quorate;
  for (const item of items) {
    if (item.kind === "signature")
      await intake.signature(account, ceremony, item.hashes.safeTxHash, await wallet.signTypedData(item));
    else await intake.transaction(account, ceremony, await wallet.signTransaction(item));
  }
}

function personOf(policy: Policy, id: string): Person {
  const person = policy.people.find((one) => one.id === id);
  if (person === undefined) throw new Error(`Policy has no ${id}.`);
  return person;
}
