/** Values with their units, as people read them; all digits are kept where the words beside a picture say them. */

import { duration } from "./duration.ts";
import type { Metric } from "./metrics.ts";
import { isYesOrNo } from "./watch/sources.ts";

/** "9,871 bps", "1,204.50 USD", "2 min 5 s", "5,004.21e18 wei"; other numbers above 15 digits as a power of ten. */
export function amount(value: bigint, unit: Metric["unit"]): string {
  switch (unit) {
    case "none":
    case "count":
      return grouped(value);
    case "s":
      return value < 0n ? `-${duration(-value)}` : duration(value);
    case "usd_e8":
      return dollars(value);
    case "wei":
      return `${wei(value)} wei`;
    default:
      return `${grouped(value)} ${unit}`;
  }
}

/** As {@link amount}, with every digit. */
export function exactAmount(value: bigint, unit: Metric["unit"]): string {
  if (unit === "usd_e8") return `${dollars(value)} (${value} e-8)`;
  if (unit === "s") return amount(value, unit);
  return `${apart(value)}${unit === "none" || unit === "count" ? "" : ` ${unit}`}`;
}

/** As {@link amount}, and "yes" or "no" where a source answers only whether something is so. */
export function valueInWords({ read, unit }: Pick<Metric, "read" | "unit">, value: bigint): string {
  return isYesOrNo(read) && value <= 1n ? yesOrNo(value) : amount(value, unit);
}

const yesOrNo = (value: bigint) => (value === 1n ? "yes" : "no");

/** "Pilot pool solvency is 9,871 bps", "The vault belongs to the timelock: no". */
export function titleWithValue(metric: Pick<Metric, "title" | "read" | "unit">, value: bigint | null): string {
  if (value === null) return `${metric.title} is unknown`;
  return `${metric.title}${isYesOrNo(metric.read) ? ":" : " is"} ${valueInWords(metric, value)}`;
}

/** Below a thousandth of 10^18 as it is; else always in 10^18, so that two are compared by their digits. Cut, never rounded. */
function wei(value: bigint): string {
  const [sign, size] = value < 0n ? ["-", -value] : ["", value];
  if (size < 10n ** 15n) return `${sign}${grouped(size)}`;
  const part = `${(size / 10n ** 14n) % 10_000n}`.padStart(4, "0").replace(/0+$/, "");
  return `${sign}${grouped(size / 10n ** 18n)}${part === "" ? "" : `.${part}`}e18`;
}

/** Cut to whole cents, never rounded up. */
function dollars(value: bigint): string {
  const [sign, size] = value < 0n ? ["-", -value] : ["", value];
  const cents = `${(size % 100_000_000n) / 1_000_000n}`.padStart(2, "0");
  return `${sign}${grouped(size / 100_000_000n)}.${cents} USD`;
}

/** With their thousands apart; longer ones as a power of ten. */
export function grouped(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString();
  if (digits.length <= 15) return apart(value);
  return `${value < 0n ? "-" : ""}${digits[0]}.${digits.slice(1, 5)}e${digits.length - 1}`;
}

/** Every digit, with the thousands apart. */
const apart = (value: bigint): string => value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");

const signs = { "<": "<", "<=": "≤", "=": "=", ">=": "≥", ">": ">" } as const;

/** What passes, short enough for a line of its own: "≥ 10,000 bps", "≥ 9,900 bps of before". */
export function boundInSigns({ pass, read, unit }: Metric): string {
  if (pass.value === undefined) return `${signs[pass.is]} ${grouped(pass.baselineBps ?? 0n)} bps of before`;
  const bound = valueInWords({ read, unit }, pass.value);
  return isYesOrNo(read) ? `must be ${bound}` : `${signs[pass.is]} ${bound}`;
}
