import { type Call, type Command, ceremonyOption } from "../src/command.ts";
import type { CeremonyState } from "../src/domain/ceremony.ts";
import { standing } from "../src/domain/lifecycle.ts";
import { safeWalletLink } from "../src/domain/mirroring.ts";
import { silentInWords } from "../src/domain/nested-safes.ts";
import { isLateRollback } from "../src/domain/presigned.ts";
import { safeTxHashes } from "../src/domain/safe-tx.ts";
import { missingInWords, places, signable, silentSafesOf } from "../src/domain/signing.ts";
import type { CeremonyTx } from "../src/domain/transactions.ts";
import { awaitsWindDown } from "../src/domain/wind-down.ts";
import { notice, type View } from "../src/view.ts";

export const sign: Command = {
  name: "sign",
  summary: "Ask your wallet for the signatures that are missing; signing counts as approving",
  example: "/upgrade sign UP-1",
  effect: "mutate",
  roles: ["approver", "guardian"],
  options: [ceremonyOption],
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    return walletRequest(call, state);
  },
};

/** What the person's wallet is asked for now, with a link to the page that asks it. */
export async function walletRequest(call: Call, state: CeremonyState): Promise<View> {
  const open = signable(state, call.person, call.policy);
  if (open.length === 0) return nothingToSign(call, state);
  const link = await call.services.link(call.person, call.account, state, "sign");
  return {
    kind: "wallet",
    ceremony: state.id,
    ...(link === undefined ? {} : { link }),
    title: `Sign ${open.length} transaction${open.length === 1 ? "" : "s"} of ${state.id}`,
    summary: [
      whatItAllows(state, open),
      ...call.services.overrides(state).map((one) => `The check refused it for ${one}.`),
    ].join(" "),
    items: open.map((tx) => ({
      kind: "signature",
      purpose: purposeOf(state, tx),
      tx: tx.tx,
      hashes: safeTxHashes(tx.tx),
      ...nestedPlaces(state, call, tx),
      sentences: [...call.services.sentences(tx), ...placeSentences(state, call, tx), ...inSafeWallet(state, call, tx)],
    })),
  };
}

/** A direct owner signs the transaction itself, and is shown nothing else. */
function nestedPlaces(state: CeremonyState, { person }: Call, tx: CeremonyTx) {
  const all = places(state, person, tx);
  return all.some((one) => one.via.length > 0) ? { places: all } : {};
}

/** Once it is there: with the first signature that was mirrored. */
function inSafeWallet(state: CeremonyState, { policy }: Call, tx: CeremonyTx): string[] {
  const link = safeWalletLink(state, tx, policy);
  return link === undefined ? [] : [`In Safe{Wallet}: ${link}`];
}

/** What the device shows instead of the transaction's own hashes, wherever the request is read. */
function placeSentences(state: CeremonyState, { person }: Call, tx: CeremonyTx): string[] {
  return places(state, person, tx)
    .filter((one) => one.via.length > 0)
    .map(
      ({ safe, domainHash, messageHash, hash }) =>
        `As an owner of the Safe ${safe.address} you sign its message, and your device shows domain hash ${domainHash} and message hash ${messageHash}, together ${hash}.`,
    );
}

function nothingToSign({ person, policy }: Call, state: CeremonyState): View {
  if (awaitsWindDown(state))
    return notice(
      "progress",
      `What makes the rest of ${state.id} unusable is being prepared for signature. Its card has a button once it is.`,
    );
  const missing = missingInWords(state, policy);
  const own = person.wallets.length === 0 ? " No wallet is linked to you." : "";
  if (state.proposers.includes(person.id) && !policy.lanes[state.package.lane].proposerMaySign && missing.length > 0)
    return notice("bad", `You wrote ${state.id}, and this council does not take its authors' signatures.`);
  const silent = silentInWords(silentSafesOf(state, person)).map((one) => ` ${one}.`);
  const rest = missing.length > 0 ? ` Still wanted: ${missing.join("; ")}.` : "";
  return notice(
    "neutral",
    `There is nothing for you to sign in ${state.id}, which is ${standing(state)}.${own}${silent.join("")}${rest}`,
  );
}

function whatItAllows(state: CeremonyState, open: readonly CeremonyTx[]): string {
  const kinds = new Set(open.map((tx) => tx.purpose));
  const does = [
    kinds.has("upgrade") || kinds.has("rollback")
      ? "put the approved upgrade and its rollback into the timelock, where the delay still runs and only an executor can run them"
      : "",
    open.some((tx) => isLateRollback(state, tx))
      ? "have the rollback kept outside the timelock until somebody asks for it; it then takes the same delay"
      : "",
    kinds.has("containment") ? "let any guardian pause at once" : "",
    kinds.has("cancel") || kinds.has("reject") ? "make what is left of the ceremony unusable" : "",
  ].filter((part) => part !== "");
  return `Your signatures ${does.join("; and ")}. Nothing else. Each stays valid until its Safe nonce is used, also if ${state.id} is cancelled.`;
}

function purposeOf(state: CeremonyState, tx: CeremonyTx): string {
  switch (tx.purpose) {
    case "upgrade":
      return `Schedule the upgrade of ${tx.subject}`;
    case "rollback":
      return `Schedule the rollback of ${tx.subject}`;
    case "containment":
      return `Prepare: ${state.package.containment.find((one) => one.id === tx.subject)?.action ?? tx.subject}`;
    case "cancel":
      return `Cancel ${tx.subject} in the timelock`;
    case "reject":
      return `Use up nonce ${tx.tx.nonce}, so that what was signed for it is dead`;
  }
}
