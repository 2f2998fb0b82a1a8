/** The council on a platform: what it types and presses, and what the platform can be made to do. */

import { type PersonName, personNames } from "../../src/embedded/people.ts";
import type { Deed } from "./platform-process.ts";
import type { Installed } from "./ways.ts";

export interface Crowd {
  installed: Installed;
  readonly violations: string[];
  deliverTo(url: string): void;
  card(): Promise<unknown>;
  /** Does it as the person whose turn it is; milliseconds to the acknowledgement, undefined where none came in time. */
  act(deed: Deed, index: number): Promise<number | undefined>;
  limit(retryAfter: number): void;
  limited(): number;
  arrival(nth: number): Promise<number>;
  /** See {@link import("./ways.ts").Asked}; only Slack is asked. */
  paged?(about: string): Promise<number>;
}

export function personAt(index: number): PersonName {
  return personNames[index % personNames.length] ?? "ada";
}

export function optionsOf(deed: Deed): Record<string, string> {
  if (deed === "help") return {};
  return deed === "propose" ? { target: "harbour", release: "2.0.0" } : { ceremony: "UP-1" };
}

export function lineOf(deed: Deed): string {
  return [deed, ...Object.entries(optionsOf(deed)).map(([name, value]) => `${name}=${value}`)].join(" ");
}
