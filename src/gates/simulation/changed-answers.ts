/** What a run changed in what contracts answer: powers that moved, values that vanished or jumped. Pure. */

import { getAddress, toFunctionSelector } from "viem";
import type { Finding } from "../../domain/events.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { Change } from "../../domain/release-package.ts";
import { findings } from "../gate.ts";
import type { KnownGain } from "../known-gains.ts";
import { isDeclaredOwners } from "./owner-changes.ts";
import { numberIn, powerGetters, type Survey, type Watched } from "./survey.ts";

const { refuse } = findings("simulation");

/** Answers by which others trust or price things: an upgrade by itself has no business moving them. */
export const prices = selectorsOf([
  ...[
    "price",
    "getPrice",
    "latestPrice",
    "latestAnswer",
    "latestRoundData",
    "peek",
    "read",
    "exchangeRate",
    "exchangeRateStored",
  ],
  ...[
    "pricePerShare",
    "getPricePerFullShare",
    "sharePrice",
    "getRate",
    "rate",
    "virtualPrice",
    "get_virtual_price",
    "totalAssets",
  ],
]);
/** Parameters that are safe only above zero: a zero threshold lets everybody pass. */
const mustNotBeZero = selectorsOf([
  ...[
    "threshold",
    "getThreshold",
    "quorum",
    "quorumNumerator",
    "minimumVoteWeight",
    "requiredSignatures",
    "minSigners",
    "minDelay",
  ],
  ...[
    "getMinDelay",
    "delay",
    "totalWeight",
    "operatorWeight",
    "totalOperatorWeight",
    "bridgeOperatorWeight",
    "fraudWindow",
    "challengePeriod",
  ],
  ...[
    "disputePeriod",
    "timeout",
    "cap",
    "limit",
    "maxLtv",
    "collateralFactor",
    "minCollateralRatio",
    "signer",
    "verifier",
    "oracle",
    "trustedRoot",
  ],
]);
/** Thousandths that a price may move by the upgrade alone. */
const tolerance = 10n;

function selectorsOf(names: readonly string[]): ReadonlyMap<Hex, string> {
  return new Map(names.map((name) => [toFunctionSelector(`function ${name}()`), `${name}()`] as const));
}

export interface Comparison {
  before: Survey;
  after: Survey;
  watched: readonly Watched[];
  declared: readonly Change[];
  /** What the one call of a transaction gives to whom policy has for it. */
  gain?: KnownGain | undefined;
  /** Names of functions, where a build tells them. */
  nameOf(selector: Hex): string | undefined;
}

export function judgeAnswers(comparison: Comparison): Finding[] {
  return comparison.watched.flatMap((one) => [
    ...movedPowers(one, comparison),
    ...vanished(one, comparison),
    ...jumped(one, comparison),
  ]);
}

function movedPowers({ address, name }: Watched, { before, after, declared, gain }: Comparison): Finding[] {
  const found: Finding[] = [];
  for (const [selector, getter] of powerGetters) {
    const [was, is] = [before.answers.get(address)?.get(selector), after.answers.get(address)?.get(selector)];
    if (is === undefined || is === null || was === is || isNewAndEmpty(was, is)) continue;
    if (declared.some((one) => "contract" in one && one.contract === address && one.kind === "parameter")) continue;
    if (gain?.contract === address && isKnownGain(gain, getter, is)) continue;
    const owners = declared.find((one) => one.kind === "safeOwners" && one.safe === address);
    if (owners?.kind === "safeOwners" && isDeclaredOwners(owners, getter, was, is)) continue;
    found.push(
      refuse(
        "authority",
        `After it, ${getter} of ${name} answers something else: who holds power over the contract changes, and nobody declared that.`,
        {
          evidence: `${address} ${getter}: ${shown(was)} before, ${shown(is)} after`,
          fix: "Take the change out, or declare it in the package so that people vote on it.",
        },
      ),
    );
  }
  return [...found, ...movedRoles({ address, name }, { before, after, declared })];
}

/** The getter names whom policy explains, or says that nothing is under way any more. */
function isKnownGain({ holder }: KnownGain, getter: string, is: Hex): boolean {
  if (numberIn(is) === undefined) return false;
  if (typeof holder === "bigint") return getter === "getMinDelay()" && BigInt(is) === holder;
  return BigInt(is) === BigInt(holder) || (getter.startsWith("pending") && BigInt(is) === 0n);
}

/** A getter that is new and answers nobody: nothing was given to anyone. */
const isNewAndEmpty = (was: Hex | null | undefined, is: Hex) =>
  (was === null || was === undefined || was === "0x") && BigInt(is === "0x" ? 0 : is) === 0n;

function movedRoles(
  { address, name }: Pick<Watched, "address" | "name">,
  { before, after, declared }: Pick<Comparison, "before" | "after" | "declared">,
): Finding[] {
  const mine = (all: Set<string>) => [...all].filter((key) => key.startsWith(`${address}/`));
  const given = mine(after.roles).filter((key) => !before.roles.has(key));
  const taken = mine(before.roles).filter((key) => !after.roles.has(key));
  const isDeclared = (key: string, grant: boolean) => {
    const [, role, account] = key.split("/");
    return declared.some(
      (one) =>
        one.kind === "role" &&
        one.contract === address &&
        one.role === role &&
        one.account === account &&
        one.grant === grant,
    );
  };
  const say = (key: string, grant: boolean) => {
    const [, role, account] = key.split("/");
    return refuse(
      "role",
      `After it, ${account} ${grant ? "holds" : "has lost"} a role of ${name} that nobody declared.`,
      {
        evidence: `${address} role ${role}`,
        fix: "Take the change out, or declare it in the package so that people vote on it.",
      },
    );
  };
  return [
    ...given.filter((key) => !isDeclared(key, true)).map((key) => say(key, true)),
    ...taken.filter((key) => !isDeclared(key, false)).map((key) => say(key, false)),
  ];
}

/** What answered a number and now answers zero; and new parameters that must never be zero and are. */
function vanished({ address, name }: Watched, { before, after, nameOf, gain }: Comparison): Finding[] {
  const found: Finding[] = [];
  for (const [selector, answer] of after.answers.get(address) ?? []) {
    if (numberIn(answer) !== 0n) continue;
    const was = numberIn(before.answers.get(address)?.get(selector));
    const guarded = mustNotBeZero.get(selector);
    if (gain?.contract === address && powerGetters.get(selector)?.startsWith("pending") === true) continue;
    if (!(was !== undefined && was > 0n) && !(was === undefined && guarded !== undefined)) continue;
    const called = guarded ?? powerGetters.get(selector) ?? nameOf(selector) ?? `the function ${selector}`;
    found.push(
      refuse(
        "zero",
        was === undefined
          ? `After it, ${called} of ${name} is zero: a step of its initialisation is missing, and a zero there lets everything pass.`
          : `After it, ${called} of ${name} is zero, and it was not before: the new code reads something else there, or an initialiser is missing.`,
        {
          evidence: `${address} ${called}: ${was ?? "no such function"} before, 0 after`,
          fix: "Compare the storage layouts, and run every initialiser that the new version has, in order.",
        },
      ),
    );
  }
  return found;
}

function jumped({ address, name }: Watched, { before, after, declared }: Comparison): Finding[] {
  const found: Finding[] = [];
  for (const [selector, getter] of prices) {
    const [was, is] = [
      priceIn(before.answers.get(address)?.get(selector)),
      priceIn(after.answers.get(address)?.get(selector)),
    ];
    if (was === undefined || is === undefined || was === 0n) continue;
    const moved = ((is > was ? is - was : was - is) * 1000n) / was;
    if (moved <= tolerance || declared.some((one) => one.kind === "parameter" && one.contract === address)) continue;
    found.push(
      refuse(
        "value-moved",
        `The upgrade alone moves ${getter} of ${name} from ${was} to ${is}: whoever trusts it would lose or win at once.`,
        {
          evidence: `${address} ${getter}: ${was} before, ${is} after`,
          fix: "Check the unit, the decimals and the source that the new version reads.",
        },
      ),
    );
  }
  return found;
}

/** `latestRoundData` answers five words, the second of them the price. */
function priceIn(answer: Hex | null | undefined): bigint | undefined {
  if (answer === null || answer === undefined) return undefined;
  if (answer.length === 2 + 5 * 64) return BigInt(`0x${answer.slice(66, 130)}`);
  return numberIn(answer);
}

function shown(answer: Hex | null | undefined): string {
  if (answer === null || answer === undefined) return "nothing";
  return /^0x0{24}[0-9a-f]{40}$/.test(answer) ? `0x${answer.slice(26)}` : answer.slice(0, 140);
}

/** Everybody whom two answers name: those who could have gained something. */
export function addressesIn(words: readonly Hex[]): Address[] {
  return [
    ...new Set(
      words.filter((one) => /^0x0{24}(?!0{20})[0-9a-f]{40}$/.test(one)).map((one) => getAddress(`0x${one.slice(26)}`)),
    ),
  ];
}
