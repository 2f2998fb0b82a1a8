/** What stands in a Safe beside its owners: the code it runs, its guards and its handler. Whoever set them can decide past the owners. */

import type { Finding } from "../domain/events.ts";
import { slots } from "../domain/known-slots.ts";
import { type Address, address, type Hex, zeroHash } from "../domain/primitives.ts";
import { safeHandlers, safeSingletons } from "../domain/safe-code.ts";
import type { Chain } from "../ports.ts";
import { findings } from "./gate.ts";

const { flag } = findings("preflight");

/** `masterCopy`, in every version the first slot of a Safe's proxy. */
const places: readonly Hex[] = [zeroHash, slots.safeGuard, slots.safeModuleGuard, slots.safeHandler];

/** Two moments. The node hashes the code: it is 24 KB for each Safe, and nothing but its hash is looked at. */
export async function safeCodeFindings(safe: Address, chain: Chain): Promise<Finding[]> {
  const words = await chain.words(places.map((slot) => ({ account: safe, slot })));
  const [singleton, guard, moduleGuard, handler] = words.map(accountIn);
  const hashed = async (account: Address) => ({ account, codeHash: await chain.codeHash(account) });
  const [code, handlerCode] = await Promise.all([
    hashed(singleton ?? safe),
    handler === undefined ? undefined : hashed(handler),
  ]);
  return judgeSafeCode(safe, {
    guards: [guard, moduleGuard].filter((one) => one !== undefined),
    singleton: code,
    handler: handlerCode,
  });
}

interface SafeCode {
  singleton: { account: Address; codeHash: Hex };
  guards: readonly Address[];
  handler: { account: Address; codeHash: Hex } | undefined;
}

function judgeSafeCode(safe: Address, { singleton, guards, handler }: SafeCode): Finding[] {
  const found = guards.map((guard) =>
    flag(
      "guard",
      `The Safe ${safe} has the guard ${guard}, which is asked about every transaction and can stop any of them, a way out too.`,
      { evidence: guard, fix: "Make sure that everybody knows what the guard lets through, and who can change it." },
    ),
  );
  if (!safeSingletons.includes(singleton.codeHash))
    found.push(
      flag(
        "safe-code",
        `The Safe ${safe} runs the code at ${singleton.account}, which is of no version that Safe has published: what it makes of signatures is not known.`,
        {
          evidence: `code hash ${singleton.codeHash}`,
          fix: "Find out who made it run this code; if nobody knows, sign nothing, and move what it holds and may do.",
        },
      ),
    );
  if (handler !== undefined && !safeHandlers.includes(handler.codeHash))
    found.push(
      flag(
        "safe-handler",
        `The Safe ${safe} lets ${handler.account} answer for it where it has no function of its own, such as whether a signature is valid (EIP-1271), and its code is none that Safe has published.`,
        {
          evidence: `code hash ${handler.codeHash}`,
          fix: "Read the handler's source, or set back the one that Safe has published.",
        },
      ),
    );
  return found;
}

function accountIn(word: Hex): Address | undefined {
  return BigInt(word) === 0n ? undefined : address.parse(`0x${word.slice(-40)}`);
}
