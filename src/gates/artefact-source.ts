/** Whether new code is what the named build makes, and what differs where it is not. */

import type { BuildInventory, CodeIdentity, Identified } from "../build-facts.ts";
import { delegateOf } from "../domain/bytecode.ts";
import type { Finding } from "../domain/events.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { findings } from "./gate.ts";

const { refuse, flag, info } = findings("artefact");

export interface SourceFacts {
  name: string;
  to: Address;
  code: Hex;
  codeHash: Hex;
  /** Builds that the package names. */
  named: readonly Hex[];
  /** A package can name its source; a single transaction cannot, and is compared with all that is there. */
  mayName: boolean;
  inventory: BuildInventory;
  /** Among the named builds; among all where none is named. */
  identified: Identified;
  requireSource: boolean;
  /** The present code is of a known build: who has builds of a contract is meant to have the next one's. */
  presentIsBuilt: boolean;
  denied: readonly Hex[];
}

/** The contract of a build that the code is, if it is one, and what is to be said about that. */
export function judgeSource(facts: SourceFacts): { identity: CodeIdentity | undefined; findings: Finding[] } {
  const { name, to, code, codeHash, denied } = facts;
  const only = (finding: Finding) => ({ identity: undefined, findings: [finding] });
  if (code === "0x")
    return only(
      refuse(
        "no-code",
        `There is no code at the new implementation of ${name} yet: whatever is deployed there later would run.`,
        {
          evidence: to,
          fix: "Deploy it, and build the package again: its code hash belongs in there.",
        },
      ),
    );
  const delegate = delegateOf(code);
  if (delegate !== undefined)
    return only(
      refuse(
        "delegated",
        `The new implementation of ${name} is a person's account that borrows code (EIP-7702): its key can change the code at any time.`,
        {
          evidence: `${to} delegates to ${delegate}`,
          fix: "Deploy the implementation as a contract of its own.",
        },
      ),
    );
  const { identity, findings: found } = fromBuild(facts);
  if (denied.includes(codeHash))
    found.unshift(
      refuse("denied", `Policy refuses the new code of ${name} by its hash.`, {
        evidence: codeHash,
        fix: "It stands under code.denied of the policy target, and somebody had a reason: ask.",
      }),
    );
  return { identity, findings: found };
}

function fromBuild(facts: SourceFacts): { identity: CodeIdentity | undefined; findings: Finding[] } {
  const { name, named, inventory, identified, requireSource, presentIsBuilt } = facts;
  const [identity] = identified.equal;
  if (named.length === 0 && (facts.mayName || identity === undefined)) {
    const seen =
      identity === undefined ? "" : ` It equals ${identity.contract} of ${identity.file}, which nobody named.`;
    if (!requireSource && !presentIsBuilt && identity === undefined) return { identity, findings: [notAsked(facts)] };
    const severity = requireSource ? refuse : flag;
    return {
      identity,
      findings: [
        severity(
          "no-source",
          `Nothing names the source of the new code of ${name}, so nobody can say that it is what was reviewed.${seen}`,
          {
            evidence: `${facts.to}, code hash ${facts.codeHash}`,
            fix: "Name repository, commit and build of the release in the policy target, put the build file into the builds folder, and build the package again.",
          },
        ),
      ],
    };
  }
  const missing = named.filter((hash) => !inventory.files.some((one) => one.hash === hash));
  if (identity === undefined && missing.length > 0) return { identity, findings: [missingBuild(missing, facts)] };
  if (identity === undefined) return { identity, findings: [another(facts)] };
  const { comparison, contract, file } = identity;
  const metadata = comparison.equal && comparison.metadataDiffers;
  return {
    identity,
    findings: [
      info(
        "built",
        `The new code of ${name} is ${contract} of the named build${metadata ? ", but for the compiler's note about its sources (comments or paths differ)" : ""}.`,
        {
          evidence: `${file}, build ${identity.build}, code hash ${facts.codeHash}`,
        },
      ),
    ],
  };
}

/** Where nobody keeps builds and policy asks for none, that is how the council works: it is told, and no more. */
function notAsked({ name, to, codeHash }: SourceFacts): Finding {
  return info(
    "source-not-asked",
    `The new code of ${name} was compared with no source: none is named, and policy does not ask for one.`,
    {
      evidence: `${to}, code hash ${codeHash}`,
      fix: "Say code.requireSource in the policy target, and put the builds into the builds folder, to have it compared.",
    },
  );
}

function missingBuild(missing: readonly Hex[], { name, inventory }: SourceFacts): Finding {
  const there = inventory.files.map((one) => `${one.file} ${one.hash}`).join("; ") || "no build";
  const broken = inventory.faults.map((one) => `${one.file}: ${one.reason}`).join("; ");
  return refuse(
    "build-missing",
    `The package names a build for ${name} that is not in the builds folder, or is there with other bytes.`,
    {
      evidence: `named ${missing.join(", ")}; there is ${there}${broken === "" ? "" : `; not usable: ${broken}`}`,
      fix: "Put the build file of that commit into the builds folder, unchanged; what is there now may be a later one.",
    },
  );
}

function another({ name, identified, to }: SourceFacts): Finding {
  const { closest } = identified;
  const comparison = closest?.comparison;
  if (closest === undefined || comparison === undefined || comparison.equal)
    return refuse("code", `The new code of ${name} is of no contract of the named build.`, { evidence: to });
  const { range, deployed, built, reason } = comparison;
  const last = range.start + range.length - 1;
  return refuse(
    "code",
    `The new code of ${name} is not what the named build makes: ${reason}, first at byte ${range.start}.`,
    {
      evidence: `closest is ${closest.contract} of ${closest.file}; bytes ${range.start} to ${last} are ${deployed} on the chain and ${built} in the build`,
      fix: "Deploy what was built and reviewed, or name the build that this was made from.",
    },
  );
}
