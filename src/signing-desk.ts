/** Hands out private links to the signing page, and takes what comes back by one. The token proves the person, the wallet decides. */

import { randomBytes } from "node:crypto";
import { keccak256 } from "viem";
import type { Intake, Outcome } from "./command.ts";
import { toJson } from "./domain/canonical.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import { type Person, type Policy, personOfAccount } from "./domain/policy.ts";
import type { Hex } from "./domain/primitives.ts";
import { Refused, refusal } from "./domain/refusal.ts";
import { canonicalForm } from "./domain/release-package.ts";
import { signable } from "./domain/signing.ts";
import type { Clock, Links, SigningLink } from "./ports.ts";
import type { SigningBrief } from "./web/brief.ts";

export interface SigningDeskParts {
  policy: Policy;
  links: Links;
  clock: Clock;
  load(ceremony: string): Promise<CeremonyState | undefined>;
  intake: Intake;
  /** Of the page, without the token. */
  page: string;
}

export interface SigningDesk {
  /** A new link for one person and the revision that stands now. */
  issue(person: Person, account: string, state: CeremonyState): Promise<string>;
  /** What the page works from. Reading uses nothing up. Throws {@link Refused}. */
  brief(token: string): Promise<SigningBrief>;
  /** Takes a wallet's signature over one of the transactions asked for. Throws {@link Refused} for what is wrong with the link. */
  signature(token: string, safeTxHash: Hex, signature: Hex): Promise<Outcome>;
}

/** Seconds in which a link takes signatures; reading is not hurried. */
const signingTime = 900n;

export function createSigningDesk(parts: SigningDeskParts): SigningDesk {
  const { links, clock, intake, page } = parts;
  return {
    async issue(person, account, state) {
      const token = randomBytes(32);
      await links.keepLink({
        hash: keccak256(token),
        ...{ person: person.id, account, ceremony: state.id, revision: state.revision },
        signUntil: clock.now() + signingTime,
      });
      return `${page}#${token.toString("base64url")}`;
    },
    async brief(token) {
      const { person, state } = await opened(parts, token);
      return briefOf(state, person, parts.policy);
    },
    async signature(token, safeTxHash, signature) {
      const { link, person, state } = await opened(parts, token);
      if (clock.now() > link.signUntil)
        throw no(
          "link/signing-time",
          `The 15 minutes in which this link takes signatures are over; nothing was taken. Say /upgrade sign ${state.id} in chat for a new one: what you have compared still holds.`,
        );
      const asked = signable(state, person, parts.policy).some((one) => one.safeTxHash === safeTxHash);
      if (!asked)
        throw no(
          "link/not-asked",
          `${state.id} does not ask you for a signature over ${safeTxHash}, or has it already.`,
        );
      const outcome = await intake.signature(link.account, state.id, safeTxHash, signature);
      if (outcome.ok && signable(outcome.state, person, parts.policy).length === 0)
        await links.useLink(link.hash, clock.now());
      return outcome;
    },
  };
}

interface Opened {
  link: SigningLink;
  person: Person;
  state: CeremonyState;
}

/** Everything that must still be true of a link, looked at anew each time it is used. */
async function opened({ links, policy, load }: SigningDeskParts, token: string): Promise<Opened> {
  const link = /^[A-Za-z0-9_-]{43}$/.test(token)
    ? await links.link(keccak256(Buffer.from(token, "base64url")))
    : undefined;
  if (link === undefined)
    throw no("link/unknown", "This link is not known here. Say /upgrade sign in chat, and open the link that you get.");
  const person = personOfAccount(policy, link.account);
  if (person?.id !== link.person)
    throw no(
      "link/person",
      "The account that asked for this link does not belong to the same person any more. Nothing can be signed with it.",
    );
  const state = await load(link.ceremony);
  if (state === undefined) throw no("link/ceremony", `There is no ceremony ${link.ceremony}.`);
  if (state.revision !== link.revision)
    throw no(
      "link/revision",
      `This link was for revision ${link.revision} of ${state.id}, which is at revision ${state.revision} now. Say /upgrade sign ${state.id} in chat for a new one, and read what has changed.`,
    );
  if (link.used) throw no("link/used", `Everything that this link was for is signed. ${state.id} is ${state.status}.`);
  return { link, person, state };
}

function briefOf(state: CeremonyState, person: Person, policy: Policy): SigningBrief {
  const { review, check } = state;
  if (review === undefined || check === undefined)
    throw no("link/closed", `${state.id} is ${state.status}: there is nothing to be signed now.`);
  return {
    schema: "quorate/signing/1",
    ceremony: state.id,
    revision: state.revision,
    package: toJson(canonicalForm(state.package)),
    auditHead: review.auditHead,
    evidenceHash: check.evidenceHash,
    authorityPolicyHash: review.policyHash,
    safes: review.safes.map(({ chain, address, version, nonce }) => ({ chain, address, version, nonce: `${nonce}` })),
    digest: review.digest,
    asked: signable(state, person, policy).map((one) => one.id),
    person: { id: person.id, name: person.name, wallets: person.wallets },
  };
}

const no = (code: string, sentence: string) => new Refused(refusal(code, sentence));
