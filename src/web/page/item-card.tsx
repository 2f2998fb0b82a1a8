/** One transaction to sign: what it does, what to compare, and the button. */

import { useEffect, useRef } from "preact/hooks";
import { BeforeAfter } from "./before-after.tsx";
import { type Desk, type DeskState, isBusy, maySign, type Progress } from "./desk.ts";
import type { Device } from "./devices.ts";
import { Icon, type IconName } from "./icon.tsx";
import { ItemDetails } from "./item-details.tsx";
import { purposeOf } from "./meaning.ts";
import { Notice } from "./notice.tsx";
import type { Item, Release } from "./release.ts";
import { Hash, LongText } from "./values.tsx";
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
          <Words>{purposeOf(release, item)}</Words>
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

function SignArea({ item, number, state, desk, turn, progress }: ItemProps & { progress: Progress }) {
  const fault = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (progress.step === "failed") fault.current?.focus();
  }, [progress]);
  if (progress.step === "signed")
    return (
      <div class="sign-area">
        <Notice
          tone="good"
          title={
            progress.handedIn
              ? "Signed and handed in."
              : "Signed. It was handed in nowhere: copy it to whoever collects the signatures."
          }
        />
        {!progress.handedIn && <LongText label="signature" value={progress.signature} />}
      </div>
    );
  if (desk === undefined) return <p class="sign-area muted">Signing is refused: see the red block at the top.</p>;
  const ready = maySign(state.checks) && state.signer?.chain === item.transaction.tx.chain && turn;
  const verb = progress.step === "failed" ? "Try again: sign" : "Sign";
  return (
    <div class="sign-area">
      {progress.step === "failed" && (
        <div ref={fault} tabIndex={-1}>
          <Notice tone="bad" title={progress.sentence} />
        </div>
      )}
      {progress.step === "in the wallet" && (
        <Notice tone="wait" title="Your wallet asks you now. Compare there, then confirm." />
      )}
      <p class="row">
        {progress.step === "failed" && progress.signature !== undefined ? (
          <button
            type="button"
            class="button primary"
            disabled={isBusy(state)}
            onClick={() => void desk.handInAgain(item)}
          >
            Hand it in again
          </button>
        ) : (
          <button
            type="button"
            class="button primary"
            disabled={!ready || isBusy(state)}
            onClick={() => void desk.sign(item)}
          >
            {progress.step === "checking"
              ? "Checking once more…"
              : progress.step === "in the wallet"
                ? "Waiting for the wallet…"
                : `${verb} ${number}`}
          </button>
        )}
        {progress.step === "in the wallet" && (
          <button type="button" class="button plain" onClick={() => desk.stopWaiting(item)}>
            Stop waiting
          </button>
        )}
        {!ready && <span class="note">{whyNot(state, turn)}</span>}
      </p>
    </div>
  );
}

function whyNot(state: DeskState, turn: boolean): string {
  if (state.signer === undefined) return "Connect your wallet first.";
  if (!maySign(state.checks)) return "Not before everything at the top agrees.";
  return turn ? "Switch the wallet to this transaction's chain first." : "After the one before it.";
}
