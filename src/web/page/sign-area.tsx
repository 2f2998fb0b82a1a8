/** The end of a transaction's card: the button, what the wallet is doing, and what came of it. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { chainNumber } from "../../domain/primitives.ts";
import { type DeskState, isBusy, maySign, type Progress } from "./desk.ts";
import type { ItemProps } from "./item-card.tsx";
import { Notice } from "./notice.tsx";
import type { SignatureDesk } from "./signature-desk.ts";
import { LongText } from "./values.tsx";

type Props = ItemProps & { progress: Progress };

export function SignArea(props: Props) {
  const { desk, progress } = props;
  const fault = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (progress.step === "failed") fault.current?.focus();
  }, [progress]);
  if (progress.step === "signed") return <Signed handedIn={progress.handedIn} signature={progress.signature} />;
  if (progress.step === "mined")
    return (
      <div class="sign-area">
        <Notice tone="good" title="Done already: enough others had signed, and its nonce is used." />
      </div>
    );
  if (desk === undefined) return <p class="sign-area muted">Signing is refused: see the red block at the top.</p>;
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
      <Buttons {...props} desk={desk} />
    </div>
  );
}

function Signed({ handedIn, signature }: { handedIn: boolean; signature: string }) {
  const words = handedIn
    ? "Signed and handed in."
    : "Signed. It was handed in nowhere: copy it to whoever collects the signatures.";
  return (
    <div class="sign-area">
      <Notice tone="good" title={words} />
      {!handedIn && <LongText label="signature" value={signature} />}
    </div>
  );
}

function Buttons({ work, item, number, state, desk, turn, progress }: Props & { desk: SignatureDesk }) {
  const { chain } = item.transaction.tx;
  const here = state.signer?.chain === chain;
  const ready = maySign(state.checks) && here && turn;
  // Where no transaction is on the wallet's chain, the block at the top offers the switch.
  const elsewhere = turn && !here && work.items.some((one) => one.chain === state.signer?.chain);
  const press = (label: string, kind: "primary" | "plain", able: boolean, act: () => unknown): ComponentChildren => (
    <button type="button" class={`button ${kind}`} disabled={!able} onClick={() => void act()}>
      {label}
    </button>
  );
  return (
    <p class="row">
      {progress.step === "failed" && progress.signature !== undefined
        ? press("Hand it in again", "primary", !isBusy(state), () => desk.handInAgain(item))
        : press(signLabel(progress, number), "primary", ready && !isBusy(state), () => desk.sign(item))}
      {progress.step === "in the wallet" && press("Stop waiting", "plain", true, () => desk.stopWaiting(item.id))}
      {elsewhere &&
        press(`Switch the wallet to chain ${chainNumber(chain)}`, "plain", !isBusy(state), () => desk.switchTo(chain))}
      {!ready && <span class="note">{whyNot(state, turn)}</span>}
    </p>
  );
}

function signLabel({ step }: Progress, number: number): string {
  switch (step) {
    case "checking":
      return "Checking once more…";
    case "in the wallet":
      return "Waiting for the wallet…";
    case "handing in":
      return "Handing in…";
    default:
      return step === "failed" ? `Try again: sign ${number}` : `Sign ${number}`;
  }
}

function whyNot(state: DeskState, turn: boolean): string {
  if (state.signer === undefined) return "Connect your wallet first.";
  if (!maySign(state.checks)) return "Not before everything at the top agrees.";
  return turn ? "Switch the wallet to this transaction's chain first." : "After the one before it.";
}
