/** A console whose dispatch is scripted: the adapter's edge, where the program begins. */

import { type Console, startConsole } from "../../../src/chat/console/console.ts";
import type { ConsoleOptions } from "../../../src/chat/console/options.ts";
import type { Invocation } from "../../../src/command.ts";
import { notice, type View, type WalletItem } from "../../../src/view.ts";
import { commands, people } from "./council.ts";

type Progress = (text: string) => void;
type Script = (invocation: Invocation, progress: Progress) => Promise<View> | View;

export interface Scripted extends Console {
  /** What reached dispatch, in order. */
  invocations: Invocation[];
  /** What reached the wallets: account and purpose. */
  signed: string[];
  faults: unknown[];
  /** Answers the next invocations of a command, until changed. */
  on(command: string, script: Script): void;
  onSign(script: (account: string, item: WalletItem, progress: Progress) => Promise<View> | View): void;
  onAdvance(script: (seconds: bigint, progress: Progress) => Promise<View> | View): void;
  chainTime: bigint;
}

/** Time and block as sample; every unscripted command is answered by a notice that repeats it. */
export async function openConsole(change: Partial<ConsoleOptions> = {}): Promise<Scripted> {
  const scripts = new Map<string, Script>();
  let sign: Parameters<Scripted["onSign"]>[0] = (_, item) => notice("good", `Signed: ${item.purpose}.`);
  let advance: Parameters<Scripted["onAdvance"]>[0] = (seconds) => {
    script.chainTime += seconds;
    return notice("good", `The chain is ${seconds / 3600n} h further.`);
  };
  const script = {
    invocations: [] as Invocation[],
    signed: [] as string[],
    faults: [] as unknown[],
    chainTime: BigInt(Math.floor(Date.now() / 1000)),
    on: (command: string, answer: Script) => void scripts.set(command, answer),
    onSign: (answer: typeof sign) => {
      sign = answer;
    },
    onAdvance: (answer: typeof advance) => {
      advance = answer;
    },
  };
  const served = await startConsole({
    port: 0,
    chain: { id: "eip155:31337", startedByUs: true },
    council: "Harbour Protocol security council",
    people,
    commands,
    async dispatch(invocation, progress) {
      script.invocations.push(invocation);
      const answer = scripts.get(invocation.command);
      return answer
        ? await answer(invocation, progress)
        : notice("good", `${invocation.command} ran for ${invocation.account}.`);
    },
    async complete(_account, _command, option, typed) {
      const known = option === "ceremony" ? ceremonies : option === "target" ? targets : [];
      return known.filter((each) => each.value.toLowerCase().startsWith(typed.toLowerCase()));
    },
    async sign(account, _ceremony, item, progress) {
      script.signed.push(`${account}: ${item.purpose}`);
      return await sign(account, item, progress);
    },
    time: {
      read: async () => ({ chainTime: script.chainTime, block: 1246n }),
      advance: async (seconds, progress) => await advance(seconds, progress),
    },
    report: (error) => script.faults.push(error),
    ...change,
  });
  return Object.assign(script, served);
}

const ceremonies = [
  { value: "UP-1", label: "Vault 1.2.0: round shares down, in review" },
  { value: "UP-3", label: "Fee switch to 8 bp, approved" },
];
const targets = [
  { value: "vault", label: "Vault, transparent proxy" },
  { value: "price oracle", label: "Oracle, UUPS" },
];
