/** Libraries that new code is linked with: they run with the proxy's storage, so their code is the proxy's code. */

import type { CodeIdentity } from "../build-facts.ts";
import { delegateOf } from "../domain/bytecode.ts";
import type { Finding } from "../domain/events.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { findings, type GateInput } from "./gate.ts";
import type { NewCode } from "./new-code.ts";

const { refuse, info } = findings("artefact");

export interface LinkedLibrary {
  /** `File.sol:Library`. */
  library: string;
  address: Address;
  code: Hex;
  /** Its code is this library of the same build. */
  built: boolean;
  /** Linked at the same address in the present code. */
  asBefore: boolean;
}

/** One request, and one look at the builds. */
export async function librariesOf(
  { chain }: NewCode,
  identity: CodeIdentity | undefined,
  present: CodeIdentity | undefined,
  { chains, builds }: GateInput,
): Promise<LinkedLibrary[]> {
  const linked = linksOf(identity);
  if (identity === undefined || linked.length === 0) return [];
  const codes = await chains.get(chain).codes(linked.map((one) => one.address));
  const known = await builds.identify(codes, [identity.build]);
  return linked.map(({ library, address }, index) => ({
    library,
    address,
    code: codes[index] ?? "0x",
    built: known[index]?.equal.some((one) => one.contract === library) === true,
    asBefore: linksOf(present).some((one) => one.library === library && one.address === address),
  }));
}

function linksOf(identity: CodeIdentity | undefined) {
  return identity?.comparison.equal ? identity.comparison.libraries : [];
}

export function judgeLibraries(
  name: string,
  libraries: readonly LinkedLibrary[],
  declared: Readonly<Record<string, Address>>,
): Finding[] {
  return libraries.map(({ library, address, code, built, asBefore }) => {
    const short = library.slice(library.lastIndexOf(":") + 1);
    const evidence = `${library} is linked at ${address}`;
    const fix =
      "Deploy the library of the same build and link it, or name its address in the policy target under code.libraries.";
    if (code === "0x")
      return refuse("library-code", `The new code of ${name} is linked with a library ${short} that has no code.`, {
        evidence,
        fix,
      });
    if (delegateOf(code) !== undefined)
      return refuse(
        "library-code",
        `The new code of ${name} is linked with a person's account that borrows code (EIP-7702).`,
        { evidence, fix },
      );
    const wanted = [short, library].filter((one) => Object.hasOwn(declared, one)).map((one) => declared[one])[0];
    if (wanted !== undefined && wanted !== address)
      return refuse("library", `The new code of ${name} is linked with another library ${short} than policy says.`, {
        evidence: `${evidence}; policy says ${wanted}`,
        fix,
      });
    if (built || asBefore || wanted !== undefined) {
      const why = built ? "its code is that of the build" : asBefore ? "it is linked there now" : "policy says so";
      return info("library-known", `The new code of ${name} is linked with the library ${short}, and ${why}.`, {
        evidence,
      });
    }
    return refuse(
      "library",
      `The new code of ${name} is linked with a library ${short} whose code is not that of the build: it would run with the proxy's storage.`,
      { evidence, fix },
    );
  });
}
