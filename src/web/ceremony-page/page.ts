/** The whole page: one document without scripts, read from top to bottom or by its list of contents. */

import { endings } from "../../domain/lifecycle.ts";
import { stillExecutable } from "../../domain/still-executable.ts";
import { isMeasured } from "../../domain/watch/measured.ts";
import { canarySection } from "./canary.ts";
import { exitsSection } from "./exits.ts";
import type { PageFacts } from "./facts.ts";
import { findingsSection } from "./findings.ts";
import { guardingSection } from "./guarding.ts";
import { historySection } from "./history.ts";
import { type Html, html, own, pill, said, time } from "./markup.ts";
import { releasePackageSection } from "./package.ts";
import { signaturesSection } from "./signatures.ts";
import { style } from "./style.ts";
import { timeline } from "./timeline.ts";
import { verifySection } from "./verify.ts";
import { votesSection } from "./votes.ts";
import { wanted } from "./wanted.ts";

/** Seconds between two looks, for whoever asked for it: pages that reload unasked take the reader's place away (WCAG F41). */
const between = 30;

/** Everything from people and chains is escaped here; whoever hands the page out makes it inert besides. */
export async function ceremonyPage(it: PageFacts): Promise<string> {
  const { state } = it;
  const waiting = isLive(it);
  const guarding = guardingSection(it);
  const exits = exitsSection(it);
  // While something is measured that is what one comes for; before and after it is one part among others.
  const canary = canarySection(it);
  const isWatched = isMeasured(state) && state.phases.some((one) => one.executedAt !== undefined);
  const canaryEntry: [string, string] = ["canary", "Canary"];
  const contents: [string, string][] = [
    ["wanted", "What is wanted now"],
    ...(guarding === undefined ? [] : [["guarding", "Breaches and containment"] as [string, string]]),
    ...(isWatched ? [canaryEntry] : []),
    ...(exits === undefined ? [] : [["exits", "Ways out"] as [string, string]]),
    ["package", "What will run"],
    ["check", "Check"],
    ["votes", "Votes"],
    ["signatures", "Signatures"],
    ...(isWatched ? [] : [canaryEntry]),
    ["history", "What happened"],
    ["verify", "Check it without this page"],
  ];
  return document(
    `${state.id} · ${state.package.title}`,
    html`${head(it, waiting)}
<main id="main" tabindex="-1">
${wanted(it)}${guarding ?? ""}${isWatched ? canary : ""}${exits ?? ""}
<div class="columns">
<div class="beside">${timeline(it)}
<nav class="panel contents" aria-labelledby="contents-title"><h2 id="contents-title">On this page</h2>
<ul>${contents.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav></div>
<div class="parts">
${releasePackageSection(it)}${findingsSection(it)}${votesSection(it)}${signaturesSection(it)}${isWatched ? "" : canary}${historySection(it)}${verifySection(it)}
</div></div></main>
<footer><p>This page is read only: nothing is approved, signed or sent here, and it asks for no cookie. Whoever has its address can read it.</p></footer>`,
    it.live && waiting,
  );
}

/** Something may still change: it runs, or something of it could still run. */
function isLive({ state }: PageFacts): boolean {
  return !endings.includes(state.status) || stillExecutable(state).length > 0;
}

function head(it: PageFacts, waiting: boolean): Html {
  const { state, policy, card, code, now, words, live } = it;
  const chains = [...new Set(state.package.legs.map((one) => one.chain))]
    .map((id) => `${policy.chains.find((one) => one.id === id)?.name ?? "unknown chain"} (${id})`)
    .join(", ");
  const again = live && waiting ? html`It reloads itself every ${between} seconds. <a href="${code}">Stop</a>` : "";
  const start = waiting && !live ? html` · <a href="${code}?live">Keep it up to date</a>` : "";
  return html`<header class="top">
<p class="brand"><strong>Quorate</strong> · ${said(policy.council.name)} · ${said(chains)}</p>
<h1>${said(state.id)} · ${said(state.package.title)}</h1>
<p class="state">${pill(card.tone, card.status)}</p>
<p class="lead">${said(card.summary)}</p>
<p class="note">As of ${time(now, words.utc(now))}. ${again === "" ? html`<a href="${code}">Look again</a>${start}` : again}</p>
</header>`;
}

/** For what is no ceremony: one heading, one sentence. */
export async function noticePage(title: string, sentence: string): Promise<string> {
  return document(
    title,
    html`<main id="main" tabindex="-1" class="panel"><h1>${title}</h1><p>${sentence}</p></main>`,
    false,
  );
}

async function document(title: string, body: Html, refreshing: boolean): Promise<string> {
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${refreshing ? html`<meta http-equiv="refresh" content="${between}">` : ""}
<title>${title} · Quorate</title>
<style>${own(style)}</style>
</head>
<body><a class="skip" href="#main">Skip to the content</a>
${body}
</body>
</html>
`;
  return page.toString();
}
