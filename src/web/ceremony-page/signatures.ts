/** The Safe transactions one by one: hash as on devices, nonce, who has signed, and what became of it on the chain. */

import {
  type CeremonyState,
  isFullySigned,
  type OnChain,
  onChainOf,
  safeOf,
  signaturesOf,
} from "../../domain/ceremony.ts";
import { approvedOwners } from "../../domain/nested-safes.ts";
import { namesOf } from "../../domain/policy.ts";
import { stillExecutable } from "../../domain/still-executable.ts";
import type { CeremonyTx } from "../../domain/transactions.ts";
import type { Tone } from "../../view.ts";
import type { PageFacts } from "./facts.ts";
import { bullets, code, facts, folded, grouped, type Html, html, pill, said, section } from "./markup.ts";

export function signaturesSection(it: PageFacts): Html {
  const { state } = it;
  const release = state.review?.transactions ?? [];
  const windDown = state.windDown?.transactions ?? [];
  const abandoned = state.abandoned.filter((one) => !release.some((other) => other.safeTxHash === one.safeTxHash));
  if (release.length + windDown.length + abandoned.length === 0)
    return section(
      "signatures",
      "Signatures",
      html`<p>There is nothing to sign yet: the review binds the nonces first.</p>`,
    );
  return section("signatures", "Signatures", [
    html`<p class="note">A signature stays valid until its nonce is used on the chain. Compare every hash in full with your device; the signatures themselves are not shown here.</p>`,
    group("The release and its containments", release, it),
    group("What makes the rest unusable", windDown, it),
    abandoned.length === 0
      ? html``
      : html`<h3>Signed for an earlier review</h3>${abandoned.map((tx) => earlier(tx, state))}`,
  ]);
}

function group(title: string, list: readonly CeremonyTx[], it: PageFacts): Html {
  return list.length === 0 ? html`` : html`<h3>${title}</h3>${list.map((tx) => transaction(tx, it))}`;
}

function transaction(tx: CeremonyTx, it: PageFacts): Html {
  const { state, policy, words } = it;
  const given = signaturesOf(state, tx.id);
  const safe = safeOf(state, tx);
  const have = safe === undefined ? given.length : approvedOwners(safe, given).length;
  const enough = isFullySigned(state, tx);
  const signers = given.map((one) => {
    const place =
      one.via.length === 0 ? "" : html` <span class="note">for the Safe</span> ${code(one.via.at(-1) ?? "")}`;
    const how = one.contract ? "with the smart account" : "with";
    return html`${said(namesOf(policy, [one.person]))} <span class="note">${how}</span> ${code(one.owner)}${place}`;
  });
  const count = `${have} of ${safe?.threshold ?? "an unknown number of"} signatures`;
  return html`<article class="tx">
<h4>${said(tx.id)}</h4>
<p>${pill(enough ? "good" : "progress", count)} ${onChain(tx, state)}</p>
${hashes(tx)}
${signers.length === 0 ? html`<p>Nobody has signed it yet.</p>` : folded(`Signed by ${signers.length}`, bullets(signers))}
${folded("What it does", html`${bullets(words.calls(tx.tx).map(said))}`)}
</article>`;
}

/** Signed for a revision or a digest that does not stand any more. */
function earlier(tx: CeremonyTx, state: CeremonyState): Html {
  const fate = isLoose(tx, "before", state)
    ? pill("bad", "Still executable by anyone")
    : pill("neutral", "Its nonce is used: it can never run");
  return html`<article class="tx"><h4>${said(tx.id)}</h4><p>${fate}</p>${hashes(tx)}</article>`;
}

/** Whether it is among those that anybody could still send; the lines that name them begin with the id. */
function isLoose({ id, tx }: CeremonyTx, review: "now" | "before", state: CeremonyState): boolean {
  const lines = stillExecutable(state);
  if (review === "before")
    return lines.some((line) => line.startsWith(`${id} as it was signed before`) && line.includes(`nonce ${tx.nonce}`));
  return lines.some((line) => line === id || line.startsWith(`${id} (`) || line.startsWith(`${id}:`));
}

function hashes(tx: CeremonyTx): Html {
  return facts([
    ["safeTxHash", grouped(tx.safeTxHash)],
    ["Safe", html`${code(tx.tx.safe)} on ${tx.tx.chain}, nonce ${tx.tx.nonce}`],
    tx.operationId === undefined ? undefined : ["Operation id", code(tx.operationId)],
  ]);
}

const fates: Record<OnChain["state"], readonly [Tone, string]> = {
  mined: ["progress", "On the chain"],
  done: ["good", "Executed"],
  cancelled: ["neutral", "Cancelled in the timelock"],
  used: ["neutral", "Its nonce is used: it can never run"],
};

function fate({ purpose }: CeremonyTx, state: OnChain["state"]): Html {
  const [tone, text] = fates[state];
  if (state === "mined" && (purpose === "upgrade" || purpose === "rollback"))
    return pill(tone, "Stands in the timelock");
  // A rejection does nothing but use its nonce.
  if (state === "used" && purpose === "reject") return pill("good", "Done: its nonce is used");
  return pill(tone, text);
}

function onChain(tx: CeremonyTx, state: CeremonyState): Html {
  const known = onChainOf(state, tx.id);
  const loose = isLoose(tx, "now", state) ? pill("bad", "Still executable by anyone") : html``;
  if (known === undefined) return html`${pill("neutral", "Not on the chain")} ${loose}`;
  return html`${fate(tx, known.state)} ${loose}`;
}
