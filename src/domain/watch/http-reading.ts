/** A number that another server gives, as JSON or as the answer of Prometheus: read digit by digit, never as a float. */

import { z } from "zod";
import { judge, type Metric } from "../metrics.ts";
import { type OutsideReading, unreadable } from "./outside.ts";
import type { HttpSource } from "./sources.ts";

export interface HttpAnswer {
  status: number;
  body: string;
  /** Wall time at which it was asked for, seconds. */
  at: bigint;
}

/** Where the answer is asked for: policy's address, or Prometheus's instant query below it. */
export function httpAddress({ url, query }: HttpSource): string {
  return query === undefined ? url : `${url.replace(/\/+$/, "")}/api/v1/query?query=${encodeURIComponent(query)}`;
}

/**
 * `answer` is a clause where none came. `wall` is now, seconds: what was taken longer ago than the metric lets a block be old
 * is stale. Prometheus says when it was taken; elsewhere it is when it was asked for.
 */
export function judgeHttp(
  metric: Metric,
  source: HttpSource,
  answer: HttpAnswer | string,
  wall: bigint,
  known?: bigint,
): OutsideReading {
  if (typeof answer === "string") return unreadable(answer);
  if (answer.status !== 200) return unreadable(`the answer had the status ${answer.status}`);
  const json = exactJson(answer.body);
  if (json === undefined) return unreadable("the answer is not JSON");
  const given: ReturnType<typeof prometheusValue> =
    source.pointer === undefined ? prometheusValue(json) : { text: at(json, source.pointer) };
  if (typeof given === "string") return unreadable(given);
  const value = scaled(given.text, source.decimals ?? 0);
  if (value === null) return unreadable("there is no number where one was looked for");
  if (value >= 1n << 255n || value < -(1n << 255n)) return unreadable("the number is larger than any on a chain");
  const taken = given.taken === undefined ? answer.at : scaled(given.taken, 0);
  if (taken === null) return unreadable("it does not say when it was taken");
  if (taken + metric.maxBlockAge < wall)
    return { verdict: "stale", value, reason: `it was taken ${wall - taken} s ago` };
  return { verdict: judge(metric, value, known), value, reason: "" };
}

/** With numbers as the text they were written in; undefined for what is no JSON. */
function exactJson(body: string): unknown {
  try {
    // A runtime that does not say how a number was written gives none: digits may be lost already.
    return JSON.parse(body, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === "number" ? (context?.source ?? null) : value,
    );
  } catch {
    return undefined;
  }
}

/** RFC 6901 (https://www.rfc-editor.org/rfc/rfc6901). Only what the answer itself has counts, nothing that every object has. */
function at(json: unknown, pointer: string): unknown {
  const keys = pointer.split("/").slice(1);
  return keys
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined,
      json,
    );
}

const instant = z.tuple([z.string(), z.string()]);
const prometheus = z.object({
  status: z.literal("success"),
  data: z.discriminatedUnion("resultType", [
    z.object({ resultType: z.literal("vector"), result: z.array(z.object({ value: instant })) }),
    z.object({ resultType: z.literal("scalar"), result: instant }),
  ]),
});

/** Of an instant query (https://prometheus.io/docs/prometheus/latest/querying/api/); a clause where it has not exactly one value. */
function prometheusValue(json: unknown): { text: unknown; taken?: string } | string {
  const parsed = prometheus.safeParse(json);
  if (!parsed.success) return "the answer is not that of an instant query";
  const { data } = parsed.data;
  const values = data.resultType === "scalar" ? [data.result] : data.result.map((one) => one.value);
  const [only] = values;
  if (only === undefined) return "the query found no value";
  return values.length === 1
    ? { taken: only[0], text: only[1] }
    : `the query found ${values.length} values, and one is needed`;
}

/** A decimal number, exponent allowed, times 10^decimals, rounded towards zero; null for what is none (NaN and Inf, too). */
function scaled(text: unknown, decimals: number): bigint | null {
  if (typeof text === "boolean") return text ? 1n : 0n;
  const parts =
    typeof text === "string" ? /^([+-]?)(\d{1,80})(?:\.(\d{1,80}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text) : null;
  if (parts === null) return null;
  const [, sign = "", whole = "", part = "", exponent = "0"] = parts;
  const digits = BigInt(`${whole}${part}`);
  const shift = Number(exponent) + decimals - part.length;
  const size = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign === "-" ? -size : size;
}
