/** Which EIP-712 domain a Safe signs under, from what a file says of it in prose. */

import { hasLegacyDomain } from "../domain/safe-tx.ts";

/** `eip155`: chain id and Safe (1.3.0 and later). `legacy-no-chainId`: the Safe alone (before 1.3.0). */
export type DomainScheme = "eip155" | "legacy-no-chainId";

export interface DomainChoice {
  scheme: DomainScheme;
  /** A version of that kind, for hashing. */
  safeVersion: string;
  /** Why, for the person who compares: "as domainScheme says". */
  because: string;
}

/**
 * `domainScheme` decides where it is given, then the version, and where neither says anything 1.3.0 or later is taken,
 * which `because` says. Undefined for a version that fits both kinds, such as ">=1.1.0": no hash is better than a wrong one.
 */
export function domainOf(
  domainScheme: DomainScheme | undefined,
  safeVersion: string | undefined,
): DomainChoice | undefined {
  const stated = safeVersion === undefined ? undefined : schemeOfVersion(safeVersion);
  if (domainScheme !== undefined) {
    const against = stated !== undefined && stated !== "both" && stated !== domainScheme;
    const other = against ? `; its version, ${safeVersion}, says otherwise` : "";
    return choice(domainScheme, safeVersion, `as domainScheme says${other}`);
  }
  if (stated === "both") return undefined;
  if (stated === undefined) return choice("eip155", undefined, "assumed: no version of the Safe is stated");
  return choice(stated, safeVersion, `as its version ${safeVersion} says`);
}

function choice(scheme: DomainScheme, stated: string | undefined, because: string): DomainChoice {
  const legacy = scheme === "legacy-no-chainId";
  const exact = /^v?(\d+\.\d+\.\d+)/.exec(stated ?? "")?.[1];
  const fitting = exact !== undefined && hasLegacyDomain(exact) === legacy ? exact : undefined;
  return { scheme, safeVersion: fitting ?? (legacy ? "1.2.0" : "1.3.0"), because };
}

/** Reads the first version in a text such as "1.4.1 (stated in …)", "<1.3.0", "not stated; >=1.3.0"; undefined for none. */
function schemeOfVersion(text: string): DomainScheme | "both" | undefined {
  const found = /(<=|>=|<|>|=)?\s*v?(\d+\.\d+\.\d+)/.exec(text);
  if (found === null) return undefined;
  const [, relation = "=", version = ""] = found;
  const legacy = hasLegacyDomain(version);
  const first = version === "1.3.0";
  switch (relation) {
    case "<":
      return legacy || first ? "legacy-no-chainId" : "both";
    case "<=":
      return legacy ? "legacy-no-chainId" : "both";
    case ">":
    case ">=":
      return legacy ? "both" : "eip155";
    default:
      return legacy ? "legacy-no-chainId" : "eip155";
  }
}
