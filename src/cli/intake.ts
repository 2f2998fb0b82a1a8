/** `quorate intake`: where a wallet's signature or transaction comes in, when there is no page that takes it. */

import { answer } from "../command.ts";
import { bytes, bytes32, type Hex } from "../domain/primitives.ts";
import { CliFault } from "./fault.ts";
import { type ActorFlags, once, requireTerminalAccount } from "./one-shot.ts";

export interface SignatureFlags extends ActorFlags {
  ceremony: string;
  hash: string;
  signature: string;
}

/** Hands in an owner's signature over a safeTxHash that the ceremony asks for. */
export async function intakeSignature(flags: SignatureFlags): Promise<void> {
  requireTerminalAccount(flags.account);
  const ceremony = ceremonyId(flags.ceremony);
  const hash = safeTxHash(flags.hash);
  const signature = hex("--signature", flags.signature);
  await once(flags, async ({ quorate, policy }) =>
    answer(await quorate.intake.signature(flags.account, ceremony, hash, signature), policy, "The signature is taken."),
  );
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
