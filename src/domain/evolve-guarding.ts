/** The fold's part from a hold on: breaches, containment, rollback, resuming, and what ends a ceremony. */

import { type CeremonyState, placed } from "./ceremony.ts";
import { type LoggedEvent, system } from "./events.ts";
import { doubtsAfter } from "./watch/doubts.ts";

/** What changes with an event of these; nothing with any other. */
export function guarded(state: CeremonyState, one: LoggedEvent): Partial<CeremonyState> {
  switch (one.type) {
    case "held":
      return {
        heldBy: { person: one.data.by.person, reason: one.data.reason, incident: one.data.incident },
        resumeVotes: [],
      };
    case "released":
      return { heldBy: undefined, resumeVotes: [], rollbackBy: keptRollback(state) };
    case "breached": {
      const { metric, severity, containment, block, value, sentence, sources } = one.data;
      const before = state.breaches.filter((item) => item.metric !== metric);
      // Whoever wanted to resume did not know of this one.
      return {
        breaches: [...before, { metric, severity, containment, block, value, sentence, sources, open: true }],
        resumeVotes: [],
      };
    }
    case "breachCleared":
      return {
        breaches: state.breaches.map((item) => (item.metric === one.data.metric ? { ...item, open: false } : item)),
      };
    case "doubted":
    case "doubtOver":
      return { doubts: doubtsAfter(state.doubts, one) };
    case "containmentRequested": {
      const { containment, by, reason } = one.data;
      const containedByItself = state.containedByItself || by.person === system.person;
      const requested = { id: containment, by: by.person, reason, confirmed: false };
      const refusedContainments = state.refusedContainments.filter((id) => id !== containment);
      return { containment: requested, refusedContainments, containedByItself, resimulation: undefined };
    }
    case "contained":
      return contained(state, one.data.containment);
    // What was sent can take no effect any more: another may be sent.
    case "containmentFailed":
      return state.containment?.id === one.data.containment
        ? { containment: undefined, refusedContainments: [...state.refusedContainments, one.data.containment] }
        : {};
    case "resimulated": {
      const { findings, evidenceHash, block } = one.data;
      const passed = !findings.some((item) => item.severity === "refuse");
      return { resimulation: { passed, evidenceHash, block } };
    }
    case "rollbackStarted": {
      const { by, legs, reason } = one.data;
      return { rollbackBy: { person: by.person, legs, reason, readied: false } };
    }
    case "rollbackReadied":
      return { rollbackBy: state.rollbackBy && { ...state.rollbackBy, readied: true } };
    case "resumeSupported":
      return { resumeVotes: [...state.resumeVotes, { person: one.data.by.person, cause: one.data.cause }] };
    case "resumed":
      return { resumeVotes: [], containment: undefined, heldBy: undefined, rollbackBy: keptRollback(state) };
    case "windDownOpened":
      return { windDown: one.data };
    case "supersededSeen":
      return { supersededSeen: [...state.supersededSeen, one.data.safeTxHash] };
    case "siblingSeen":
      return { siblings: [...state.siblings, one.data] };
    default:
      return {};
  }
}

/** Going on gives a rollback up, unless a part of it was done: then there is no going on. */
function keptRollback({ rollbackBy, executedLegs }: CeremonyState): CeremonyState["rollbackBy"] {
  const begun = executedLegs.some((one) => one.purpose === "rollback" && rollbackBy?.legs.includes(one.leg));
  return begun ? rollbackBy : undefined;
}

function contained(state: CeremonyState, id: string): Partial<CeremonyState> {
  const containment = state.containment ?? { id, by: system.person, reason: "seen on the chain", confirmed: true };
  const onChain = placed(state, { tx: `containment/${id}`, state: "done" });
  return { containment: { ...containment, confirmed: true }, onChain, resumeVotes: [], resimulation: undefined };
}
