/**
 * What asking costs. A free key of Safe's service has 50,000 requests a month and 5 a second for everything together;
 * without a key it is 5,000 and 2. One bucket fills steadily and never holds more than its capacity, so that a month's requests
 * are at most what flows in plus one full bucket, however many ceremonies there are and whatever they do.
 */

export interface Allowance {
  /** Requests that flow in over a month of 31 days. */
  monthly: number;
  /** The most that is saved up for busy hours. */
  capacity: number;
  /** What a start begins with. */
  initial: number;
  /** Least milliseconds between two requests. */
  spacingMs: number;
}

const withKey: Allowance = { monthly: 45_000, capacity: 3_000, initial: 1_000, spacingMs: 250 };
const withoutKey: Allowance = { monthly: 4_500, capacity: 300, initial: 100, spacingMs: 600 };

export function allowanceOf(hasKey: boolean): Allowance {
  return hasKey ? withKey : withoutKey;
}

const month = 31 * 86_400;

export interface Bucket {
  tokens: number;
  /** Wall time in seconds up to which it was filled. */
  at: number;
}

export function filled({ tokens, at }: Bucket, now: number, { monthly, capacity }: Allowance): Bucket {
  const added = (Math.max(0, now - at) * monthly) / month;
  return { tokens: Math.min(capacity, tokens + added), at: Math.max(at, now) };
}

/** How much a Safe is looked at for: signatures that come in just now, that are missing, or only other transactions. */
export type Interest = "active" | "expected" | "idle";

/** Seconds between two looks while the bucket is not short. */
export const intervals: Record<Interest, number> = { active: 12, expected: 300, idle: 1_800 };

/** The part of the capacity that a look must leave to what is more urgent; signatures put there themselves leave nothing. */
const reserves: Record<Interest, number> = { active: 0.01, expected: 0.25, idle: 0.25 };

/** Seconds after which a Safe is looked at all the same, out of what the others had saved up. */
const longest = 7_200;

export interface Looked {
  key: string;
  interest: Interest;
  /** Wall time in seconds of the last look; undefined before the first. */
  last: number | undefined;
}

/**
 * The one to look at now: due, affordable, and of those the one that has waited longest by its own measure, so that a
 * short bucket slows all down alike. Undefined where there is none. `stretch` (1 or more) makes all intervals longer.
 */
export function nextLook<T extends Looked>(
  all: readonly T[],
  { tokens }: Bucket,
  now: number,
  { capacity }: Allowance,
  stretch = 1,
): T | undefined {
  const waited = (one: T) =>
    one.last === undefined ? Number.POSITIVE_INFINITY : (now - one.last) / (intervals[one.interest] * stretch);
  const open = all.filter((one) => waited(one) >= 1 && tokens >= 1 + reserveOf(one, now) * capacity);
  return open.reduce<T | undefined>(
    (best, one) => (best === undefined || waited(one) > waited(best) ? one : best),
    undefined,
  );
}

/** A first look is free of the reserve: after a start it is not known what waits there. */
function reserveOf({ interest, last }: Looked, now: number): number {
  return last === undefined ? 0 : reserves[now - last >= longest ? "active" : interest];
}

/** Seconds until the next try after so many failures in a row: 5, 10, 20 … 900, and up to half as much again. */
export function backOff(failures: number, random: () => number): number {
  return Math.min(900, 5 * 2 ** Math.min(failures - 1, 10)) * (1 + random() / 2);
}
