/** What the executor's wallet sends now: call by call, compared with the chain, one transaction a leg. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { chainNumber } from "../../domain/primitives.ts";
import { proxyChanges } from "../../domain/release-package.ts";
import { ChecksStep } from "./checks-step.tsx";
import { Countdown, type Reading } from "./countdown.tsx";
import { emptyDesk, isDone } from "./desk.ts";
import { type ExecutionPlan, type LegCall, readExecution } from "./execution.ts";
import { lookAtExecution } from "./execution-checks.ts";
import { ExecutionDesk } from "./execution-desk.ts";
import { useVerdictFocus } from "./focus.ts";
import { type Heading, Lead } from "./lead.tsx";
import { LegCard } from "./leg-card.tsx";
import { MeaningList } from "./meaning-list.tsx";
import { counted, listed, utc } from "./plain-words.ts";
import { reviewHashes } from "./signing-view.tsx";
import { Stated } from "./stated.tsx";
import { spoken, Verdict } from "./verdict.tsx";
import type { ViewProps } from "./views.ts";
import { WalletStep } from "./wallet-step.tsx";
import type { Work } from "./work.ts";

export function ExecutionView({ json, visit }: ViewProps) {
  const { plan, problems } = useMemo(() => readExecution(json), [json]);
  const [state, setState] = useState(emptyDesk);
  const [clock, setClock] = useState<Reading>();
  const work = useMemo(() => (plan === undefined ? undefined : workOf(plan, setClock)), [plan]);
  const desk = useMemo(
    () => (work === undefined || problems.length > 0 ? undefined : new ExecutionDesk(work, visit, setState)),
    [work],
  );
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus();
    return () => desk?.dispose();
  }, [desk]);
  const verdict = useVerdictFocus(state);
  const calls = plan?.calls ?? [];
  const next = calls.findIndex((one) => !isDone(state.progress.get(one.id)));
  return (
    <>
      <Lead
        heading={plan === undefined || problems.length > 0 ? undefined : headingOf(plan)}
        refused="This cannot be sent"
        title={title}
      />
      <div ref={verdict} tabIndex={-1} class="verdict">
        <Verdict problems={problems} work={work} state={state} desk={desk} />
      </div>
      <p class="unseen" role="status">
        {spoken(problems, work, state)}
      </p>
      {plan !== undefined && problems.length === 0 && <Stated stated={plan.brief.stated} />}
      {plan !== undefined && problems.length === 0 && <WhatItDoes plan={plan} />}
      {clock !== undefined && calls[next] !== undefined && <Countdown call={calls[next]} reading={clock} />}
      {work !== undefined && desk !== undefined && <WalletStep work={work} state={state} desk={desk} />}
      {plan !== undefined && <ChecksStep hashes={reviewHashes(plan.release)} state={state} problems={problems} />}
      {plan !== undefined && work !== undefined && (
        <section class="items" aria-labelledby="send-title">
          <div class="panel">
            <h2 id="send-title">
              {desk !== undefined && <span class="step">3</span>}{" "}
              {desk === undefined ? "What you were asked to send, for the record" : "Read and send"}
            </h2>
            <p>
              Your wallet shows the timelock as the recipient, {counted(calls.length, "transaction")} in all. Compare
              the recipient and the calldata digest where your device shows them.
            </p>
          </div>
          {calls.map((call, at) => (
            <LegCard
              key={call.id}
              plan={plan}
              call={call}
              number={at + 1}
              state={state}
              desk={desk}
              turn={at === next}
            />
          ))}
        </section>
      )}
    </>
  );
}

function workOf(plan: ExecutionPlan, tellTime: (reading: Reading | undefined) => void): Work {
  const ran = new Set<string>();
  const back = plan.brief.purpose === "rollback";
  return {
    person: plan.brief.person,
    items: plan.calls.map(({ id, call }) => ({ id, chain: call.chain })),
    words: {
      verb: "send",
      past: "sent",
      next: (left) => `Read the batch below, then send ${counted(left, "transaction")}.`,
      done: {
        title: back
          ? "Rolled back: everything that you were to send has run."
          : "Everything that you were to send has run.",
        sentence:
          "You can close this page. The card in chat shows it as soon as the program has read it from the chain.",
      },
    },
    async look(provider, signer) {
      const look = await lookAtExecution(plan, provider, signer, ran);
      tellTime(look.blockTime === undefined ? undefined : { blockTime: look.blockTime, readAt: Date.now() });
      return look;
    },
  };
}

function headingOf({ brief, release, calls }: ExecutionPlan): Heading {
  const names = listed([...new Set(calls.flatMap(({ leg }) => proxyChanges(leg).map((one) => one.name)))]);
  const what = brief.purpose === "rollback" ? `puts ${names} back to the code from before` : `upgrades ${names}`;
  const verb = brief.purpose === "rollback" ? "Roll back" : "Execute";
  const phase = calls[0]?.phase.id ?? "";
  return {
    line: `${brief.ceremony} · revision ${brief.revision} · for ${brief.person.name}`,
    title: `${verb} ${phase}: ${release.pkg.title}`,
    headline: `Your wallet sends ${counted(calls.length, "transaction")} to the timelock, which ${what} at once; ${calls.length === 1 ? "it" : "each"} runs as a whole or not at all.`,
  };
}

function WhatItDoes({ plan }: { plan: ExecutionPlan }) {
  const { brief, calls, release } = plan;
  const back = brief.purpose === "rollback";
  return (
    <MeaningList
      title="What sending does"
      parts={[
        { title: "It does", lines: calls.map((one) => effect(one, back)) },
        {
          title: "It does not",
          lines: [
            "Run any call that is not listed below: the operation's id, which the council scheduled, is a hash over all of them.",
            back
              ? "Undo what the new code did to balances and other state: it restores code alone."
              : "Run if its window is over, this is another chain, or any code has changed: then it reverts as a whole.",
          ],
        },
        { title: "When", lines: calls.map(whenItRuns) },
        { title: "Why", note: "in the words of its author", lines: [release.pkg.rationale] },
      ]}
    />
  );
}

function effect({ leg, call }: LegCall, back: boolean): string {
  const names = listed(proxyChanges(leg).map((one) => one.name)) || leg.id;
  return `${back ? "Puts" : "Upgrades"} ${names} ${back ? "back " : ""}on chain ${chainNumber(call.chain)}, at once and for everybody.`;
}

function whenItRuns({ id, window: { opens, ends } }: LegCall): string {
  return opens === 0n
    ? `${id}: once its upgrade has run, until ${utc(ends)} by the chain's clock.`
    : `${id}: from ${utc(opens)} to ${utc(ends)} by the chain's clock.`;
}
