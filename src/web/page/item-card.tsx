/** One transaction to sign: what it does, what to compare, and the button. */

import { ApprovalTree } from "./approval-tree.tsx";
import { BeforeAfter } from "./before-after.tsx";
import { CallList } from "./call-list.tsx";
import { type DeskState, isDone } from "./desk.ts";
import type { Device } from "./devices.ts";
import { ItemDetails } from "./item-details.tsx";
import { placeOf, treeAbove } from "./place.ts";
import { SignArea } from "./sign-area.tsx";
import type { SheetItem } from "./sign-sheet.tsx";
import type { SignatureDesk } from "./signature-desk.ts";
import { StatusPill } from "./status-pill.tsx";
import { Hash } from "./values.tsx";
import { Words } from "./words.tsx";
import type { Work } from "./work.ts";

export interface ItemProps extends SheetItem {
  work: Work;
  number: number;
  device: Device;
  state: DeskState;
  /** Undefined where nothing may be signed at all. */
  desk: SignatureDesk | undefined;
  /** Whether those before it are done with. */
  turn: boolean;
}

const hashes = {
  domainHash: ["Domain hash", "which Safe on which chain"],
  messageHash: ["Message hash", "which transaction"],
  safeTxHash: ["safeTxHash", "both together: what is signed"],
} as const;

/** For an owner of a Safe that is an owner: what they sign is that Safe's message. */
const messageLabels = {
  domainHash: ["Domain hash", "which Safe on which chain: the one you sign for"],
  messageHash: ["Message hash", "which message of that Safe (SafeMessage)"],
  safeTxHash: ["Signed hash", "both together: what you sign. The transaction's own hashes are in the tree above."],
} as const;

export function ItemCard(props: ItemProps) {
  const { work, item, number, state } = props;
  const progress = state.progress.get(item.id) ?? { step: "open" };
  const label = `item-${number}`;
  // One at a time: those before it are done with, those after it wait.
  const current = props.turn && !isDone(progress);
  return (
    <article class={`panel item ${isDone(progress) ? "done" : ""}`} aria-labelledby={label}>
      <header class="item-head">
        <p class="muted">
          {number} of {work.items.length} · {item.id} · nonce {String(item.transaction.tx.nonce)}
        </p>
        <StatusPill progress={progress} />
        <h3 id={label} tabIndex={-1}>
          <Words>{props.title}</Words>
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

function ItemBody({ item, notes, device, state }: ItemProps) {
  const tree = treeAbove(item.transaction.tx, state.facts);
  const place = placeOf(item.transaction.tx, state.signer?.account, state.facts);
  // Who signs for a Safe in between is shown that Safe's message, and not the transaction.
  const nested = place !== undefined && place.via.length > 0;
  const shown = nested ? { ...place, safeTxHash: place.hash } : item.hashes;
  const through = (place?.via ?? []).flatMap((one) => tree?.nested.find(({ address }) => address === one) ?? []);
  const order = [...device.compare, ...(["safeTxHash", "domainHash", "messageHash"] as const)];
  return (
    <>
      <h4>What it does</h4>
      <p>
        <Words>{item.does.sentence}</Words>
      </p>
      <CallList calls={item.does.nested} />
      {notes.map((note) => (
        <p class="line" key={note}>
          <Words>{note}</Words>
        </p>
      ))}
      {item.leg !== undefined && (
        <BeforeAfter leg={item.leg} back={item.transaction.purpose === "rollback"} facts={state.facts} />
      )}
      {tree !== undefined && <ApprovalTree item={item} tree={tree} place={place} account={state.signer?.account} />}
      <h4>Compare with your {device.name === "Software wallet" ? "wallet" : device.name}</h4>
      <dl class="hashes">
        {[...new Set(order)].map((name) => (
          <Hash
            key={name}
            label={nested ? messageLabels[name][0] : hashes[name][0]}
            note={nested ? messageLabels[name][1] : hashes[name][1]}
            value={shown[name]}
            strong={device.compare.includes(name)}
          />
        ))}
      </dl>
      <ItemDetails item={item} through={through} />
    </>
  );
}
