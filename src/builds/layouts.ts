/**
 * What changes in storage between two builds' contracts, and what makes a contract unfit behind a proxy. OpenZeppelin's
 * upgrades-core compares the layouts; what it believes of comments is worked out again from code and syntax tree.
 */

import {
  concatRunData,
  getContractVersion,
  getErrors,
  getStorageLayout,
  getStorageUpgradeReport,
  type StorageLayout,
  solcInputOutputDecoder,
  type ValidationRunData,
  validate,
  withValidationDefaults,
} from "@openzeppelin/upgrades-core";
import type { LayoutAnswer, LayoutFact, LayoutQuestion } from "../build-facts.ts";
import { walkCode } from "../domain/code-walk.ts";
import type { Build } from "./compiler-json.ts";
import { layoutOperation } from "./layout-operations.ts";
import { namespaceFacts } from "./namespaces.ts";
import { proxySafety } from "./proxy-safety.ts";
import { nodesById, nodesOf, type TreeNode } from "./syntax-tree.ts";

/** A build with everything that is asked of it again and again. */
export interface ExaminedBuild {
  run: ValidationRunData;
  byId: ReadonlyMap<number, TreeNode>;
  build: Build;
}

/** Throws where upgrades-core cannot read the build. */
export function examined(build: Build): ExaminedBuild | string {
  const { input, output, compiler } = build;
  if (input === undefined) return "it is a single artefact, without the sources of the contract";
  const sources = output.sources ?? {};
  const bare = Object.keys(output.contracts).find((unit) => sources[unit]?.ast === undefined);
  if (bare !== undefined) return `it has no syntax tree of ${bare}`;
  const unlaid = Object.entries(output.contracts).find(([, list]) =>
    Object.values(list).some((one) => one.storageLayout === undefined || one.evm?.bytecode === undefined),
  );
  if (unlaid !== undefined) return `it has no storage layout of ${unlaid[0]}`;
  const [solcInput, solcOutput] = [input, output] as unknown as Parameters<typeof solcInputOutputDecoder>;
  const run = validate(solcOutput, solcInputOutputDecoder(solcInput, solcOutput), compiler, solcInput);
  return { run, byId: nodesById(sources), build };
}

export function compareLayouts(from: ExaminedBuild, to: ExaminedBuild, question: LayoutQuestion): LayoutAnswer {
  const [before, after] = [unfold(from, question.from.contract), unfold(to, question.to.contract)];
  const report = getStorageUpgradeReport(before, after, withValidationDefaults({}));
  const contractBefore = definitionOf(from, question.from.contract);
  const contractAfter = definitionOf(to, question.to.contract);
  const constants = new Set(walkCode(question.code).constants);
  const facts = [
    ...report.ops.map(layoutOperation),
    ...declaredChanges(after),
    ...namespaceFacts(
      { definition: contractBefore, byId: from.byId },
      { definition: contractAfter, byId: to.byId },
      constants,
    ),
    ...errorsOf(to, question),
    ...proxySafety(contractAfter, to.byId, question.kind),
  ];
  const seen = new Set<string>();
  return { facts: facts.filter((one) => !seen.has(JSON.stringify(one)) && seen.add(JSON.stringify(one))) };
}

function unfold({ run }: ExaminedBuild, contract: string): StorageLayout {
  return getStorageLayout(dataOf(run), getContractVersion(run, contract));
}

/** The same in upgrades-core's type for data of several runs. */
const dataOf = (run: ValidationRunData) => concatRunData(run);

function definitionOf({ build }: ExaminedBuild, contract: string): TreeNode {
  const cut = contract.lastIndexOf(":");
  const [unit, name] = [contract.slice(0, cut), contract.slice(cut + 1)];
  for (const node of nodesOf(build.output.sources?.[unit]?.ast, "ContractDefinition"))
    if (node.name === name) return node;
  throw new Error(`The build has no syntax tree of ${contract}.`);
}

/** Comments by which sources ask for a change to be let through: they are said, not followed in silence. */
function declaredChanges({ storage, namespaces = {} }: StorageLayout): LayoutFact[] {
  return [...storage, ...Object.values(namespaces).flat()].flatMap(({ label, contract, renamedFrom, retypedFrom }) =>
    [renamedFrom, retypedFrom]
      .filter((from) => from !== undefined)
      .map((from) => ({
        kind: "declared-change" as const,
        subject: `${contract}.${label}`,
        before: from,
        after: label,
      })),
  );
}

type ContractError = ReturnType<typeof getErrors>[number];

const errorKinds = new Map<ContractError["kind"], LayoutFact["kind"]>([
  ["delegatecall", "delegatecall"],
  ["selfdestruct", "selfdestruct"],
  ["state-variable-assignment", "initial-value"],
  ["internal-function-storage", "function-pointer"],
  ["missing-public-upgradeto", "upgrade-missing"],
]);

/** Immutables and libraries are the artefact gate's, and initialisers are tried out in the simulation. */
function errorsOf({ run }: ExaminedBuild, { to, kind }: LayoutQuestion): LayoutFact[] {
  const version = getContractVersion(run, to.contract);
  return getErrors(dataOf(run), version, withValidationDefaults({ kind })).flatMap((error) => {
    const fact = errorKinds.get(error.kind);
    const name = "name" in error ? error.name : to.contract;
    return fact === undefined ? [] : [{ kind: fact, subject: error.src, before: "", after: name }];
  });
}
