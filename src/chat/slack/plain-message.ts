/** A view without blocks, for when Slack refuses them after all: less handsome, never silent. */

import { type Card, type Notice, type WalletItem, type WalletRequest, walletItems } from "../../view.ts";
import { inertMrkdwn } from "./mrkdwn.ts";

/** chat.update takes no more than 4,000 characters. */
const mostCharacters = 3_800;

/** Whole lines as far as they fit; `opening` is the notification with its mentions. */
export function plainMessage(view: Card | Notice | WalletRequest, opening: string): string {
  const lines = contentOf(view).map((text) => `• ${inertMrkdwn(text)}`);
  let shown = opening;
  for (const [at, text] of lines.entries()) {
    if (shown.length + text.length > mostCharacters)
      return `${shown}\n• ${lines.length - at} more lines are left out here; the terminal tells all of it.`;
    shown += `\n${text}`;
  }
  return shown;
}

/** What is compared with the wallet. */
function proofOf(item: WalletItem): string {
  if (item.kind === "message") return item.text;
  return item.kind === "signature" ? `safeTxHash ${item.hashes.safeTxHash}` : `Operation id ${item.operationId}`;
}

function contentOf(view: Card | Notice | WalletRequest): string[] {
  if (view.kind === "wallet")
    return walletItems(view).flatMap((item) => [item.purpose, ...item.sentences, proofOf(item)]);
  return [
    ...view.facts.map((fact) => `${fact.label}: ${fact.value}`),
    ...view.sections.flatMap((section) => [section.title, ...section.lines]),
    ...view.pictures.map((picture) => `${picture.title}: ${picture.alt}`),
    ...view.actions.map((action) => `Type /upgrade ${action.command} for “${action.label}”.`),
  ];
}
