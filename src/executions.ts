/** Holds every execution of a chain against its package, once after it was recorded and once after a start. */

import type { CeremonyState } from "./domain/ceremony.ts";
import { endings } from "./domain/lifecycle.ts";
import type { Policy } from "./domain/policy.ts";
import { zeroHash } from "./domain/primitives.ts";
import { legById } from "./domain/release-package.ts";
import type { IncidentData } from "./domain/watch/incidents.ts";
import { incidentId } from "./domain/watch/privileged.ts";
import type { Chain } from "./ports.ts";
import { compareExecution } from "./watch/execution-difference.ts";
import { nameIn, watchedOn } from "./watch/privileged.ts";

interface ExecutionParts {
  chain: Chain;
  policy: Policy;
  list(): Promise<readonly CeremonyState[]>;
  see(found: IncidentData<"seen">): Promise<void>;
  onFault(where: string, fault: unknown): void;
}

export interface ExecutionReader {
  /** Looks for executions that were not compared yet; one that could not be is tried again with the next. */
  wake(): void;
  stop(): Promise<void>;
}

export function executionReader({ chain, policy, list, see, onFault }: ExecutionParts): ExecutionReader {
  const compared = new Set<string>();
  let working: Promise<void> | undefined;
  let stopped = false;

  async function look(): Promise<void> {
    for (const state of await list())
      for (const one of state.executedLegs) {
        const key = `${state.id}/${one.leg}/${one.purpose}`;
        const isHere = state.package.legs.some((leg) => leg.id === one.leg && leg.chain === chain.id);
        if (stopped || compared.has(key) || !isHere || endings.includes(state.status)) continue;
        await compare(state, one);
        compared.add(key);
      }
  }

  async function compare(state: CeremonyState, { leg, purpose, hash }: CeremonyState["executedLegs"][number]) {
    const receipt = hash === zeroHash ? undefined : await chain.receipt(hash);
    const where = `execution of ${leg} of ${state.id}`;
    if (receipt === undefined)
      return onFault(
        where,
        new Error(`Nobody knows in which transaction ${leg} of ${state.id} ran: it was not compared with its package.`),
      );
    const { accounts } = await watchedOn(chain, policy, (fault) => onFault(where, fault));
    const block = { chain: legById(state.package, leg).chain, ...receipt.block };
    const nameOf = (account: `0x${string}`) => nameIn(policy, accounts, account);
    const found = await compareExecution(state, { leg, purpose, hash, block }, { chain, accounts, nameOf });
    if (!found.compared) return onFault(where, new Error(found.reason));
    if (found.differences.length === 0) return;
    await see({
      ...{
        incident: incidentId(chain.id, `execution ${hash}`),
        block,
        targets: [state.package.target],
        transaction: hash,
        from: receipt.from,
      },
      sentences: found.differences
        .slice(0, 50)
        .map((one) => `The ${purpose} of ${leg} (${state.id}) is not what was approved: ${one}`),
      sender: `Sent by ${nameOf(receipt.from)}.`,
    });
  }

  return {
    wake() {
      if (stopped) return;
      working ??= look()
        .catch((fault: unknown) => onFault(`executions on ${chain.id}`, fault))
        .finally(() => {
          working = undefined;
        });
    },
    async stop() {
      stopped = true;
      await working;
    },
  };
}
