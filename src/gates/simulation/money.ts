/** Money that a run takes out of what it upgrades: tokens, ether, and allowances to take them later. Pure. */

import { keccak256, stringToBytes } from "viem";
import type { Finding } from "../../domain/events.ts";
import { type Address, address, type Hex, zeroAddress } from "../../domain/primitives.ts";
import type { Trace } from "../../fork.ts";
import { findings } from "../gate.ts";
import type { Upgrade } from "../upgrades.ts";

const { refuse } = findings("simulation");

/** Whose money it is, and to whom it may go without a word. */
export interface Purses {
  upgrades: readonly Upgrade[];
  /** Addresses that policy speaks of. */
  known: ReadonlySet<Address>;
}

const topic = (signature: string): Hex => keccak256(stringToBytes(signature));
const transfer = topic("Transfer(address,address,uint256)");
const approval = topic("Approval(address,address,uint256)");
const approvalForAll = topic("ApprovalForAll(address,address,bool)");

/** One way in which money leaves; `what` stands behind "sends" or "lets". */
interface Leaving {
  from: Address;
  to: Address;
  how: string;
  evidence: string;
}

/** Of a run as a whole; `name` is what people call it. */
export function moneyLeaving(name: string, trace: Trace, { upgrades, known }: Purses): Finding[] {
  if (!trace.success) return [];
  const proxies = upgrades.map((one) => one.proxy);
  const isStrange = (account: Address) => !known.has(account) && !proxies.includes(account) && account !== zeroAddress;
  return leaving(trace, proxies)
    .filter(({ to }) => isStrange(to))
    .map(({ from, to, how, evidence }) => {
      const whose = upgrades.find((one) => one.proxy === from)?.name ?? from;
      return refuse(
        "money-leaves",
        `In "${name}" the new code ${how} of ${whose} to ${to}, which policy does not know: an upgrade by itself has no business with that.`,
        {
          evidence,
          fix: "Take it out of the initialiser; move money in a transaction of its own that says so.",
        },
      );
    });
}

/** Whether a call gives the account ether, tokens or an allowance out of the contract. */
export function isPaid(trace: Pick<Trace, "events" | "frames">, from: Address, account: Address): boolean {
  return leaving(trace, [from]).some((one) => one.from === from && one.to === account);
}

function leaving({ events, frames }: Pick<Trace, "events" | "frames">, proxies: readonly Address[]): Leaving[] {
  const tokens = events.flatMap((event): Leaving[] => {
    const [what, first, second] = event.topics;
    if (what === undefined || first === undefined || second === undefined) return [];
    const [from, to] = [accountOf(first), accountOf(second)];
    const evidence = `${event.address}: ${event.topics.join(" ")} ${event.data}`;
    // A token that is upgraded itself can make any holder poorer, or print.
    const own = proxies.includes(event.address) ? event.address : undefined;
    if (what === transfer && (proxies.includes(from) || own !== undefined))
      return [{ from: own ?? from, to, how: `sends tokens (${event.address})`, evidence }];
    const lends = (what === approval && !isNothing(event.data)) || (what === approvalForAll && !isNothing(event.data));
    return lends && proxies.includes(from)
      ? [{ from, to, how: `gives an allowance on tokens (${event.address})`, evidence }]
      : [];
  });
  const ether = frames
    .filter((one) => one.value > 0n && !one.failed && one.type === "CALL" && proxies.includes(one.from))
    .map(({ from, to, value }) => ({ from, to, how: "sends ether", evidence: `${value} wei from ${from} to ${to}` }));
  return [...tokens, ...ether];
}

const accountOf = (word: Hex): Address => address.parse(`0x${word.slice(-40)}`);
const isNothing = (data: Hex) => /^0x0*$/.test(data);
