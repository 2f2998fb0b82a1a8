/**
 * Hands out private links to the signing page, and takes what comes back by one. The token proves the person; a wallet
 * signs, and the chain decides.
 */

import { randomBytes } from "node:crypto";
import { keccak256 } from "viem";
import { executionBriefOf, signingBriefOf } from "./briefs.ts";
import type { Intake, Outcome } from "./command.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import type { Rules } from "./domain/decision.ts";
import { type ExecutionNow, executionOf } from "./domain/execution.ts";
import type { Now } from "./domain/intent.ts";
import { standing } from "./domain/lifecycle.ts";
import { type Person, type Policy, personOfAccount } from "./domain/policy.ts";
import type { Hex } from "./domain/primitives.ts";
import { Refused, refusal } from "./domain/refusal.ts";
import { signable } from "./domain/signing.ts";
import type { LinkPurpose, Links, PrivateLink } from "./links.ts";
import type { Clock } from "./ports.ts";
import type { Brief } from "./web/brief.ts";

export interface SigningDeskParts {
  policy: Policy;
  rules: Rules;
  links: Links;
  clock: Clock;
  load(ceremony: string): Promise<CeremonyState | undefined>;
  /** Block times of the ceremony's chains. */
  now(state: CeremonyState): Promise<Now>;
  intake: Intake;
  /** Has the watch look at a ceremony's chains now. */
  observe(ceremony: string): Promise<void>;
  /** Of the page, without the token. */
  page: string;
}

/** Everything but {@link issue} throws {@link Refused} for what is wrong with a link, and then uses nothing up. */
export interface SigningDesk {
  /** A new link for one person, the revision that stands now, and one purpose. */
  issue(person: Person, account: string, state: CeremonyState, purpose: LinkPurpose): Promise<string>;
  /** What the page works from: as often as one likes, for as long as the revision stands and there is something to do. */
  brief(token: string): Promise<Brief>;
  /** Takes a wallet's signature over one of the transactions asked for, within 15 minutes of the link. */
  signature(token: string, safeTxHash: Hex, signature: Hex): Promise<Outcome>;
  /** Asked right before the executor's wallet: whether it may still be asked, within 15 minutes of the link. */
  ready(token: string): Promise<void>;
  /** The executor's wallet says that it sent something: believed only as far as the chain shows it. */
  sent(token: string, leg: string): Promise<void>;
}

/** Seconds in which a link takes signatures or lets a wallet send; reading is not hurried. */
const actingTime = 900n;

export function createSigningDesk(parts: SigningDeskParts): SigningDesk {
  const { links, clock, intake, page, policy } = parts;

  async function execution(opened: Opened): Promise<ExecutionNow> {
    const { state, link, person } = opened;
    const by = { person: person.id, account: link.account };
    return executionOf(by, { state, policy, now: await parts.now(state), rules: parts.rules });
  }

  return {
    async issue(person, account, state, purpose) {
      const token = randomBytes(32);
      await links.keepLink({
        hash: keccak256(token),
        ...{ purpose, person: person.id, account, ceremony: state.id, revision: state.revision },
        digest: digestOf(state),
        until: clock.now() + actingTime,
      });
      return `${page}#${token.toString("base64url")}`;
    },
    async brief(token) {
      const opened = await open(parts, token);
      if (opened.link.purpose === "sign") return signingBriefOf(opened.state, opened.person, policy);
      return executionBriefOf(opened.state, opened.person, policy, permitted(await execution(opened)));
    },
    async signature(token, safeTxHash, signature) {
      const { link, person, state } = await open(parts, token, "sign");
      if (clock.now() > link.until)
        throw no(
          "link/signing-time",
          `The 15 minutes in which this link takes signatures are over; nothing was taken. Say /upgrade sign ${state.id} in chat for a new one: what you have compared still holds.`,
        );
      const asked = signable(state, person, policy).some((one) => one.safeTxHash === safeTxHash);
      if (!asked)
        throw no(
          "link/not-asked",
          `${state.id} does not ask you for a signature over ${safeTxHash}, or has it already.`,
        );
      const outcome = await intake.signature(link.account, state.id, safeTxHash, signature);
      if (outcome.ok && signable(outcome.state, person, policy).length === 0)
        await links.useLink(link.hash, clock.now());
      return outcome;
    },
    async ready(token) {
      const opened = await open(parts, token, "execute");
      const { state, link } = opened;
      if (clock.now() > link.until)
        throw no(
          "link/sending-time",
          `The 15 minutes in which this link lets your wallet send are over; nothing was sent. Say /upgrade ${commandOf(state)} ${state.id} in chat for a new one.`,
        );
      permitted(await execution(opened));
    },
    async sent(token, leg) {
      // Told once more when it is mined, the link may be used up by what was seen already.
      const { link, state } = await open(parts, token, "execute", "used too");
      await parts.observe(state.id);
      const seen = await parts.load(state.id);
      if (seen !== undefined && hasRunWith(seen, leg)) await links.useLink(link.hash, clock.now());
    },
  };
}

function permitted(now: ExecutionNow): Extract<ExecutionNow, { ok: true }> {
  if (now.ok) return now;
  throw new Refused(now.refusal);
}

/** Whether everything that is sent together with a leg has run: its phase, or the rollback. */
function hasRunWith({ package: pkg, rollbackBy, executedLegs }: CeremonyState, leg: string): boolean {
  const purpose = rollbackBy === undefined ? "upgrade" : "rollback";
  const due = rollbackBy?.legs ?? pkg.phases.find((one) => one.legs.includes(leg))?.legs ?? [];
  const hasRun = (id: string) => executedLegs.some((one) => one.leg === id && one.purpose === purpose);
  return due.includes(leg) && due.every(hasRun);
}

const digestOf = (state: CeremonyState) => state.review?.digest ?? "";

const commandOf = (state: CeremonyState) => (state.rollbackBy === undefined ? "execute" : "rollback");

interface Opened {
  link: PrivateLink;
  person: Person;
  state: CeremonyState;
}

/** Everything that must still be true of a link, looked at anew each time it is used. */
async function open(
  { links, policy, load }: SigningDeskParts,
  token: string,
  purpose?: LinkPurpose,
  which: "unused" | "used too" = "unused",
): Promise<Opened> {
  const link = /^[A-Za-z0-9_-]{43}$/.test(token)
    ? await links.link(keccak256(Buffer.from(token, "base64url")))
    : undefined;
  if (link === undefined)
    throw no(
      "link/unknown",
      "This link is not known here. Say /upgrade sign or /upgrade execute in chat, and open the link that you get.",
    );
  const person = personOfAccount(policy, link.account);
  if (person?.id !== link.person)
    throw no(
      "link/person",
      "The account that asked for this link does not belong to the same person any more. Nothing can be done with it; ask for one of your own.",
    );
  const state = await load(link.ceremony);
  if (state === undefined) throw no("link/ceremony", `There is no ceremony ${link.ceremony}. Look at /upgrade list.`);
  const command = link.purpose === "sign" ? "sign" : commandOf(state);
  if (state.revision !== link.revision)
    throw no(
      "link/revision",
      `This link was for revision ${link.revision} of ${state.id}, which is at revision ${state.revision} now. Say /upgrade ${command} ${state.id} in chat for a new one, and read what has changed.`,
    );
  if (digestOf(state) !== link.digest)
    throw no(
      "link/digest",
      `What is voted on and signed in ${state.id} is another than when this link was made: nonces, findings or the council's policy have changed. Say /upgrade ${command} ${state.id} in chat for a new one, and compare again.`,
    );
  if (purpose !== undefined && link.purpose !== purpose)
    throw no(
      "link/purpose",
      `This link is not for that: it is for /upgrade ${command} ${state.id}. Say in chat what you want to do, and open the link that you get.`,
    );
  if (link.used && which === "unused") {
    const done = link.purpose === "sign" ? "is signed" : "has run";
    throw no("link/used", `Everything that this link was for ${done}. ${state.id} is ${standing(state)}.`);
  }
  return { link, person, state };
}

const no = (code: string, sentence: string) => new Refused(refusal(code, sentence));
