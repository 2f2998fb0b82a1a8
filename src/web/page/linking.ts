/** A brief to link a wallet, read: the terms of the text, and whatever of it cannot be right on this page. */

import type { Address } from "../../domain/primitives.ts";
import { linkMessage } from "../../link-message.ts";
import { type LinkingBrief, linkingBrief } from "../linking-brief.ts";
import type { Visit } from "./visit.ts";

export interface Linking {
  /** Undefined where it could not be read. */
  brief: LinkingBrief | undefined;
  /** Sentences; where there is one, nothing is signed. */
  problems: string[];
}

/** `page`: the page's own address, of which the text must speak. */
export function readLinking(
  json: unknown,
  visit: Visit,
  page: { host: string; origin: string; pathname: string },
): Linking {
  const parsed = linkingBrief.safeParse(json);
  if (!parsed.success)
    return { brief: undefined, problems: ["What came with this link cannot be read as a link of a wallet."] };
  const brief = parsed.data;
  if (visit.offline)
    return {
      brief,
      problems: ["A wallet is linked on the page that the link opens, and not from a file: the text names that page."],
    };
  const problems: string[] = [];
  if (brief.domain !== page.host)
    problems.push(
      `The text is for ${brief.domain}, and this page came from ${page.host}: somebody may be passing on a text of another page.`,
    );
  if (brief.uri !== `${page.origin}${page.pathname}`)
    problems.push(`The text is for the address ${brief.uri}, and this page is at ${page.origin}${page.pathname}.`);
  return { brief, problems };
}

/** What the wallet is asked to sign, every character of it, written here and not taken from the server. */
export function textFor(brief: LinkingBrief, wallet: Address): string {
  const { council, person, account, domain, uri, chain, nonce, issuedAt, expiresAt } = brief;
  const times = { issuedAt: BigInt(issuedAt), expiresAt: BigInt(expiresAt) };
  return linkMessage(
    { ...{ council, person: person.id, account, domain, uri, nonce, ...times }, chain: chain as `eip155:${number}` },
    wallet,
  );
}

/** Why the account cannot be linked, as a sentence; undefined where it can. */
export function walletProblem(brief: LinkingBrief, wallet: Address): string | undefined {
  const found = brief.taken.find((one) => one.address.toLowerCase() === wallet.toLowerCase());
  return found === undefined
    ? undefined
    : `The account ${wallet} ${found.whose}: it cannot be linked to ${brief.person.name}. Choose another account in the wallet, and connect again.`;
}
