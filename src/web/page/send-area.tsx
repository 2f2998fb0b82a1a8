/** The end of a leg's card: the button, what the wallet and the chain are doing, and what came of it. */

import { useEffect, useRef } from "preact/hooks";
import { chainNumber } from "../../domain/primitives.ts";
import { type DeskState, isBusy, maySign, type Progress } from "./desk.ts";
import type { LegProps } from "./leg-card.tsx";
import { Notice } from "./notice.tsx";
import { Hash } from "./values.tsx";

type Props = LegProps & { progress: Progress };

export function SendArea(props: Props) {
  const { desk, progress } = props;
  const fault = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (progress.step === "failed") fault.current?.focus();
  }, [progress]);
  if (desk === undefined) return <p class="sign-area muted">Sending is refused: see the red block at the top.</p>;
  if (progress.step === "sent" || progress.step === "mined") return <Sent {...progress} />;
  return (
    <div class="sign-area">
      {progress.step === "failed" && (
        <div ref={fault} tabIndex={-1}>
          <Notice tone="bad" title={progress.sentence} />
        </div>
      )}
      {progress.step === "in the wallet" && (
        <Notice tone="wait" title="Your wallet asks you now. Compare the recipient there, then confirm." />
      )}
      <Buttons {...props} desk={desk} />
    </div>
  );
}

function Sent({ step, hash }: { step: "sent" | "mined"; hash?: string }) {
  return (
    <div class="sign-area">
      {step === "sent" ? (
        <Notice
          tone="wait"
          title="Sent. Waiting until it is mined…"
          sentences={[
            "It cannot be called back. You may close this page: the chain decides, and the card in chat shows it.",
          ]}
        />
      ) : (
        <Notice
          tone="good"
          title={
            hash === undefined ? "It has run already, sent from elsewhere." : "It ran: read back from the timelock."
          }
        />
      )}
      {hash !== undefined && (
        <dl class="hashes">
          <Hash label="Transaction" value={hash} />
        </dl>
      )}
    </div>
  );
}

function Buttons({ call, plan, number, state, desk, turn, progress }: Props & { desk: NonNullable<LegProps["desk"]> }) {
  const { chain } = call.call;
  const here = state.signer?.chain === chain;
  const ready = maySign(state.checks) && here && turn;
  // Where no leg is on the wallet's chain, the block at the top offers the switch.
  const elsewhere = turn && !here && plan.calls.some((one) => one.call.chain === state.signer?.chain);
  return (
    <p class="row">
      <button
        type="button"
        class="button primary"
        disabled={!ready || isBusy(state)}
        onClick={() => void desk.send(call)}
      >
        {sendLabel(progress, number)}
      </button>
      {progress.step === "in the wallet" && (
        <button type="button" class="button plain" onClick={() => desk.stopWaiting(call.id)}>
          Stop waiting
        </button>
      )}
      {elsewhere && (
        <button type="button" class="button plain" disabled={isBusy(state)} onClick={() => void desk.switchTo(chain)}>
          Switch the wallet to chain {String(chainNumber(chain))}
        </button>
      )}
      {!ready && <span class="note">{whyNot(state, turn)}</span>}
    </p>
  );
}

function sendLabel({ step }: Progress, number: number): string {
  switch (step) {
    case "checking":
      return "Checking once more…";
    case "in the wallet":
      return "Waiting for the wallet…";
    default:
      return step === "failed" ? `Try again: send ${number}` : `Send ${number}`;
  }
}

function whyNot(state: DeskState, turn: boolean): string {
  if (state.signer === undefined) return "Connect your wallet first.";
  if (!turn) return "After the one before it has run.";
  return maySign(state.checks)
    ? "Switch the wallet to this transaction's chain first."
    : "Not before everything at the top agrees.";
}
