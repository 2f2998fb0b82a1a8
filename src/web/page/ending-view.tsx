/** What is left of an ended ceremony, and made unusable by signing. */

import { useMemo } from "preact/hooks";
import { explainCall } from "../../domain/call-sentences.ts";
import type { CeremonyTx } from "../../domain/transactions.ts";
import { type Ending, killedBy, readEnding } from "./ending.ts";
import { lookAtEnding } from "./ending-checks.ts";
import { MeaningList } from "./meaning-list.tsx";
import { counted, inert, listed, wordsOf } from "./plain-words.ts";
import { type Sheet, SignSheet } from "./sign-sheet.tsx";
import { signingWords } from "./signing-words.ts";
import type { ViewProps } from "./views.ts";

export function EndingView({ json, visit }: ViewProps) {
  const sheet = useMemo(() => sheetOf(json), [json]);
  return <SignSheet sheet={sheet} visit={visit} />;
}

function sheetOf(json: unknown): Sheet {
  const { ending, problems } = readEnding(json);
  if (ending === undefined)
    return { problems, work: undefined, items: [], heading: undefined, meaning: undefined, hashes: [] };
  const { brief, pkg, items, packageHash } = ending;
  return {
    problems,
    work: {
      person: brief.person,
      items: items.map(({ id, transaction }) => ({ id, chain: transaction.tx.chain })),
      words: signingWords,
      look: (provider, signer) => lookAtEnding(ending, provider, signer),
    },
    items: items.map((item) => ({
      item,
      title: titleOf(item.transaction),
      notes: notesOf(ending, item.transaction),
    })),
    heading: {
      line: `${brief.ceremony} · revision ${brief.revision} · ${brief.status === "canary" ? "closing" : brief.status} · for ${brief.person.name}`,
      title: `Make what is left unusable: ${pkg.title}`,
      headline: headline(ending),
    },
    meaning: (
      <MeaningList
        parts={[
          { title: "They do", lines: items.map(({ transaction }) => effect(ending, transaction)) },
          { title: "What stays", lines: whatStays(ending) },
          { title: "They do not", lines: ["Upgrade, pay, move or change anything."] },
          {
            title: "How long",
            lines: ["Each signature stays valid until its Safe has used that nonce (transaction number)."],
          },
        ]}
      />
    ),
    hashes: [
      {
        label: "Package hash",
        note: "the release package that has ended, in one number, computed here.",
        value: packageHash,
      },
    ],
  };
}

function headline({ items, brief }: Ending): string {
  const transactions = items.map((item) => item.transaction);
  const cancelled = transactions.filter((one) => one.purpose === "cancel").map((one) => one.subject);
  const nonces = transactions.filter((one) => one.purpose === "reject").map((one) => String(one.tx.nonce));
  const what = [
    cancelled.length > 0
      ? `take ${listed(cancelled)} out of the timelock, so that nobody can run ${cancelled.length === 1 ? "it" : "them"}`
      : "",
    nonces.length > 0
      ? `make ${nonces.length === 1 ? "nonce" : "nonces"} ${listed(nonces)} unusable, so that what was signed for ${nonces.length === 1 ? "it" : "them"} is dead`
      : "",
  ].filter((part) => part !== "");
  return `Once enough owners have signed, your ${counted(items.length, "signature")} for ${inert(brief.ceremony)} ${listed(what)}.`;
}

function titleOf({ purpose, subject, tx }: CeremonyTx): string {
  return purpose === "cancel" ? `Cancel ${subject} in the timelock` : `Make nonce ${tx.nonce} unusable`;
}

function effect(ending: Ending, one: CeremonyTx): string {
  const name = wordsOf(ending.pkg).nameOf(one.tx.safe);
  if (one.purpose === "cancel")
    return `${titleOf(one)}: ${one.subject} can never run${one.subject.endsWith("/rollback") ? ", so there is no prepared way back any more" : ""}. It takes nonce ${one.tx.nonce}.`;
  const dead = killedBy(ending, one).map(({ id }) => id);
  return dead.length === 0
    ? `${titleOf(one)} of ${name}, which stands before one that something was signed for.`
    : `${titleOf(one)} of ${name}, so that ${listed([...new Set(dead)])}, signed for it, is dead.`;
}

/** What each transaction kills, decoded: it was signed once, and is worth a look. */
function notesOf(ending: Ending, one: CeremonyTx): string[] {
  const words = wordsOf(ending.pkg);
  return killedBy(ending, one).map(
    ({ id, tx }) =>
      `What dies by it is ${id}, as somebody signed it: ${explainCall(tx, words).sentence.replace(/:$/, ".")}`,
  );
}

function whatStays({ brief, transactions }: Ending): string[] {
  const kills = (id: string) => transactions.some((one) => one.id === `cancel/${id}`);
  const uncovered = brief.loose.filter(
    ({ tx }) =>
      !transactions.some((one) => one.tx.chain === tx.chain && one.tx.safe === tx.safe && one.tx.nonce === tx.nonce),
  );
  const others = transactions.filter((one) => !brief.asked.includes(one.id));
  return [
    "What has run stays as it is: the code that a proxy runs now is not changed by this.",
    ...(others.length > 0
      ? [`${counted(others.length, "further transaction")} of this ending, which others sign or which you have signed.`]
      : []),
    ...uncovered
      .filter(({ id }) => !kills(id))
      .map(({ id, tx }) => `${id}, signed for nonce ${tx.nonce}, which nothing here makes unusable.`),
  ];
}
