/** Overriding a refusal of the gates: by an admin or guardian who neither wrote nor executes it, until a moment. */

import { accept, type Decision, refuse, type Setting, withoutRole } from "./decision.ts";
import { duration } from "./duration.ts";
import { event } from "./events.ts";
import type { Intent } from "./intent.ts";
import { mayBeNamed } from "./overridable.ts";
import { isOverridable, type Override, openRefusals } from "./overrides.ts";
import { personById } from "./policy.ts";
import { separated } from "./separation.ts";

type OverrideIntent = Extract<Intent, { kind: "override" }>;

/** Seconds that an override may hold. */
const most = 30n * 86_400n;

export function override(intent: OverrideIntent, setting: Setting): Decision {
  const { state, policy, now, rules } = setting;
  const { by, code, reason, lasts } = intent;
  const role = withoutRole(policy, by, ["admin", "guardian"], `override a refusal of ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  const separation = separated(state, "override", by.person, policy, rules.separation);
  if (separation !== undefined) return { ok: false, refusal: separation };
  const stands = standing(intent, setting);
  if (stands !== undefined) return stands;
  if (lasts <= 0n || lasts > most)
    return refuse(
      "override/expiry",
      `Nothing was overridden: an override holds for up to ${duration(most)}, and for more than no time. Say for how long, such as expires=48h.`,
    );
  const expiresAt = now.wall + lasts;
  const { revision } = state;
  const given: Override = { code, person: by.person, reason, at: now.wall, expiresAt, revision };
  const after = { ...state, overrides: [...state.overrides.filter((one) => one.code !== code), given] };
  const overridden = event("overridden", { code, by, reason, expiresAt, revision });
  if (openRefusals(after, policy, now.wall).length > 0) return accept(overridden);
  return accept(overridden, event("refusalsOverridden", { revision, codes: after.overrides.map((one) => one.code) }));
}

/** Why this refusal cannot be overridden now; undefined where it can. */
function standing({ code, evidenceHash }: OverrideIntent, { state, policy, now }: Setting): Decision | undefined {
  const { check, id } = state;
  const refused = [...new Set(check?.findings.filter((one) => one.severity === "refuse").map((one) => one.code))];
  if (check === undefined || check.revision !== state.revision || refused.length === 0)
    return refuse(
      "override/none",
      `There is nothing to override in ${id}: no check of revision ${state.revision} has refused it. Use /upgrade check first.`,
    );
  if (evidenceHash !== undefined && evidenceHash !== check.evidenceHash)
    return refuse(
      "override/stale",
      `${id} was checked again since you were shown what it refuses. Look at it again: /upgrade show ${id}.`,
    );
  if (!refused.includes(code))
    return refuse(
      "override/unknown",
      `The check of ${id} did not refuse for ${code}. It refused for ${refused.join(", ")}: name one of those.`,
    );
  if (!mayBeNamed(code))
    return refuse(
      "override/never",
      `The finding ${code} is not overridden by anybody: what cannot be read, cannot be trusted or could not be checked is not signed. Mend it, and check again.`,
    );
  if (!isOverridable(code, state.package.lane, policy))
    return refuse(
      "override/policy",
      `The finding ${code} cannot be overridden: the ${state.package.lane} lane does not name it among what is overridable. Mend it and propose a new revision.`,
    );
  const known = state.overrides.find((one) => one.code === code);
  if (known !== undefined && now.wall <= known.expiresAt)
    return refuse(
      "override/again",
      `The finding ${code} is overridden already, by ${personById(policy, known.person)?.name ?? known.person}. Nothing more is needed for it.`,
    );
  return undefined;
}
