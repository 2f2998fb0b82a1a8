/** One transaction to sign: what it does, what to compare, and the button. */

import { BeforeAfter } from "./before-after.tsx";
import type { Desk, DeskState, Progress } from "./desk.ts";
import type { Device } from "./devices.ts";
import { Icon, type IconName } from "./icon.tsx";
import { ItemDetails } from "./item-details.tsx";
import { purposeOf } from "./meaning.ts";
import type { Item, Release } from "./release.ts";
import { SignArea } from "./sign-area.tsx";
import { Hash } from "./values.tsx";
import { Words } from "./words.tsx";

export interface ItemProps {
  release: Release;
  item: Item;
  number: number;
  device: Device;
  state: DeskState;
  /** Undefined where nothing may be signed at all. */
  desk: Desk | undefined;
  /** Whether those before it are done with. */
  turn: boolean;
}

const hashes = {
  domainHash: ["Domain hash", "which Safe on which chain"],
  messageHash: ["Message hash", "which transaction"],
  safeTxHash: ["safeTxHash", "both together: what is signed"],
} as const;

export function ItemCard(props: ItemProps) {
  const { release, item, number, state } = props;
  const progress = state.progress.get(item.id) ?? { step: "open" };
  const title = `item-${number}`;
  // One at a time: those before it are done with, those after it wait.
  const current = props.turn && progress.step !== "signed";
  return (
    <article class={`panel item ${progress.step === "signed" ? "done" : ""}`} aria-labelledby={title}>
      <header class="item-head">
        <p class="muted">
          {number} of {release.items.length} · {item.id} · nonce {String(item.transaction.tx.nonce)}
        </p>
        <StatusPill progress={progress} />
        <h3 id={title} tabIndex={-1}>
          <Words>{purposeOf(item)}</Words>
        </h3>
      </header>
      <details class="item-body" open={current}>
        <summary>What it does, and its hashes</summary>
        <ItemBody {...props} />
      </details>
      <SignArea {...props} progress={progress} />
    </article>
  );
}

function ItemBody({ item, device, state }: ItemProps) {
  const order = [...device.compare, ...(["safeTxHash", "domainHash", "messageHash"] as const)];
  return (
    <>
      <h4>What it does</h4>
      <p>
        <Words>{item.does.sentence}</Words>
      </p>
      {item.does.nested.length > 0 && (
        <ol class="calls">
          {item.does.nested.map((one, at) => (
            <li key={at} class={one.exact ? undefined : "unknown"}>
              <Words>{one.sentence}</Words>
            </li>
          ))}
        </ol>
      )}
      <BeforeAfter item={item} facts={state.facts} />
      <h4>Compare with your {device.name === "Software wallet" ? "wallet" : device.name}</h4>
      <dl class="hashes">
        {[...new Set(order)].map((name) => (
          <Hash
            key={name}
            label={hashes[name][0]}
            note={hashes[name][1]}
            value={item.hashes[name]}
            strong={device.compare.includes(name)}
          />
        ))}
      </dl>
      <ItemDetails item={item} />
    </>
  );
}

const pills: Record<Progress["step"], [IconName, string]> = {
  open: ["open", "Not signed"],
  checking: ["wait", "Checking once more"],
  "in the wallet": ["wait", "In your wallet"],
  "handing in": ["wait", "Handing in"],
  signed: ["good", "Signed"],
  failed: ["bad", "Not signed"],
};

function StatusPill({ progress }: { progress: Progress }) {
  const [icon, word] =
    progress.step === "failed" && progress.signature ? (["bad", "Not handed in"] as const) : pills[progress.step];
  return (
    <span class={`pill ${progress.step.replaceAll(" ", "-")}`}>
      <Icon name={icon} /> {word}
    </span>
  );
}
