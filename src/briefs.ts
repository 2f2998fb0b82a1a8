/** What the signing page works from, made of a ceremony's state: the release, its ending, or what is to be executed. */

import { toJson } from "./domain/canonical.ts";
import { type CeremonyState, looseSignatures } from "./domain/ceremony.ts";
import type { Finding } from "./domain/events.ts";
import type { Execution } from "./domain/execution.ts";
import { awaitedContainment } from "./domain/held-back.ts";
import { standing } from "./domain/lifecycle.ts";
import type { Override } from "./domain/overrides.ts";
import { namesOf, type Person, type Policy } from "./domain/policy.ts";
import { Refused, refusal } from "./domain/refusal.ts";
import { canonicalForm } from "./domain/release-package.ts";
import { signable } from "./domain/signing.ts";
import type { CeremonyTx } from "./domain/transactions.ts";
import type { EndingBriefJson, ExecutionBrief, SigningBrief } from "./web/brief.ts";

/** What there is to sign: the release while it is under review, afterwards its ending. Throws {@link Refused} where nothing is. */
export function signingBriefOf(state: CeremonyState, person: Person, policy: Policy): SigningBrief | EndingBriefJson {
  const asked = signable(state, person, policy).map((one) => one.id);
  const reviewing = ["in review", "approved", "signing"].includes(state.status);
  const awaited = awaitedContainment(state)?.id;
  if (awaited !== undefined && asked.includes(awaited))
    return {
      ...{ schema: "quorate/signing/1", ...common(state, person), ...reviewed(state, policy), asked: [awaited] },
      word: true,
    };
  if (reviewing) return { schema: "quorate/signing/1", ...common(state, person), ...reviewed(state, policy), asked };
  if (state.windDown === undefined)
    throw new Refused(
      refusal("link/closed", `${state.id} is ${standing(state)}: there is nothing to be signed now. Look at its card.`),
    );
  return {
    schema: "quorate/ending/1",
    ...common(state, person),
    status: state.status,
    auditHead: state.review?.auditHead ?? null,
    transactions: state.windDown.transactions.map(named),
    loose: looseSignatures(state).map(named),
    asked,
  };
}

export function executionBriefOf(
  state: CeremonyState,
  person: Person,
  policy: Policy,
  { purpose, legs }: Execution,
): ExecutionBrief {
  return { schema: "quorate/execution/1", ...common(state, person), ...reviewed(state, policy), purpose, legs };
}

function common(state: CeremonyState, { id, name, wallets }: Person) {
  return {
    ceremony: state.id,
    revision: state.revision,
    package: toJson(canonicalForm(state.package)),
    person: { id, name, wallets },
  };
}

function reviewed({ id, status, review, check, overrides }: CeremonyState, policy: Policy) {
  if (review === undefined || check === undefined)
    throw new Refused(refusal("link/closed", `${id} is ${status}, and was never put up for review.`));
  return {
    auditHead: review.auditHead,
    evidenceHash: check.evidenceHash,
    authorityPolicyHash: review.policyHash,
    safes: review.safes.map(({ chain, address, version, nonce, nested }) => ({
      ...{ chain, address, version, nested },
      nonce: `${nonce}`,
    })),
    digest: review.digest,
    stated: statedOf(check.findings, overrides, policy),
  };
}

/** What people have to weigh: what was only told stays on the ceremony's page. */
function statedOf(
  findings: readonly Finding[],
  overrides: readonly Override[],
  policy: Policy,
): SigningBrief["stated"] {
  return {
    findings: findings
      .flatMap(({ code, severity, message }) =>
        severity === "info" ? [] : [{ code, severity, message: message.slice(0, 2000) }],
      )
      .slice(0, 100),
    overrides: overrides.slice(0, 50).map(({ code, person, reason, expiresAt }) => ({
      ...{ code, reason, expiresAt: `${expiresAt}` },
      person: namesOf(policy, [person]),
    })),
  };
}

function named({ id, tx }: CeremonyTx): EndingBriefJson["transactions"][number] {
  return { id, tx: toJson(tx) as EndingBriefJson["transactions"][number]["tx"] };
}
