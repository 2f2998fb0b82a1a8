/** Who voted, when, on which platform; what was denied and why, and what was taken back. */

import { allRules } from "../../domain/decision.ts";
import type { LoggedEvent } from "../../domain/events.ts";
import { namesOf } from "../../domain/policy.ts";
import { countedApprovals } from "../../domain/voting.ts";
import type { PageFacts } from "./facts.ts";
import { facts, type Html, html, pill, said, section, table, time } from "./markup.ts";

type Vote = Extract<LoggedEvent, { type: "approved" | "denied" | "withdrawn" }>;

export function votesSection(it: PageFacts): Html {
  const { state, policy, history, words } = it;
  const { review } = state;
  const votes = history.filter((one) => one.type === "approved" || one.type === "denied" || one.type === "withdrawn");
  if (review === undefined && votes.length === 0)
    return section("votes", "Votes", html`<p>The review has not been opened, so nobody has voted.</p>`);
  const counted = countedApprovals(state, policy, allRules);
  const rows = votes.map((one) => [
    said(namesOf(policy, [one.data.by.person])),
    html`${word(one, it)}${one.type === "denied" ? html`<br>${said(one.data.reason)}` : ""}`,
    time(one.at, words.utc(one.at)),
    platform(one.data.by.account),
  ]);
  return section("votes", "Votes", [
    facts([
      ["Quorum", review === undefined ? "no review is open" : `${review.quorum} people who did not write it`],
      ["For it now", said(counted.length === 0 ? "nobody yet" : counted.map((id) => namesOf(policy, [id])).join(", "))],
      ["Signing counts", "Whoever signs the upgrade with a wallet has approved it too."],
    ]),
    votes.length === 0
      ? html`<p>Nobody has voted in chat.</p>`
      : table("Votes in chat, oldest first", ["Who", "Vote", "When", "Where"], rows),
  ]);
}

/** A vote that a later one, a new revision or a void digest has ended is said to be so. */
function word(one: Vote, { state }: PageFacts): Html {
  if (one.type === "withdrawn") return pill("neutral", `Withdrew the ${one.data.what}`);
  const standing = (one.type === "approved" ? state.approvals : state.denials).some(
    (vote) => vote.person === one.data.by.person && vote.digest === one.data.digest,
  );
  const [tone, text] = one.type === "approved" ? (["good", "Approved"] as const) : (["bad", "Denied"] as const);
  return standing ? pill(tone, text) : pill("neutral", `${text}, not counted any more`);
}

/** `slack:T1:U7` is told as "Slack": the account itself is nobody's business here. */
function platform(account: string): string {
  const [name = ""] = account.split(":");
  if (name === "cli") return "Terminal";
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
