/** The sample council without hands: each person types a command, and their wallet signs what it is asked to. */

import { randomUUID } from "node:crypto";
import type { Outcome } from "../command.ts";
import type { Policy } from "../domain/policy.ts";
import { personById } from "../domain/policy.ts";
import type { PersonName } from "../embedded/people.ts";
import { localWallet } from "../embedded/wallet.ts";
import type { Quorate } from "../main.ts";
import type { View, WalletRequest } from "../view.ts";
import type { Printer } from "./printer.ts";

/** The script went another way than it should: the rehearsal ends with exit code 1. */
export class OffScript extends Error {
  override readonly name = "OffScript";
}

/** How people talk to the bot: straight to its dispatch, unless a chat platform is put in between. */
export interface Voice {
  /** The account under which a person's wallet hands in what it signed. */
  account(person: PersonName): string;
  /** Says it, and hands back what came of it. */
  say(person: PersonName, command: string, options: Record<string, string>): Promise<View>;
}

export interface CouncilParts {
  /** Asked anew for every command: a rehearsal may have stopped one and composed another. */
  quorate(): Quorate;
  policy: Policy;
  /** The embedded chain's. */
  url: string;
  printer: Printer;
  voice?: Voice | undefined;
}

export interface Council {
  /** Runs a command as a person, and what it asks of their wallet. Throws {@link OffScript} where it is refused. */
  actAs(person: PersonName, command: string, options?: Record<string, string>): Promise<View>;
  /** Runs a command that only tells, whatever it tells. */
  reads(person: PersonName, command: string, options?: Record<string, string>): Promise<View>;
  /** Runs a command that has to be refused, and hands back the sentence. Throws {@link OffScript} where it is not. */
  refusedTo(person: PersonName, command: string, options?: Record<string, string>): Promise<string>;
}

export function createCouncil(parts: CouncilParts): Council {
  const { printer, policy, url, voice = consoleVoice(parts) } = parts;

  async function typed(person: PersonName, command: string, options: Record<string, string>): Promise<View> {
    const words = Object.entries(options).map(([name, value]) => `${name}=${/\s/.test(value) ? `"${value}"` : value}`);
    printer.typed(personById(policy, person)?.name ?? person, ["/upgrade", command, ...words].join(" "));
    const view = await voice.say(person, command, options);
    printer.replied(view);
    return view;
  }

  async function walletOf(person: PersonName, request: WalletRequest): Promise<void> {
    const wallet = localWallet(person, url);
    const account = voice.account(person);
    const { intake } = parts.quorate();
    for (const item of request.items) {
      const outcome: Outcome =
        item.kind === "signature"
          ? await intake.signature(account, request.ceremony, item.hashes.safeTxHash, await wallet.signTypedData(item))
          : await intake.transaction(account, request.ceremony, await wallet.signTransaction(item));
      if (!outcome.ok)
        throw new OffScript(`${item.purpose} by ${person} should have been taken: ${outcome.refusal.sentence}`);
    }
  }

  return {
    async actAs(person, command, options = {}) {
      const view = await typed(person, command, options);
      if (view.kind === "notice" && view.tone === "bad")
        throw new OffScript(`/upgrade ${command} by ${person} should have been taken: ${view.text}`);
      if (view.kind === "wallet") await walletOf(person, view);
      await parts.quorate().outbox.settled();
      return view;
    },
    reads: (person, command, options = {}) => typed(person, command, options),
    async refusedTo(person, command, options = {}) {
      const view = await typed(person, command, options);
      await parts.quorate().outbox.settled();
      if (view.kind === "notice" && view.tone === "bad") return view.text;
      throw new OffScript(`/upgrade ${command} by ${person} should have been refused, and was not.`);
    },
  };
}

function consoleVoice({ quorate }: CouncilParts): Voice {
  const account = (person: PersonName) => `console:${person}`;
  return {
    account,
    say: (person, command, options) =>
      quorate().dispatch({ command, options, account: account(person), deliveryId: randomUUID() }, () => undefined),
  };
}
