/** How the blocks of each chain come in, as something that has a health: polling where they should be pushed is slower. */

import type { Policy } from "../domain/policy.ts";
import type { ChainId } from "../domain/primitives.ts";
import type { Chains, ChatHealth, Clock } from "../ports.ts";

export interface HeadLinks {
  /** One a chain whose blocks somebody follows, in the chains' order. */
  health(): { name: string; health: ChatHealth }[];
}

export function headLinks({ chains, policy, clock }: { chains: Chains; policy: Policy; clock: Clock }): HeadLinks {
  /** What was seen last, and when that began. */
  const seen = new Map<ChainId, { reason: string; since: bigint }>();
  return {
    health: () =>
      chains.ids.flatMap((id) => {
        const link = chains.get(id).headLink?.();
        if (link === undefined) return [];
        const { reason } = link;
        const before = seen.get(id);
        const isSame = before !== undefined && (before.reason === "") === (reason === "");
        const since = isSame ? before.since : clock.now();
        seen.set(id, { reason, since });
        const name = `blocks of ${policy.chains.find((one) => one.id === id)?.name ?? id}`;
        return [{ name, health: { state: reason === "" ? ("up" as const) : ("down" as const), since, reason } }];
      }),
  };
}
