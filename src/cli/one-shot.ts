/** One act of one person from the terminal: open everything, do it, work off what follows, print, close. */

import { toJson } from "../domain/canonical.ts";
import { viewText } from "../terminal/view-text.ts";
import type { Card, Notice, View } from "../view.ts";
import type { Configured } from "./configured.ts";
import { CliFault } from "./fault.ts";
import { commandLines, signableTypedData, walletText } from "./wallet-text.ts";

export interface ActorFlags {
  account: string;
  json?: boolean;
}

/**
 * Prints the answer, and every card that changed. Throws {@link CliFault} 1 for a refusal, and 2 where something broke
 * or the command needs more than it was given.
 */
export async function once(flags: ActorFlags, act: (session: Configured) => Promise<View>): Promise<void> {
  const cards = new Map<string, Card>();
  let faults = 0;
  // Late, so that wrong use is told at once.
  const { openConfigured } = await import("./configured.ts");
  const session = await openConfigured({
    show: (card) => void cards.set(card.key, card),
    onFault(where, fault) {
      faults += 1;
      process.stderr.write(`${where}: ${fault instanceof Error ? fault.message : String(fault)}\n`);
    },
  });
  try {
    // Nobody watched since the last command: what has happened on the chain meanwhile comes first.
    await session.quorate.settle();
    const view = await act(session);
    const faulted = faults > 0;
    await session.quorate.settle();
    print(view, [...cards.values()], flags);
    refuse(view, faulted);
  } finally {
    await session.close();
  }
}

function print(view: View, cards: readonly Card[], { account, json = false }: ActorFlags): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(toJson({ view: forMachines(view, account), cards }))}\n`);
    return;
  }
  const texts = isRefusal(view) ? [] : [answerText(view, account)];
  texts.push(...cards.map((card) => viewText(card, { colour: false })));
  for (const text of texts) process.stdout.write(`${text}\n\n`);
}

function refuse(view: View, faulted: boolean): void {
  if (isRefusal(view)) throw new CliFault(faulted ? 2 : 1, view.text);
  if (view.kind !== "form") return;
  const missing = view.fields.filter((one) => one.required).map((one) => `${one.name}=…`);
  throw new CliFault(2, `Nothing was done: ${view.command} also needs ${missing.join(" ")}.`);
}

/** A refusal is printed on standard error. */
export const isRefusal = (view: View): view is Notice => view.kind === "notice" && view.tone === "bad";

/** A view as the person of the account reads it on a terminal. */
export function answerText(view: View, account: string): string {
  return view.kind === "wallet" ? walletText(view, account) : viewText(view, { colour: false });
}

function forMachines(view: View, account: string): unknown {
  if (view.kind !== "wallet") return view;
  const items = view.items.map((item) => ({
    ...item,
    ...(item.kind === "signature" ? { typedData: signableTypedData(item.tx, item.places?.[0]) } : {}),
    lines: commandLines(item, view.ceremony, account),
  }));
  return { ...view, items };
}

/**
 * The accounts of a terminal, and no others: a console's account stands for a sample person whose key is public, and a
 * chat's account speaks through that chat alone.
 */
export function requireTerminalAccount(account: string): void {
  if (!/^cli:\S+$/.test(account))
    throw new CliFault(
      2,
      `${account} is not an account of the terminal: those of policy that are start with cli:, such as cli:ben.`,
    );
}
