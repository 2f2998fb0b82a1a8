/** Broken exits as the alerts hear of them: severity 1 once something is at stake, 2 before. */

import { keccak256, stringToBytes } from "viem";
import type { AlertSignal } from "../alerts/watch-intent.ts";
import type { CeremonyState } from "../ceremony.ts";
import type { Policy } from "../policy.ts";
import { isAtStake } from "./exit.ts";
import { openLosses } from "./exit-log.ts";

export function exitSignals(state: CeremonyState, policy: Policy): AlertSignal[] {
  const open = openLosses(state);
  return state.lostExits.map((lost): AlertSignal => {
    const { chain, number, hash } = lost.block;
    const sources = policy.chains.find((one) => one.id === chain)?.sources ?? { agree: 1, of: 1 };
    const what = `No way out by ${lost.exit} of ${state.id}: ${lost.sentence.replace(/\.$/, "")}`;
    return {
      ...{ ceremony: state.id, chain, metric: exitMetric(lost.exit), target: state.package.target },
      severity: isAtStake(state) ? 1 : 2,
      condition: open.includes(lost) ? "firing" : "cleared",
      facts: {
        what: what.length > 400 ? `${what.slice(0, 397)}...` : what,
        block: { number, hash },
        sources: { agree: 1, of: sources.of },
        digest: state.review?.digest,
        exposure: "",
        runbook: "",
        containment: undefined,
      },
    };
  });
}

/** The name that alerts, acknowledgements and silences have for an exit: `exit-pause-vault`, `exit-vault-rollback`. */
export function exitMetric(exit: string): string {
  const name = `exit-${exit.replace(/^containment\//, "").replace("/", "-")}`;
  if (name.length <= 40) return name;
  return `${name.slice(0, 31)}-${keccak256(stringToBytes(exit)).slice(2, 10)}`;
}
