/** The authority graphs of a check, one a chain, drawn from the evidence that the votes bind. */

import { z } from "zod";
import { checkEvidence } from "./check-evidence.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import { type Policy, personOfWallet } from "./domain/policy.ts";
import { address } from "./domain/primitives.ts";
import type { Store } from "./ports.ts";
import type { Picture } from "./view.ts";

const power = z.object({ holder: address, can: z.string().max(60), what: address });
const authority = z.object({
  names: z.array(z.object({ address, name: z.string() })).max(400),
  before: z.array(power).max(400),
  after: z.array(power).max(400),
});
/** Evidence from before there was any has none. */
const evidence = z.object({ reports: z.array(z.object({ chain: z.string(), authority: authority.optional() })) });
type Report = z.output<typeof evidence>["reports"][number];

/** None where the check did not get that far, or its evidence is not kept. */
export async function authorityPictures(state: CeremonyState, policy: Policy, store: Store): Promise<Picture[]> {
  const read = evidence.safeParse(await checkEvidence(state, store).catch(() => undefined));
  const reports = read.success ? read.data.reports : [];
  const { authorityGraph } = await import("./charts/authority-graph.ts");
  return reports.flatMap((one) => {
    const label = reports.length > 1 ? one.chain : "";
    const picture = one.authority && authorityGraph(one.authority, (of) => namedBy(of, one, policy), label);
    return picture === undefined ? [] : [picture];
  });
}

/** As policy has it, before what the run called it: an address that neither knows is marked. */
function namedBy(of: string, { chain, authority: told }: Report, policy: Policy) {
  const same = (other: string) => other.toLowerCase() === of.toLowerCase();
  const where = policy.chains.find((one) => one.id === chain);
  if (BigInt(of) === 0n) return { name: "Anyone", kind: "unknown" } as const;
  if (where !== undefined && same(where.timelock)) return { name: "Timelock", kind: "timelock" } as const;
  if (where !== undefined && same(where.council)) return { name: "Council Safe", kind: "safe" } as const;
  if (where !== undefined && same(where.guardian)) return { name: "Guardian Safe", kind: "safe" } as const;
  const contract = policy.targets.flatMap((one) => one.contracts).find((one) => same(one.proxy));
  if (contract !== undefined) return { name: contract.title, kind: "contract" } as const;
  const person = personOfWallet(policy, of);
  if (person !== undefined) return { name: person.name, kind: "person" } as const;
  const name = told?.names.find((one) => same(one.address))?.name;
  return name === undefined
    ? ({ name: "Unknown to policy", kind: "unknown" } as const)
    : ({ name, kind: "contract" } as const);
}
