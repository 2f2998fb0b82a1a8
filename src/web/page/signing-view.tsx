/** A release to sign. */

import { useMemo } from "preact/hooks";
import { readChain } from "./chain-reads.ts";
import { compare } from "./checks.ts";
import { meaningOf, purposeOf } from "./meaning.ts";
import { Meaning } from "./meaning-panel.tsx";
import { type Release, readBrief } from "./release.ts";
import { type Sheet, SignSheet } from "./sign-sheet.tsx";
import { signingWords } from "./signing-words.ts";
import { Stated } from "./stated.tsx";
import type { ViewProps } from "./views.ts";
import type { Work } from "./work.ts";

export function SigningView({ json, visit }: ViewProps) {
  const sheet = useMemo(() => sheetOf(json), [json]);
  return <SignSheet sheet={sheet} visit={visit} />;
}

function sheetOf(json: unknown): Sheet {
  const { release, problems } = readBrief(json);
  if (release === undefined)
    return { problems, work: undefined, items: [], heading: undefined, meaning: undefined, hashes: [] };
  const { brief, pkg, items } = release;
  return {
    problems,
    work: workOf(release),
    items: items.map((item) => ({ item, title: purposeOf(item), notes: [] })),
    heading: {
      line: `${brief.ceremony} · revision ${brief.revision} · for ${brief.person.name}`,
      title: pkg.title,
      headline: meaningOf(release).headline,
    },
    meaning: (
      <>
        <Stated stated={brief.stated} />
        <Meaning release={release} />
      </>
    ),
    hashes: reviewHashes(release),
  };
}

/** What was voted on, and what it is about: the two numbers that chat shows as well. */
export function reviewHashes({ digest, packageHash }: Release): Sheet["hashes"] {
  return [
    {
      label: "Approval digest",
      note: "what was voted on, computed here. It must be the one that the card in chat shows.",
      value: digest,
    },
    { label: "Package hash", note: "the release package in one number, computed here.", value: packageHash },
  ];
}

function workOf(release: Release): Work {
  const { items, brief } = release;
  return {
    person: brief.person,
    items: items.map(({ id, transaction }) => ({ id, chain: transaction.tx.chain })),
    words: signingWords,
    async look(provider, signer) {
      const facts = await readChain(provider, release, signer.chain);
      return { facts, checks: compare(release, signer, facts), done: [] };
    },
  };
}
