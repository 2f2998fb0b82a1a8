/** Whether a proxy runs the code that it shows: one that was planted can name an honest implementation and run another. */

import { toFunctionSelector } from "viem";
import type { Finding } from "../../domain/events.ts";
import type { Fork } from "../../fork.ts";
import { findings } from "../gate.ts";
import type { Upgrade } from "../upgrades.ts";
import { stranger } from "./strangers.ts";

const { refuse } = findings("simulation");

const ownerCall = toFunctionSelector("function owner()");

/** After the upgrade; one request. What makes no DELEGATECALL, such as a beacon by itself, is not asked. */
export async function judgeRunning(fork: Fork, upgrades: readonly Upgrade[]): Promise<Finding[]> {
  if (upgrades.length === 0) return [];
  const traces = await fork.trace(upgrades.map(({ proxy }) => ({ from: stranger, to: proxy, data: ownerCall })));
  return upgrades.flatMap(({ name, proxy, to }, index) => {
    const first = traces[index]?.frames.find((one) => one.type === "DELEGATECALL" && one.from === proxy);
    if (first === undefined || first.to === to) return [];
    return [
      refuse(
        "other-code",
        `${name} does not run the code that it shows: it has the new implementation in its slot, and hands every call to ${first.to} first, which can do what it likes with it.`,
        {
          evidence: `a call of ${proxy} runs ${first.to}, not ${to}`,
          fix: "Treat the proxy as lost: nobody deployed it so by mistake. Find out who did, and move what it holds.",
        },
      ),
    ];
  });
}
