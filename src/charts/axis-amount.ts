/** Numbers beside an axis. */

import { grouped } from "../domain/amount.ts";
import type { Metric } from "../domain/metrics.ts";

const steps = [
  [1e9, "e9"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

const inThousands = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 });

/** For an axis: `1.25M`, `250,000e18` of wei, and powers of ten where that is no number that anybody reads. */
export function axisAmount(value: number, unit: Metric["unit"]): string {
  const shown = unit === "usd_e8" ? value / 1e8 : value;
  const size = Math.abs(shown);
  // As the words beside the picture say it.
  if (unit === "wei" && size >= 1e15 && size < 1e25) return `${inThousands.format(shown / 1e18)}e18`;
  if (size >= 1e12) return shown.toExponential(4).replace(/\.?0*e\+?/, "e");
  if (size < 1e5) return Number.isInteger(shown) ? grouped(BigInt(shown)) : `${Number(shown.toPrecision(4))}`;
  const [step, name] = steps.find(([one]) => size >= one) ?? [1, ""];
  return `${Number((shown / step).toPrecision(4))}${name}`;
}
