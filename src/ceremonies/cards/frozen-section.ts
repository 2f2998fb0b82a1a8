/** What a ceremony's card says of frozen people who took part in it: what of theirs does not count, and what a Safe still counts. */

import type { CeremonyState } from "../../domain/ceremony.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Section } from "../../view.ts";

/** None where nobody frozen took part. */
export function frozenSection({ approvals, signatures }: CeremonyState, policy: Policy): Section[] {
  const lines = policy.people
    .filter((one) => one.frozen)
    .flatMap(({ id, name }) => {
      const signed = signatures.filter((one) => one.person === id).map((one) => one.tx);
      return [
        ...(approvals.some((one) => one.person === id) ? [`Approved by ${name}, frozen: it does not count.`] : []),
        ...(signed.length > 0
          ? [
              `Signatures for ${signed.join(", ")} given by ${name}, frozen: they do not count for the quorum. The Safe still counts them on the chain.`,
            ]
          : []),
      ];
    });
  return lines.length === 0 ? [] : [{ title: "Frozen", style: "list", lines }];
}
