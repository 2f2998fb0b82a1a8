/** `quorate intake`: where a wallet's signature or transaction comes in, when there is no page that takes it. */

import { answer, settled } from "../command.ts";
import { bytes, bytes32, type Hex } from "../domain/primitives.ts";
import { notice } from "../view.ts";
import { CliFault } from "./fault.ts";
import { type ActorFlags, once, requireTerminalAccount } from "./one-shot.ts";

export interface SignatureFlags extends ActorFlags {
  ceremony: string;
  /** As many as there are signatures, in the same order. */
  hash: string[];
  signature: string[];
}

/** Hands in an owner's signatures over safeTxHashes that the ceremony asks for; the first refusal ends it. */
export async function intakeSignature(flags: SignatureFlags): Promise<void> {
  requireTerminalAccount(flags.account);
  const ceremony = ceremonyId(flags.ceremony);
  if (flags.hash.length !== flags.signature.length)
    throw new CliFault(
      2,
      `Each --hash needs its --signature: there are ${flags.hash.length} and ${flags.signature.length}.`,
    );
  const hashes = flags.hash.map(safeTxHash);
  const signatures = flags.signature.map((text) => hex("--signature", text));
  await once(flags, async ({ quorate, policy }) => {
    let view = notice("neutral", "There was no signature.");
    for (const [index, signature] of signatures.entries()) {
      const outcome = await quorate.intake.signature(flags.account, ceremony, hashes[index] ?? "0x", signature);
      view = answer(outcome, policy, signatures.length === 1 ? "The signature is taken." : "The signatures are taken.");
      if (!outcome.ok) break;
    }
    return view;
  });
}

export interface TransactionFlags extends ActorFlags {
  ceremony: string;
  raw: string;
}

/** Hands in what the executor's wallet signed: it is stored, and only then sent. */
export async function intakeTransaction(flags: TransactionFlags): Promise<void> {
  requireTerminalAccount(flags.account);
  const ceremony = ceremonyId(flags.ceremony);
  const raw = hex("--raw", flags.raw);
  await once(flags, async ({ quorate, policy }) =>
    answer(await quorate.intake.transaction(flags.account, ceremony, raw), policy, "The transaction is taken."),
  );
}

export interface LinkFlags extends ActorFlags {
  message: string;
  signature: string;
}

/** Hands in what a wallet signed to be linked: the whole text, as `/upgrade link` gave it. */
export async function intakeLink(flags: LinkFlags): Promise<void> {
  requireTerminalAccount(flags.account);
  const signature = hex("--signature", flags.signature);
  await once(flags, async ({ quorate }) =>
    settled(
      await quorate.people.proveText(flags.account, flags.message, signature),
      () => "The wallet has signed. Now two admins confirm: the card in the channel says who.",
    ),
  );
}

function ceremonyId(text: string): string {
  if (/^UP-[1-9][0-9]{0,5}$/i.test(text)) return text.toUpperCase();
  throw new CliFault(2, `--ceremony is a ceremony's id such as UP-1, and not ${text}.`);
}

function safeTxHash(text: string): Hex {
  const parsed = bytes32.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CliFault(2, `--hash is the safeTxHash that was signed: 0x and 64 hexadecimal digits, and not ${text}.`);
}

function hex(flag: string, text: string): Hex {
  const parsed = bytes.safeParse(text);
  if (parsed.success && parsed.data !== "0x") return parsed.data;
  throw new CliFault(2, `${flag} is 0x and an even number of hexadecimal digits.`);
}
