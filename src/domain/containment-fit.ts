/** Whether a package's containments are as policy has them prepared: whoever writes a package has no say in that. */

import type { Policy } from "./policy.ts";
import type { Containment, ReleasePackage } from "./release-package.ts";
import type { Target } from "./target-policy.ts";

/** Why they are not, in a clause; undefined where they are. */
export function unfitContainment(pkg: ReleasePackage, policy: Policy): string | undefined {
  const prepared = policy.targets.find((one) => one.id === pkg.target)?.containment ?? [];
  for (const one of pkg.containment) {
    const problem =
      unbound(one, pkg, policy) ??
      misstated(
        one,
        prepared.find((other) => other.id === one.id),
      );
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Where policy names a MultiSendCallOnly, every containment is bound to code and to an end, by the contracts policy names. */
function unbound(
  { id, chain, bound, calls, readBack }: Containment,
  pkg: ReleasePackage,
  policy: Policy,
): string | undefined {
  const where = policy.chains.find((one) => one.id === chain);
  if (where?.multiSendCallOnly === undefined)
    return bound === undefined
      ? undefined
      : `the containment ${id} is a DELEGATECALL, and policy names no MultiSendCallOnly on ${chain}`;
  if (bound === undefined) return `the containment ${id} is bound to no code and to no end`;
  if (bound.multiSend !== where.multiSendCallOnly)
    return `the containment ${id} goes through ${bound.multiSend}, which is not the MultiSendCallOnly of policy`;
  if (bound.preconditionsAt !== where.preconditions)
    return `the containment ${id} names a Preconditions contract that policy does not know`;
  const free = [...calls.map((call) => call.to), readBack.to].find(
    (account) => !bound.codeHashes.some((one) => one.account === account),
  );
  if (free !== undefined) return `the containment ${id} is not bound to the code of ${free}`;
  const needed = pkg.phases.map((phase) => phase.window.notAfter + phase.minDuration).reduce((a, b) => (a > b ? a : b));
  return bound.notAfter < needed ? `the containment ${id} ends before the last canary does` : undefined;
}

function misstated(one: Containment, prepared: Target["containment"][number] | undefined): string | undefined {
  if (prepared?.heldBack && !one.heldBack)
    return `policy has a signature of the containment ${one.id} held back, and the package does not`;
  return undefined;
}
