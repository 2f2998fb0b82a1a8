/** Which wallet is whose: asked for by the person, proved by the wallet, confirmed by two admins. It gives no power on a chain. */

import { ADMINS_NEEDED, adminsBeside, type LinkRequest, type UnlinkRequest } from "./people.ts";
import {
  adminProblem,
  countedAdmins,
  happens,
  type PeopleDecision,
  type PeopleIntent,
  type PeopleSetting,
  refuses,
  tooFewAdmins,
} from "./people-decision.ts";
import { type PeopleEvent, peopleEvent } from "./people-events.ts";
import { namesOf, type Policy, personOfAccount, personOfWallet } from "./policy.ts";
import type { Address } from "./primitives.ts";

type Of<K extends PeopleIntent["kind"]> = Extract<PeopleIntent, { kind: K }>;

/** Seconds in which a wallet may prove that it is asked for. */
const PROOF_TIME = 900n;
/** Seconds in which admins may confirm. */
const CONFIRM_TIME = 86_400n;

/** The person asks for themself; what they asked for before and never signed is over. */
export function requestLink(intent: Of<"requestLink">, setting: PeopleSetting): PeopleDecision {
  const { state, policy, now } = setting;
  const { by, tokenHash, nonceHash, domain, uri, chain } = intent;
  if (personOfAccount(policy, by.account)?.id !== by.person)
    return refuses("link/account", `The account ${by.account} is not yours by the council's policy: ask an admin.`);
  if (!policy.chains.some((one) => one.id === chain))
    return refuses(
      "link/chain",
      `The council has no chain ${chain}: name one of ${policy.chains.map((one) => one.id).join(", ")}.`,
    );
  const few = tooFewAdmins(setting, by.person, "Linking a wallet");
  if (few !== undefined) return { ok: false, refusal: few };
  const waiting = state.links.find((one) => one.person === by.person && one.status === "proved");
  if (waiting !== undefined)
    return refuses(
      "link/pending",
      `Your wallet ${waiting.wallet} waits for ${admins(policy, waiting)} already (${waiting.id}). Once that is settled you can link another.`,
      adminsBeside(policy, by.person),
    );
  const open = state.links.filter((one) => one.person === by.person && one.status === "open");
  const link = `link-${state.links.length + 1}`;
  const asked = { link, person: by.person, account: by.account, tokenHash, nonceHash, domain, uri, chain };
  return happens(
    ...open.map((one) => peopleEvent("linkExpired", { link: one.id })),
    peopleEvent("linkRequested", { ...asked, issuedAt: now, expiresAt: now + PROOF_TIME, by }),
  );
}

/** Takes a wallet's signature whose text was written anew and whose signer was recovered at the edge. */
export function proveLink(intent: Of<"proveLink">, setting: PeopleSetting): PeopleDecision {
  const { state, policy, now } = setting;
  const { by, request, wallet, message, signature, reserved } = intent;
  const link = state.links.find((one) => one.id === request);
  if (link === undefined) return refuses("link/unknown", "Nobody asked for this link. Say /upgrade link in chat.");
  if (link.person !== by.person)
    return refuses("link/person", "This link was asked for by somebody else. Say /upgrade link for one of your own.");
  if (link.status !== "open" && link.status !== "expired")
    return refuses(
      "link/used",
      "This was signed for already, and a text like this is good for one signature. Say /upgrade link in chat for a new one.",
    );
  if (link.status === "expired" || now > link.expiresAt)
    return refuses(
      "link/expired",
      "The 15 minutes in which the wallet could sign are over, or you asked anew since. Nothing was linked: say /upgrade link in chat for a new link.",
    );
  const problem = walletProblem(wallet, link.person, policy, reserved);
  if (problem !== undefined) return refuses("link/wallet", problem);
  const pending = state.links.find((one) => one.status === "proved" && one.wallet === wallet);
  if (pending !== undefined)
    return refuses(
      "link/wallet",
      `The wallet ${wallet} is being linked to ${namesOf(policy, [pending.person])} already (${pending.id}). If that is wrong, ask an admin to deny it.`,
    );
  return happens(
    peopleEvent("linkProved", { link: link.id, wallet, message, signature, expiresAt: now + CONFIRM_TIME, by }),
  );
}

/** Why an address cannot be somebody's wallet; undefined where it can. */
function walletProblem(
  wallet: Address,
  person: string,
  policy: Policy,
  reserved: readonly Address[] = [],
): string | undefined {
  const owner = personOfWallet(policy, wallet);
  if (owner?.id === person) return `The wallet ${wallet} is linked to you already; there is nothing to do.`;
  if (owner !== undefined)
    return `The wallet ${wallet} belongs to ${owner.name}, and a wallet is one person's. Use another of your own.`;
  if (reserved.includes(wallet))
    return `${wallet} is the account with which Quorate pays gas, and nobody's wallet. Use your own.`;
  const contracts = policy.chains.flatMap(({ council, guardian, timelock, preconditions }) => [
    [council, "the council Safe"] as const,
    [guardian, "the guardian Safe"] as const,
    [timelock, "the timelock"] as const,
    [preconditions, "the Preconditions contract"] as const,
  ]);
  const contract = contracts.find(([address]) => address === wallet);
  return contract === undefined
    ? undefined
    : `${wallet} is ${contract[1]}, which belongs to the whole council. Use a wallet that is yours alone.`;
}

/** One more admin's word; the second one links. */
export function confirmLink(intent: Of<"confirmLink">, setting: PeopleSetting): PeopleDecision {
  const { state, policy, now } = setting;
  const { by } = intent;
  const link = state.links.find((one) => one.id === intent.request);
  if (link?.status !== "proved" || link.wallet === undefined)
    return refuses("link/closed", notConfirmable("link", intent.request, link?.status));
  if (now > link.expiresAt) return refuses("link/expired", tooLate(intent.request, "link"));
  const others = [link.person];
  const problem = adminProblem(setting, by, others, link.confirmedBy, "confirm this link");
  if (problem !== undefined) return { ok: false, refusal: problem };
  const taken = walletProblem(link.wallet, link.person, policy);
  if (taken !== undefined) return refuses("link/wallet", `${link.id} cannot be confirmed any more. ${taken}`);
  const confirmed = peopleEvent("linkConfirmed", { link: link.id, by });
  const people = countedAdmins(setting, [...link.confirmedBy, by.person], others);
  if (people.length < ADMINS_NEEDED) return happens(confirmed);
  const { id, person, account, wallet } = link;
  return happens(confirmed, peopleEvent("linked", { link: id, person, account, wallet, people }));
}

/** By the person or by any admin: one word ends it. */
export function denyLink({ by, request, reason }: Of<"denyLink">, setting: PeopleSetting): PeopleDecision {
  const link = setting.state.links.find((one) => one.id === request);
  if (link === undefined || !["open", "proved"].includes(link.status))
    return refuses("link/closed", notConfirmable("link", request, link?.status));
  if (link.person !== by.person) {
    const problem = adminProblem(setting, by, [], [], "deny this link");
    if (problem !== undefined) return { ok: false, refusal: problem };
  }
  return happens(peopleEvent("linkDenied", { link: request, by, reason }));
}

/** By the person or by an admin, whose word then is the first of the two. */
export function requestUnlink(intent: Of<"requestUnlink">, setting: PeopleSetting): PeopleDecision {
  const { state, policy, now } = setting;
  const { by, person, wallet, reason } = intent;
  const name = namesOf(policy, [person]);
  const isOwn = by.person === person;
  if (!isOwn) {
    const problem = adminProblem(setting, by, [], [], "unlink somebody else's wallet");
    if (problem !== undefined) return { ok: false, refusal: problem };
  }
  if (personOfWallet(policy, wallet)?.id !== person)
    return refuses(
      "unlink/wallet",
      `The wallet ${wallet} is not linked to ${isOwn ? "you" : name}, so there is nothing to take away. See /upgrade whoami.`,
    );
  const few = tooFewAdmins(setting, person, "Unlinking a wallet");
  if (few !== undefined) return { ok: false, refusal: few };
  const pending = state.unlinks.find((one) => one.status === "open" && one.wallet === wallet);
  if (pending !== undefined)
    return refuses(
      "unlink/pending",
      `This was asked for already: ${pending.id} waits for ${admins(policy, pending)}.`,
      adminsBeside(policy, person),
    );
  const unlink = `unlink-${state.unlinks.length + 1}`;
  return happens(
    peopleEvent("unlinkRequested", { unlink, person, wallet, reason, expiresAt: now + CONFIRM_TIME, by }),
    ...(isOwn ? [] : [peopleEvent("unlinkConfirmed", { unlink, by })]),
  );
}

export function confirmUnlink(intent: Of<"confirmUnlink">, setting: PeopleSetting): PeopleDecision {
  const { by } = intent;
  const unlink = setting.state.unlinks.find((one) => one.id === intent.request);
  if (unlink?.status !== "open")
    return refuses("unlink/closed", notConfirmable("unlink", intent.request, unlink?.status));
  if (setting.now > unlink.expiresAt) return refuses("unlink/expired", tooLate(intent.request, "unlink"));
  const others = [unlink.person];
  const problem = adminProblem(setting, by, others, unlink.confirmedBy, "confirm this");
  if (problem !== undefined) return { ok: false, refusal: problem };
  const confirmed = peopleEvent("unlinkConfirmed", { unlink: unlink.id, by });
  const people = countedAdmins(setting, [...unlink.confirmedBy, by.person], others);
  if (people.length < ADMINS_NEEDED) return happens(confirmed);
  const { id, person, wallet } = unlink;
  return happens(confirmed, peopleEvent("unlinked", { unlink: id, person, wallet, people }));
}

export function denyUnlink({ by, request, reason }: Of<"denyUnlink">, setting: PeopleSetting): PeopleDecision {
  const unlink = setting.state.unlinks.find((one) => one.id === request);
  if (unlink?.status !== "open") return refuses("unlink/closed", notConfirmable("unlink", request, unlink?.status));
  if (![unlink.person, unlink.by].includes(by.person)) {
    const problem = adminProblem(setting, by, [], [], "deny this");
    if (problem !== undefined) return { ok: false, refusal: problem };
  }
  return happens(peopleEvent("unlinkDenied", { unlink: request, by, reason }));
}

/** What was asked for and not finished in time. */
export function expire({ state, now }: PeopleSetting): PeopleDecision {
  const late = (one: { expiresAt: bigint }) => now > one.expiresAt;
  const events: PeopleEvent[] = [
    ...state.links
      .filter((one) => (one.status === "open" || one.status === "proved") && late(one))
      .map((one) => peopleEvent("linkExpired", { link: one.id })),
    ...state.unlinks
      .filter((one) => one.status === "open" && late(one))
      .map((one) => peopleEvent("unlinkExpired", { unlink: one.id })),
  ];
  return happens(...events);
}

/** "Ada or Dev": who could still confirm. */
function admins(policy: Policy, { person, confirmedBy }: LinkRequest | UnlinkRequest): string {
  return namesOf(
    policy,
    adminsBeside(policy, person).filter((id) => !confirmedBy.includes(id)),
  );
}

function notConfirmable(what: "link" | "unlink", id: string, status: string | undefined): string {
  if (status === undefined) return `There is no request ${id}. The newest card in the channel names the one there is.`;
  if (status === "open") return `${id} is not signed by the wallet yet; it can be confirmed once it is.`;
  return `${id} is ${status}, so nothing was done. Say /upgrade ${what} to begin anew.`;
}

function tooLate(id: string, what: "link" | "unlink"): string {
  return `${id} was not confirmed within 24 hours and is over. Say /upgrade ${what} to begin anew.`;
}
