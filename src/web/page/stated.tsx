/** What the gates refused or flagged, and who took it upon themself: the server's word, and marked as that. */

import type { SigningBrief } from "../brief.ts";
import { Notice } from "./notice.tsx";
import { counted, inert, utc } from "./plain-words.ts";

/** Nothing where the server states nothing: silence of a server is no good word, so none is given here. */
export function Stated({ stated: { findings, overrides } }: Pick<SigningBrief, "stated">) {
  if (findings.length === 0 && overrides.length === 0) return null;
  const refusals = findings.filter((one) => one.severity === "refuse");
  const flags = findings.filter((one) => one.severity === "flag");
  return (
    <section class="panel" aria-labelledby="stated-title">
      <h2 id="stated-title">What the check found</h2>
      <p class="note">
        Stated by the server: this page computes none of it. The ceremony's page has the evidence to compare.
      </p>
      {overrides.length > 0 && (
        <Notice
          tone="warning"
          title={`${counted(overrides.length, "refusal")} overridden by people`}
          sentences={overrides.map(
            ({ code, person, reason, expiresAt }) => `${code}, by ${person} until ${utc(BigInt(expiresAt))}: ${reason}`,
          )}
        />
      )}
      {refusals.length > 0 && (
        <Notice
          tone="bad"
          title="The check refused"
          sentences={refusals.map((one) => `${inert(one.message)} [${one.code}]`)}
        />
      )}
      {flags.length > 0 && (
        <Notice
          tone="warning"
          title="To be weighed"
          sentences={flags.map((one) => `${inert(one.message)} [${one.code}]`)}
        />
      )}
    </section>
  );
}
