/** The block at the top: whether to sign, and why not. */

import { chainNumber } from "../../domain/primitives.ts";
import type { Check } from "./checks.ts";
import { type Desk, type DeskState, maySign } from "./desk.ts";
import { Notice } from "./notice.tsx";
import { counted } from "./plain-words.ts";
import type { Release } from "./release.ts";

/** Problems of the brief itself come before anything that a wallet could say. */
export function Verdict(props: {
  problems: readonly string[];
  release: Release | undefined;
  state: DeskState;
  desk: Desk | undefined;
}) {
  const { problems, release, state, desk } = props;
  if (problems.length > 0 || release === undefined || desk === undefined)
    return (
      <Notice tone="bad" title="Do not sign. What you were sent does not add up." sentences={problems}>
        <p>Nothing is asked of your wallet here. Tell the others in a channel that you trust.</p>
      </Notice>
    );
  if (state.stopped !== undefined)
    return (
      <Notice tone="warning" title="Stopped." sentences={[state.stopped]}>
        <p class="row">
          <button type="button" class="button primary" onClick={() => void desk.goOn()}>
            Go on with the wallet as it is now
          </button>
        </p>
      </Notice>
    );
  const { signer } = state;
  if (signer === undefined)
    return (
      <Notice
        tone="wait"
        title="Not yet compared with the chain."
        sentences={[
          "What you were sent adds up in itself. Connect your wallet: this page reads the chain through it, and through nothing else.",
        ]}
      />
    );
  if (!release.items.some((item) => item.transaction.tx.chain === signer.chain))
    return <WrongChain release={release} state={state} desk={desk} />;
  return <Compared release={release} state={state} desk={desk} />;
}

function WrongChain({ release, state, desk }: { release: Release; state: DeskState; desk: Desk }) {
  const wanted = release.items.find((item) => state.progress.get(item.id)?.step !== "signed")?.transaction.tx.chain;
  if (state.signer === undefined || wanted === undefined) return null;
  const now = chainNumber(state.signer.chain);
  return (
    <Notice
      tone="warning"
      title="Your wallet is on another chain."
      sentences={[
        `It is on chain ${now}, and this release is on chain ${chainNumber(wanted)}. Nothing was compared and nothing can be signed there.`,
      ]}
    >
      <p class="row">
        <button type="button" class="button primary" onClick={() => void desk.switchTo(wanted)}>
          Switch the wallet to chain {String(chainNumber(wanted))}
        </button>
      </p>
    </Notice>
  );
}

function Compared({ release, state, desk }: { release: Release; state: DeskState; desk: Desk }) {
  const { checks } = state;
  if (checks === undefined)
    return (
      <Notice
        tone="wait"
        title="Reading the chain through your wallet…"
        sentences={["Nothing can be signed before all of it was compared."]}
      />
    );
  const differing = sentences(checks, "differs");
  const unread = sentences(checks, "not verified");
  const again = (
    <p class="row">
      <button type="button" class="button plain" onClick={() => void desk.goOn()}>
        Read the chain again
      </button>
    </p>
  );
  if (differing.length > 0)
    return (
      <Notice
        tone="bad"
        title="Do not sign. The chain or the wallet says something else."
        sentences={[...differing, ...unread]}
      >
        {again}
      </Notice>
    );
  if (!maySign(checks))
    return (
      <Notice tone="warning" title="Not verified. Signing stays off until everything could be read." sentences={unread}>
        {again}
      </Notice>
    );
  const left = release.items.filter((item) => state.progress.get(item.id)?.step !== "signed").length;
  if (left === 0)
    return (
      <Notice
        tone="good"
        title="Everything asked of you is signed."
        sentences={["You can close this page. Each signature stays valid until its nonce is used on the chain."]}
      />
    );
  return (
    <Notice
      tone="good"
      title={`All ${checks.length} comparisons agree.`}
      sentences={[`Compare the hashes below with your device, then sign ${counted(left, "transaction")}.`]}
    />
  );
}

function sentences(checks: readonly Check[], verdict: Check["verdict"]): string[] {
  const word = verdict === "not verified" ? "Not verified. " : "";
  return checks.filter((one) => one.verdict === verdict).map((one) => word + one.sentence);
}

/** One sentence for those who hear the page: it changes whenever the state does. */
export function spoken(problems: readonly string[], state: DeskState): string {
  if (problems.length > 0) return "";
  if (state.stopped !== undefined) return state.stopped;
  if (state.fault !== undefined) return state.fault;
  const busy = [...state.progress.values()].find((one) => !["open", "signed", "failed"].includes(one.step));
  if (busy !== undefined)
    return {
      checking: "Checking the chain once more.",
      "in the wallet": "Look at your wallet: it asks you to sign.",
      "handing in": "Handing the signature in.",
      open: "",
      signed: "",
      failed: "",
    }[busy.step];
  if (state.connecting) return "Connecting to the wallet.";
  if (state.signer !== undefined && state.checks === undefined) return "Reading the chain through your wallet.";
  const signed = [...state.progress.values()].filter((one) => one.step === "signed").length;
  if (signed > 0) return `${signed} signed.`;
  if (maySign(state.checks)) return "All comparisons agree. You can compare and sign.";
  return "";
}
