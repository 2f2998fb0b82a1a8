/** What the log says of the council's people beside the policy files: the fold of the stream `people`. */

import type { LoggedPeopleEvent } from "./people-events.ts";
import { type Person, type Policy, withRole } from "./policy.ts";
import type { Address, ChainId, Hex } from "./primitives.ts";

/** Admins who must confirm a link or an unlink, or lift a freeze: people, on whichever platform. */
export const ADMINS_NEEDED = 2;

export interface LinkRequest {
  /** `link-3`. */
  id: string;
  person: string;
  /** The chat account that asked; the wallet signs that it is theirs. */
  account: string;
  tokenHash: Hex;
  nonceHash: Hex;
  domain: string;
  uri: string;
  chain: ChainId;
  /** Wall time, seconds. */
  issuedAt: bigint;
  /** Until when the wallet may prove it: it stands in the text. */
  proveUntil: bigint;
  /** Until when the next step may be taken: the wallet's proof, then the admins' confirmation. */
  expiresAt: bigint;
  status: "open" | "proved" | "linked" | "denied" | "expired";
  wallet: Address | undefined;
  confirmedBy: string[];
}

export interface UnlinkRequest {
  /** `unlink-3`. */
  id: string;
  person: string;
  wallet: Address;
  by: string;
  reason: string;
  expiresAt: bigint;
  status: "open" | "unlinked" | "denied" | "expired";
  confirmedBy: string[];
}

export interface Freeze {
  /** `freeze-3`. */
  id: string;
  person: string;
  by: string;
  reason: string;
  at: bigint;
  supportedBy: string[];
  lifted: boolean;
}

export interface PeopleState {
  /** Length of the log: what the next append is compared with. */
  seq: number;
  links: LinkRequest[];
  unlinks: UnlinkRequest[];
  freezes: Freeze[];
  /** Linked by the log, and not unlinked since. */
  linked: { person: string; wallet: Address; at: bigint }[];
  /** Taken away by the log, wherever they came from, and not linked again since. */
  unlinked: { person: string; wallet: Address }[];
}

export const nobodyYet: PeopleState = { seq: 0, links: [], unlinks: [], freezes: [], linked: [], unlinked: [] };

/** The state after one event. Nothing is refused here, and nothing is decided. */
export function evolvePeople(state: PeopleState, one: LoggedPeopleEvent): PeopleState {
  return { ...state, ...change(state, one), seq: one.seq };
}

function change(state: PeopleState, one: LoggedPeopleEvent): Partial<PeopleState> {
  switch (one.type) {
    case "linkRequested": {
      const { link, person, account, tokenHash, nonceHash, domain, uri, chain, issuedAt, expiresAt } = one.data;
      const asked = { id: link, person, account, tokenHash, nonceHash, domain, uri, chain, issuedAt, expiresAt };
      const open = { ...asked, proveUntil: expiresAt, status: "open" as const, wallet: undefined, confirmedBy: [] };
      return { links: [...state.links, open] };
    }
    case "linkProved": {
      const { link, wallet, expiresAt } = one.data;
      return linkChanged(state, link, { status: "proved", wallet, expiresAt });
    }
    case "linkConfirmed":
      return linkChanged(state, one.data.link, (was) => ({ confirmedBy: [...was.confirmedBy, one.data.by.person] }));
    case "linked": {
      const { link, person, wallet } = one.data;
      return {
        ...linkChanged(state, link, { status: "linked" }),
        linked: [...state.linked, { person, wallet, at: one.at }],
        unlinked: state.unlinked.filter((gone) => gone.person !== person || gone.wallet !== wallet),
      };
    }
    case "linkDenied":
      return linkChanged(state, one.data.link, { status: "denied" });
    case "linkExpired":
      return linkChanged(state, one.data.link, { status: "expired" });
    case "frozen":
    case "unfreezeSupported":
    case "unfrozen":
      return freezing(state, one);
    case "refused":
      return {};
    default:
      return unlinking(state, one);
  }
}

function linkChanged(
  { links }: PeopleState,
  id: string,
  to: Partial<LinkRequest> | ((was: LinkRequest) => Partial<LinkRequest>),
): Partial<PeopleState> {
  return {
    links: links.map((was) => (was.id === id ? { ...was, ...(typeof to === "function" ? to(was) : to) } : was)),
  };
}

type Unlinking = Extract<
  LoggedPeopleEvent,
  { type: "unlinkRequested" | "unlinkConfirmed" | "unlinked" | "unlinkDenied" | "unlinkExpired" }
>;

function unlinking(state: PeopleState, one: Unlinking): Partial<PeopleState> {
  const to = (more: (was: UnlinkRequest) => Partial<UnlinkRequest>) => ({
    unlinks: state.unlinks.map((was) => (was.id === one.data.unlink ? { ...was, ...more(was) } : was)),
  });
  switch (one.type) {
    case "unlinkRequested": {
      const { unlink, person, wallet, reason, expiresAt, by } = one.data;
      const asked = { id: unlink, person, wallet, reason, expiresAt, by: by.person };
      return { unlinks: [...state.unlinks, { ...asked, status: "open", confirmedBy: [] }] };
    }
    case "unlinkConfirmed":
      return to((was) => ({ confirmedBy: [...was.confirmedBy, one.data.by.person] }));
    case "unlinked": {
      const { person, wallet } = one.data;
      return {
        ...to(() => ({ status: "unlinked" })),
        linked: state.linked.filter((was) => was.person !== person || was.wallet !== wallet),
        unlinked: [...state.unlinked, { person, wallet }],
      };
    }
    case "unlinkDenied":
      return to(() => ({ status: "denied" }));
    case "unlinkExpired":
      return to(() => ({ status: "expired" }));
  }
}

type Freezing = Extract<LoggedPeopleEvent, { type: "frozen" | "unfreezeSupported" | "unfrozen" }>;

function freezing(state: PeopleState, one: Freezing): Partial<PeopleState> {
  if (one.type === "frozen") {
    const { freeze, person, by, reason } = one.data;
    const begun = { id: freeze, person, by: by.person, reason, at: one.at, supportedBy: [], lifted: false };
    return { freezes: [...state.freezes, begun] };
  }
  const { freeze } = one.data;
  return {
    freezes: state.freezes.map((was) => {
      if (was.id !== freeze) return was;
      return one.type === "unfrozen"
        ? { ...was, lifted: true }
        : { ...was, supportedBy: [...was.supportedBy, one.data.by.person] };
    }),
  };
}

/** The freeze that holds now; undefined where the person is not frozen. */
export function freezeOf(state: PeopleState, person: string): Freeze | undefined {
  return state.freezes.find((one) => one.person === person && !one.lifted);
}

/**
 * The people as they count now: the policy files', with what the log says on top. A wallet that the files give to one
 * person stays theirs, whatever was linked before: the files are the later word, and the council signs for them.
 */
export function peopleNow(files: readonly Person[], state: PeopleState): Person[] {
  const inFiles = new Set(files.flatMap((one) => one.wallets));
  return files.map((one) => {
    const gone = state.unlinked.filter((item) => item.person === one.id).map((item) => item.wallet);
    const added = state.linked.filter((item) => item.person === one.id && !inFiles.has(item.wallet));
    return {
      ...one,
      wallets: [...one.wallets.filter((wallet) => !gone.includes(wallet)), ...added.map((item) => item.wallet)],
      frozen: freezeOf(state, one.id) !== undefined,
    };
  });
}

/** Who may confirm what concerns `person`: the admins, but for the person themself. */
export function adminsBeside(policy: Policy, ...people: readonly string[]): string[] {
  return withRole(policy, "admin").filter((id) => !people.includes(id));
}
