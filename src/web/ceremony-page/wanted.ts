/** What is wanted now and of whom, and every clock that runs. */

import { typed } from "../../command.ts";
import { onChainOf, schedules } from "../../domain/ceremony.ts";
import { endings } from "../../domain/lifecycle.ts";
import { namesOf } from "../../domain/policy.ts";
import { legById } from "../../domain/release-package.ts";
import { stillExecutable } from "../../domain/still-executable.ts";
import { nextSteps } from "../../domain/why.ts";
import type { PageFacts } from "./facts.ts";
import { bullets, code, facts, type Html, html, said, section } from "./markup.ts";
import { chainNow, headWords, when, window } from "./times.ts";

export function wanted(it: PageFacts): Html {
  const { state, policy, card } = it;
  // What stands at the top of the page is not said twice; the line to be typed stands here.
  const steps = nextSteps(state, policy).flatMap((step) => {
    const line = typed(step, state);
    const known = step.sentence === card.summary;
    if (line === "") return known ? [] : [said(step.sentence)];
    const who = said(namesOf(policy, step.who));
    return [known ? html`${who} in chat: ${code(line)}` : html`${said(step.sentence)} In chat: ${code(line)}`];
  });
  const open = stillExecutable(state);
  const warning =
    open.length === 0
      ? ""
      : html`<div class="notice bad"><p><strong>Still executable by anyone</strong> who has the signatures, until it is cancelled or its nonce is used:</p>${bullets(open.map(said))}</div>`;
  const frozen = it.frozen.map(
    ({ title, lines }) =>
      html`<div class="notice warning"><p><strong>${title}</strong></p>${bullets(lines.map(said))}</div>`,
  );
  return section("wanted", "What is wanted now", [
    steps.length === 0 ? html`` : bullets(steps, "steps"),
    html`${warning}`,
    ...frozen,
    html`${clocks(it)}`,
  ]);
}

/** Each only while it still decides something. */
function clocks(it: PageFacts): Html {
  const { state, policy, now, heads } = it;
  const over = endings.includes(state.status);
  const reviewing = ["in review", "approved", "signing"].includes(state.status);
  const { review } = state;
  const phase = over ? undefined : state.package.phases[state.currentPhase];
  const leg = phase?.legs[0] === undefined ? undefined : legById(state.package, phase.legs[0]);
  const chainTime = leg === undefined ? now : chainNow(leg.chain, it);
  const ready = state.onChain.map((one) => one.readyAt ?? 0n).reduce((a, b) => (a > b ? a : b), 0n);
  const delayed = ready > 0n && ["scheduled", "ready"].includes(state.status);
  const chains = [...new Set(state.package.legs.map((one) => one.chain))];
  return facts([
    reviewing && review !== undefined ? ["Review ends", when(review.expiresAt, now, it)] : undefined,
    delayed ? ["Timelock delay ends", when(ready, chainTime, it)] : undefined,
    phase === undefined
      ? undefined
      : [`Window of ${phase.id}`, window(phase.window.notBefore, phase.window.notAfter, chainTime, it)],
    rollbackDies(it) ? ["Rollback dies by itself", when(rollbackDies(it) ?? 0n, chainTime, it)] : undefined,
    ...chains.map((chain) => {
      const head = heads.find((one) => one.chain === chain);
      const name = policy.chains.find((one) => one.id === chain)?.name ?? chain;
      const shown = head === undefined ? "could not be read; this program's own clock stands in" : headWords(head, it);
      return [`Time on ${name}`, shown] as const;
    }),
  ]);
}

/** While a rollback stands in the timelock. */
function rollbackDies({ state }: PageFacts): bigint | undefined {
  const standing = schedules(state).find(
    (tx) => tx.purpose === "rollback" && onChainOf(state, tx.id)?.state === "mined",
  );
  return standing === undefined ? undefined : legById(state.package, standing.subject).rollback.notAfter;
}
