/** Everything that is done about people: hands out links for wallets, takes their proofs, and has admins confirm and freeze. */

import { randomBytes } from "node:crypto";
import { concat, getAddress, keccak256, stringToBytes } from "viem";
import { peopleCards } from "./ceremonies/cards/people-card.ts";
import { type Actor, system } from "./domain/events.ts";
import { adminsBeside, type LinkRequest, type PeopleState } from "./domain/people.ts";
import type { PeopleIntent } from "./domain/people-decision.ts";
import { type Person, personById, personOfAccount } from "./domain/policy.ts";
import type { Address, ChainId, Hex } from "./domain/primitives.ts";
import { type Refusal, Refused, refusal } from "./domain/refusal.ts";
import { faultSentence } from "./fault-sentence.ts";
import { linkMessage } from "./link-message.ts";
import type { PeopleLog, PeopleOutcome } from "./people/people-log.ts";
import { proofBlobs, proofProblem } from "./people/wallet-proof.ts";
import type { Chains, Clock, OutboxEntry } from "./ports.ts";
import type { Card, MessageItem } from "./view.ts";
import type { LinkingBrief } from "./web/linking-brief.ts";

export interface PeopleDeskParts {
  log: PeopleLog;
  chains: Chains;
  clock: Clock;
  /** Address of the signing page, without a token; undefined where there is none. */
  page: string | undefined;
  /** The wallet that a platform holds for somebody and could link; undefined where it holds none. */
  localWallet?: ((person: string) => Address | undefined) | undefined;
  showings(cards: readonly Card[]): OutboxEntry[];
  /** The people who count, or what counts of them, changed. */
  changed(): void;
  onFault(where: string, fault: unknown): void;
}

/** A link that was asked for: opened in a browser, or signed wherever the wallet is. One of the two is there. */
export interface LinkOffer {
  request: LinkRequest;
  /** Private: opens the signing page for whom it was made. */
  url?: string;
  item?: MessageItem;
}

/** What an admin or a guardian does, or a person about themself. */
type Word = Exclude<PeopleIntent, { kind: "requestLink" | "proveLink" | "expire" }>;

export interface PeopleDesk {
  state(): PeopleState;
  /** Whether a link for somebody can be asked for only with the wallet's address: there is neither a page nor a local wallet. */
  needsWallet(person: string): boolean;
  /** Starts a link for who asks; the address of the wallet, where it is known, stands in the text. */
  requestLink(
    by: Actor,
    wanted: { wallet?: Address | undefined; chain?: ChainId | undefined },
  ): Promise<{ ok: true; offer: LinkOffer } | { ok: false; refusal: Refusal }>;
  act(intent: Word): Promise<PeopleOutcome>;
  /** What the page works from; undefined where the token is of no link of a wallet. Throws {@link Refused} where it is too late. */
  brief(token: string): LinkingBrief | undefined;
  /** By the page: the token proves the person, the signature the wallet. */
  prove(token: string, wallet: Address, signature: Hex): Promise<PeopleOutcome>;
  /** By a terminal or a local wallet: the whole text as it was signed, handed in by an account of the same person. */
  proveText(account: string, text: string, signature: Hex): Promise<PeopleOutcome>;
  stop(): void;
}

/** Milliseconds after which what was not finished in time is looked for. */
const SWEEP_MS = 60_000;

export function createPeopleDesk(parts: PeopleDeskParts): PeopleDesk {
  const { log, chains, clock, page } = parts;

  async function handle(intent: PeopleIntent, blobs: { hash: Hex; bytes: Uint8Array }[] = []): Promise<PeopleOutcome> {
    const outcome = await log.handle(intent, clock.now(), (after, events) => ({
      outbox: parts.showings(peopleCards(after, events, log.policy)),
      blobs,
    }));
    if (outcome.ok && outcome.events.length > 0) parts.changed();
    return outcome;
  }
  const sweep = () => handle({ kind: "expire", by: system });
  const timer = setInterval(() => {
    sweep().catch((fault: unknown) => parts.onFault("people", fault));
  }, SWEEP_MS);
  timer.unref();

  async function taken(request: LinkRequest, nonce: string, by: Actor, wallet: Address, signature: Hex) {
    const text = messageOf(parts, request, nonce, wallet);
    const problem = await proofProblem(wallet, text, signature, chains.get(request.chain));
    if (problem !== undefined) return no("link/proof", problem);
    const blobs = proofBlobs(text, signature);
    const [message, given] = blobs.map((one) => one.hash);
    if (message === undefined || given === undefined) throw new RangeError("A proof has a text and a signature.");
    const reserved = chains.ids.map((id) => chains.get(id).gasAccount);
    const intent = { kind: "proveLink", by, request: request.id, wallet, message, signature: given, reserved } as const;
    return handle(intent, blobs);
  }

  return {
    state: () => log.state(),
    needsWallet: (person) => page === undefined && parts.localWallet?.(person) === undefined,
    async requestLink(by, wanted) {
      await sweep();
      const token = randomBytes(32);
      const nonce = nonceOf(token);
      const wallet = wanted.wallet ?? parts.localWallet?.(by.person);
      if (page === undefined && wallet === undefined) throw new RangeError("A link without a page needs the wallet.");
      const outcome = await handle({
        kind: "requestLink",
        by,
        tokenHash: keccak256(token),
        nonceHash: hashOfNonce(nonce),
        ...placeOf(page),
        chain: wanted.chain ?? log.policy.chains[0]?.id ?? "eip155:1",
      });
      if (!outcome.ok) return outcome;
      const request = outcome.state.links.at(-1);
      if (request === undefined) throw new RangeError("The link that was just asked for is not there.");
      const url = page === undefined ? undefined : `${page}#${token.toString("base64url")}`;
      const item = wallet === undefined ? undefined : itemOf(parts, request, nonce, wallet);
      return { ok: true, offer: { request, ...(url && !wanted.wallet ? { url } : {}), ...(item ? { item } : {}) } };
    },
    async act(intent) {
      await sweep();
      return handle(intent);
    },
    brief(token) {
      const opened = openedBy(log.state(), token);
      return opened === undefined ? undefined : briefOf(parts, opened.request, opened.nonce);
    },
    async prove(token, wallet, signature) {
      const opened = openedBy(log.state(), token);
      if (opened === undefined) throw unknownLink();
      const { request, nonce } = opened;
      const by = { person: request.person, account: request.account };
      return answered(parts, () => taken(request, nonce, by, wallet, signature));
    },
    async proveText(account, text, signature) {
      const { policy } = log;
      const person = personOfAccount(policy, account);
      if (person === undefined)
        return no(
          "account/unknown",
          `The account ${account} belongs to nobody in the council's policy. Use one of yours.`,
        );
      const found = requestOf(log.state(), text);
      if (found === undefined)
        return no(
          "link/unknown",
          "Nobody asked for a link with this text. Say /upgrade link, and sign the text that you get as it stands.",
        );
      const { request, nonce, wallet } = found;
      if (messageOf(parts, request, nonce, wallet) !== text)
        return no(
          "link/text",
          "This is not the text that was to be signed: a character of it differs. Sign what /upgrade link gave you, as it stands.",
        );
      return answered(parts, () => taken(request, nonce, { person: person.id, account }, wallet, signature));
    },
    stop: () => clearInterval(timer),
  };
}

function no(code: string, sentence: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: refusal(code, sentence) };
}

/** A chain or database that is down ends in a sentence for whoever waits for the wallet. */
async function answered(parts: PeopleDeskParts, work: () => Promise<PeopleOutcome>): Promise<PeopleOutcome> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof Refused) return { ok: false, refusal: fault.refusal };
    parts.onFault("link", fault);
    return no("fault", faultSentence(fault));
  }
}

/** Where there is no page, the text says so: no website may ask for it. */
function placeOf(page: string | undefined): { domain: string; uri: string } {
  if (page === undefined) return { domain: "localhost", uri: "http://localhost/" };
  return { domain: new URL(page).host, uri: page };
}

/** The nonce follows from the token, so that neither has to be kept: the log has only their hashes. */
function nonceOf(token: Uint8Array): string {
  return keccak256(concat([stringToBytes("quorate/link nonce/1"), token])).slice(2, 34);
}

const hashOfNonce = (nonce: string): Hex => keccak256(stringToBytes(nonce));

function openedBy(state: PeopleState, token: string): { request: LinkRequest; nonce: string } | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
  const bytes = Buffer.from(token, "base64url");
  const request = state.links.find((one) => one.tokenHash === keccak256(bytes));
  return request === undefined ? undefined : { request, nonce: nonceOf(bytes) };
}

/** Which request a text is for: only its nonce and its address are looked at; then the whole is written anew. */
function requestOf(
  state: PeopleState,
  text: string,
): { request: LinkRequest; nonce: string; wallet: Address } | undefined {
  const nonce = /^Nonce: ([0-9a-f]{32})$/m.exec(text)?.[1];
  const wallet = /^(0x[0-9a-fA-F]{40})$/m.exec(text)?.[1];
  if (nonce === undefined || wallet === undefined) return undefined;
  const request = state.links.find((one) => one.nonceHash === hashOfNonce(nonce));
  return request === undefined ? undefined : { request, nonce, wallet: getAddress(wallet) };
}

function messageOf({ log }: PeopleDeskParts, request: LinkRequest, nonce: string, wallet: Address): string {
  const { proveUntil, ...terms } = request;
  return linkMessage({ ...terms, expiresAt: proveUntil, council: log.policy.council.name, nonce }, wallet);
}

function itemOf(parts: PeopleDeskParts, request: LinkRequest, nonce: string, wallet: Address): MessageItem {
  return {
    kind: "message",
    purpose: `Prove that ${wallet} is yours`,
    wallet,
    text: messageOf(parts, request, nonce, wallet),
    sentences: whatALinkIs(parts.log.policy.people.find((one) => one.id === request.person)),
  };
}

function whatALinkIs(person: Person | undefined): string[] {
  return [
    `The text says that the chat account is ${person?.name ?? "yours"}'s, and nothing else: it moves nothing and costs nothing.`,
    "Once two admins have confirmed, what this wallet signs counts as yours here. It gives the wallet no power on a chain.",
  ];
}

/** Reading uses nothing up. */
function briefOf({ log, chains, clock }: PeopleDeskParts, request: LinkRequest, nonce: string): LinkingBrief {
  const { policy } = log;
  const person = personById(policy, request.person);
  if (person === undefined || request.status !== "open" || clock.now() > request.expiresAt)
    throw new Refused(
      refusal(
        "link/over",
        `This link is ${request.status === "open" ? "expired" : request.status}: it can be used once, within 15 minutes. Say /upgrade link in chat for a new one, or /upgrade whoami to see what became of it.`,
      ),
    );
  const gas = new Set(chains.ids.map((id) => chains.get(id).gasAccount));
  return {
    schema: "quorate/linking/1",
    link: request.id,
    council: policy.council.name,
    person: { id: person.id, name: person.name },
    ...{ account: request.account, domain: request.domain, uri: request.uri, chain: request.chain, nonce },
    issuedAt: `${request.issuedAt}`,
    expiresAt: `${request.expiresAt}`,
    taken: [
      ...policy.people.flatMap((one) =>
        one.wallets.map((address) => ({
          address,
          whose: one.id === person.id ? "is linked to you already" : `belongs to ${one.name}`,
        })),
      ),
      ...policy.chains.flatMap(({ council, guardian, timelock }) => [
        { address: council, whose: "is the council Safe" },
        { address: guardian, whose: "is the guardian Safe" },
        { address: timelock, whose: "is the timelock" },
      ]),
      ...[...gas].map((address) => ({ address, whose: "is the account with which Quorate pays gas" })),
    ],
    admins: adminsBeside(policy, person.id).flatMap((id) => personById(policy, id)?.name ?? []),
  };
}

function unknownLink(): Refused {
  return new Refused(
    refusal("link/unknown", "This link is not known here. Say /upgrade link in chat, and open the link that you get."),
  );
}
