/** How an item stands, as a sign and a word. */

import type { Progress } from "./desk.ts";
import { Icon, type IconName } from "./icon.tsx";

const pills: Record<Progress["step"], [IconName, string]> = {
  open: ["open", "Not signed"],
  checking: ["wait", "Checking once more"],
  "in the wallet": ["wait", "In your wallet"],
  "handing in": ["wait", "Handing in"],
  signed: ["good", "Signed"],
  sent: ["wait", "Sent, not mined yet"],
  mined: ["good", "Ran"],
  failed: ["bad", "Not signed"],
};

/** `nothing`: the word where nothing was done yet, or it failed. */
export function StatusPill({ progress, nothing = "Not signed" }: { progress: Progress; nothing?: string }) {
  const [icon, known] = pills[progress.step];
  const kept = progress.step === "failed" && progress.signature !== undefined;
  const word = kept ? "Not handed in" : ["open", "failed"].includes(progress.step) ? nothing : known;
  return (
    <span class={`pill ${progress.step.replaceAll(" ", "-")}`}>
      <Icon name={icon} /> {word}
    </span>
  );
}
