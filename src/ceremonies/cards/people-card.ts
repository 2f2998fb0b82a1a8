/** One card for each link, unlink and freeze: everybody sees what is asked for, so that one that nobody asked for is seen too. */

import {
  ADMINS_NEEDED,
  adminsBeside,
  type Freeze,
  type LinkRequest,
  type PeopleState,
  type UnlinkRequest,
} from "../../domain/people.ts";
import type { PeopleEvent } from "../../domain/people-events.ts";
import { namesOf, type Policy, personById } from "../../domain/policy.ts";
import type { Action, Card, Fact, Tone } from "../../view.ts";
import { utc } from "./sentences.ts";

/** The cards that change with these events, as they are in the state after them. */
export function peopleCards(after: PeopleState, events: readonly PeopleEvent[], policy: Policy): Card[] {
  const ids = new Set(events.map(subjectOf));
  const parts = [
    ...after.links.filter((one) => ids.has(one.id)).map((one) => linkCard(one, policy)),
    ...after.unlinks.filter((one) => ids.has(one.id)).map((one) => unlinkCard(one, policy)),
    ...after.freezes.filter((one) => ids.has(one.id)).map((one) => freezeCard(one, policy)),
  ];
  return parts.map(({ id, ...part }) => ({
    kind: "card",
    key: `people/${id}`,
    revision: after.seq,
    audience: { kind: "channel" },
    sections: [],
    pictures: [],
    ...part,
    footer: `${id} · log of people #${after.seq} · a link gives no power on a chain: the Safe's own owners do`,
  }));
}

function subjectOf({ data }: PeopleEvent): string | undefined {
  if ("link" in data) return data.link;
  if ("unlink" in data) return data.unlink;
  return "freeze" in data ? data.freeze : undefined;
}

type Part = Pick<Card, "tone" | "status" | "title" | "summary" | "facts" | "actions" | "mentions"> & { id: string };

function linkCard(one: LinkRequest, policy: Policy): Part {
  const { id, person, account, wallet, confirmedBy, expiresAt, status } = one;
  const name = nameOf(policy, person);
  const left = adminsBeside(policy, person).filter((admin) => !confirmedBy.includes(admin));
  const words: Record<LinkRequest["status"], [Tone, string, string]> = {
    open: [
      "progress",
      "waits for the wallet",
      `${name} has 15 minutes to sign with the wallet that is to be linked. Somebody else in ${name}'s name? Deny it, and freeze ${name}.`,
    ],
    proved: [
      "warning",
      "waits for admins",
      `${ADMINS_NEEDED - confirmedBy.length} more of ${namesOf(policy, left)} must confirm. Ask ${name} outside of this chat whether the wallet is theirs, and compare every character.`,
    ],
    linked: ["good", "linked", `The wallet is ${name}'s. Votes on packages that were written before are void.`],
    denied: ["bad", "denied", "Nothing was linked."],
    expired: ["neutral", "expired", "It was not finished in time, or asked for anew. Nothing was linked."],
  };
  const [tone, word, summary] = words[status];
  const deny = button("Deny", "link", { deny: id }, "danger");
  const confirm = button(
    "Confirm",
    "link",
    { confirm: id },
    "primary",
    `Has ${name} told you, outside of this chat, that this wallet is theirs?`,
  );
  const actions = { open: [deny], proved: [confirm, deny] } as const;
  return {
    id,
    ...{ tone, status: word, title: `${name} links a wallet`, summary },
    facts: [
      { label: "Account", value: account, code: true },
      ...walletFact(wallet),
      ...confirmers(policy, confirmedBy),
      ...(status === "open" || status === "proved" ? [{ label: "Ends", value: utc(expiresAt) }] : []),
    ],
    actions: status === "open" || status === "proved" ? [...actions[status]] : [],
    mentions: status === "proved" ? left : [],
  };
}

function unlinkCard(one: UnlinkRequest, policy: Policy): Part {
  const { id, person, wallet, by, reason, confirmedBy, expiresAt, status } = one;
  const name = nameOf(policy, person);
  const left = adminsBeside(policy, person).filter((admin) => !confirmedBy.includes(admin));
  const words: Record<UnlinkRequest["status"], [Tone, string, string]> = {
    open: [
      "warning",
      "waits for admins",
      `${ADMINS_NEEDED - confirmedBy.length} more of ${namesOf(policy, left)} must confirm. If the wallet is lost or stolen, do not wait: freeze ${name} now.`,
    ],
    unlinked: [
      "good",
      "unlinked",
      `Nothing signed by the wallet counts for ${name} here any more. Where it owns a Safe, it still does: the council's Safe has to replace it on the chain.`,
    ],
    denied: ["neutral", "denied", `The wallet stays ${name}'s.`],
    expired: ["neutral", "expired", `It was not confirmed within 24 hours. The wallet stays ${name}'s.`],
  };
  const [tone, word, summary] = words[status];
  return {
    id,
    ...{ tone, status: word, title: `A wallet of ${name} is unlinked`, summary },
    facts: [
      ...walletFact(wallet),
      { label: "Asked for by", value: nameOf(policy, by) },
      { label: "Reason", value: reason },
      ...confirmers(policy, confirmedBy),
      ...(status === "open" ? [{ label: "Ends", value: utc(expiresAt) }] : []),
    ],
    actions:
      status === "open"
        ? [
            button("Confirm", "unlink", { confirm: id }, "primary", `Take the wallet ${wallet} from ${name}?`),
            button("Deny", "unlink", { deny: id }, "danger"),
            button(`Freeze ${name}`, "freeze", { person, reason }, "danger", `Freeze ${name} at once?`),
          ]
        : [],
    mentions: status === "open" ? left : [],
  };
}

function freezeCard({ id, person, by, reason, at, supportedBy, lifted }: Freeze, policy: Policy): Part {
  const name = nameOf(policy, person);
  const left = adminsBeside(policy, person, by).filter((admin) => !supportedBy.includes(admin));
  const missing = `${ADMINS_NEEDED - supportedBy.length} of ${namesOf(policy, left)} can lift it.`;
  return {
    id,
    tone: lifted ? "good" : "bad",
    status: lifted ? "lifted" : "frozen",
    title: lifted ? `${name} is not frozen any more` : `${name} is frozen`,
    summary: lifted
      ? `${name} may act again, and their approvals count again.`
      : `${name} can look and do nothing, and their approvals do not count. What their wallet signed before, a Safe still counts on the chain. ${missing}`,
    facts: [
      { label: "Frozen by", value: `${nameOf(policy, by)}, ${utc(at)}` },
      { label: "Reason", value: reason },
      ...(supportedBy.length > 0
        ? [{ label: "Wants it lifted", value: supportedBy.map((one) => nameOf(policy, one)).join(", ") }]
        : []),
    ],
    actions: lifted ? [] : [button("Lift it", "unfreeze", { person }, "plain", `Let ${name} act again?`)],
    mentions: lifted ? [] : [person],
  };
}

const nameOf = (policy: Policy, id: string) => personById(policy, id)?.name ?? id;

function walletFact(wallet: string | undefined): Fact[] {
  return wallet === undefined ? [] : [{ label: "Wallet", value: wallet, code: true }];
}

function confirmers(policy: Policy, confirmedBy: readonly string[]): Fact[] {
  if (confirmedBy.length === 0) return [];
  return [{ label: "Confirmed by", value: confirmedBy.map((one) => nameOf(policy, one)).join(", ") }];
}

function button(
  label: string,
  command: string,
  options: Record<string, string>,
  style: Action["style"],
  confirm?: string,
): Action {
  return { label, command, options, style, ...(confirm === undefined ? {} : { confirm }) };
}
