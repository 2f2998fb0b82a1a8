/** The block at the top: whether to sign, and why not. */

import { chainNumber } from "../../domain/primitives.ts";
import type { Check } from "./checks.ts";
import { type Desk, type DeskState, isDone, maySign } from "./desk.ts";
import { Notice } from "./notice.tsx";
import { capital } from "./plain-words.ts";
import type { Work } from "./work.ts";

/** Problems of the brief itself come before anything that a wallet could say. */
export function Verdict(props: {
  problems: readonly string[];
  work: Work | undefined;
  state: DeskState;
  desk: Desk | undefined;
}) {
  const { problems, work, state, desk } = props;
  if (problems.length > 0 || work === undefined || desk === undefined)
    return (
      <Notice
        tone="bad"
        title={`Do not ${work?.words.verb ?? "sign"}. What you were sent does not add up.`}
        sentences={problems}
      >
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
  if (!work.items.some((item) => item.chain === signer.chain))
    return <WrongChain work={work} state={state} desk={desk} />;
  return <Compared work={work} state={state} desk={desk} />;
}

function WrongChain({ work, state, desk }: { work: Work; state: DeskState; desk: Desk }) {
  const wanted = work.items.find((item) => !isDone(state.progress.get(item.id)))?.chain;
  if (state.signer === undefined || wanted === undefined) return null;
  const now = chainNumber(state.signer.chain);
  return (
    <Notice
      tone="warning"
      title="Your wallet is on another chain."
      sentences={[
        `It is on chain ${now}, and this release is on chain ${chainNumber(wanted)}. Nothing was compared and nothing can be ${work.words.past} there.`,
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

function Compared({ work, state, desk }: { work: Work; state: DeskState; desk: Desk }) {
  const { checks } = state;
  const { verb, past, next, done } = work.words;
  if (checks === undefined)
    return (
      <Notice
        tone="wait"
        title="Reading the chain through your wallet…"
        sentences={[`Nothing can be ${past} before all of it was compared.`]}
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
        title={`Do not ${verb}. The chain or the wallet says something else.`}
        sentences={[...differing, ...unread]}
      >
        {again}
      </Notice>
    );
  if (!maySign(checks))
    return (
      <Notice
        tone="warning"
        title={`Not verified. ${capital(verb)}ing stays off until everything could be read.`}
        sentences={unread}
      >
        {again}
      </Notice>
    );
  const left = work.items.filter((item) => !isDone(state.progress.get(item.id))).length;
  if (left === 0) return <Notice tone="good" title={done.title} sentences={[done.sentence]} />;
  return <Notice tone="good" title={`All ${checks.length} comparisons agree.`} sentences={[next(left)]} />;
}

function sentences(checks: readonly Check[], verdict: Check["verdict"]): string[] {
  const word = verdict === "not verified" ? "Not verified. " : "";
  return checks.filter((one) => one.verdict === verdict).map((one) => word + one.sentence);
}

/** One sentence for those who hear the page: it changes whenever the state does. */
export function spoken(problems: readonly string[], work: Work | undefined, state: DeskState): string {
  if (problems.length > 0 || work === undefined) return "";
  const { verb, past } = work.words;
  if (state.stopped !== undefined) return state.stopped;
  if (state.fault !== undefined) return state.fault;
  const steps = [...state.progress.values()].map((one) => one.step);
  if (steps.includes("checking")) return "Checking the chain once more.";
  if (steps.includes("in the wallet")) return `Look at your wallet: it asks you to ${verb}.`;
  if (steps.includes("handing in")) return "Handing the signature in.";
  if (steps.includes("sent")) return "Sent. Waiting until it is mined.";
  if (state.connecting) return "Connecting to the wallet.";
  if (state.signer !== undefined && state.checks === undefined) return "Reading the chain through your wallet.";
  const done = [...state.progress.values()].filter(isDone).length;
  if (done > 0) return `${done} ${past}.`;
  if (maySign(state.checks)) return `All comparisons agree. You can compare and ${verb}.`;
  return "";
}
