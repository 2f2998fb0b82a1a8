/** What a contract behind a proxy must have, read off its syntax tree: a guarded upgrade, and initialisers locked in itself. */

import type { LayoutFact } from "../build-facts.ts";
import type { ProxyKind } from "../chain-facts.ts";
import { linearised } from "./storage-accessors.ts";
import { child, list, nodesOf, type TreeNode } from "./syntax-tree.ts";

type ById = ReadonlyMap<number, TreeNode>;

export function proxySafety(contract: TreeNode, byId: ById, kind: ProxyKind): LayoutFact[] {
  const bases = linearised(contract, byId);
  const subject = String(contract.name);
  const facts: LayoutFact[] = [];
  const authorize = firstFunction(bases, "_authorizeUpgrade");
  if (kind === "uups" && authorize !== undefined && !isGuarded(authorize, byId))
    facts.push({ kind: "upgrade-open", subject, before: "", after: "_authorizeUpgrade" });
  const initialisers = bases.flatMap(functionsOf).filter((one) => usesModifier(one, /^(re)?initializer$/));
  const constructors = bases.flatMap(functionsOf).filter((one) => one.kind === "constructor");
  const locked = constructors.some((one) => usesModifier(one, /^initializer$/) || calls(one, "_disableInitializers"));
  const [open] = initialisers.filter((one) => one.kind !== "constructor");
  if (open !== undefined)
    facts.push({ kind: "initialisers", subject, before: locked ? "locked" : "", after: String(open.name) });
  const [stored] = constructors.flatMap((one) => [...assignedIn(one, byId)]);
  if (stored !== undefined) facts.push({ kind: "constructor", subject, before: "", after: stored });
  return facts;
}

/** State variables that a constructor sets in the implementation itself; immutable ones are part of its code. */
function* assignedIn(definition: TreeNode, byId: ById): Generator<string> {
  for (const assignment of nodesOf(definition.body, "Assignment")) {
    const variable = byId.get(Number(child(assignment, "leftHandSide")?.referencedDeclaration));
    if (variable?.stateVariable === true && variable.mutability === "mutable") yield String(variable.name);
  }
}

const functionsOf = (base: TreeNode) => list(base, "nodes").filter((one) => one.nodeType === "FunctionDefinition");

/** The one that runs: the most derived that has a body. */
function firstFunction(bases: readonly TreeNode[], name: string): TreeNode | undefined {
  return bases.flatMap(functionsOf).find((one) => one.name === name && child(one, "body") !== undefined);
}

/** Whether anything in it could refuse: a modifier that does, or a call, a condition or a revert of its own. */
function isGuarded(definition: TreeNode, byId: ById): boolean {
  const modifiers = list(definition, "modifiers").map((one) =>
    byId.get(Number(child(one, "modifierName")?.referencedDeclaration)),
  );
  return [definition, ...modifiers].some((one) => one !== undefined && mayRefuse(child(one, "body")));
}

function mayRefuse(body: TreeNode | undefined): boolean {
  const skip = (node: TreeNode) => node.nodeType === "EmitStatement";
  return ["FunctionCall", "IfStatement", "RevertStatement", "InlineAssembly"].some(
    (kind) => !nodesOf(body, kind, skip).next().done,
  );
}

function usesModifier(definition: TreeNode, name: RegExp): boolean {
  return list(definition, "modifiers").some((one) => name.test(String(child(one, "modifierName")?.name)));
}

function calls(definition: TreeNode, name: string): boolean {
  for (const call of nodesOf(definition.body, "FunctionCall"))
    if (child(call, "expression")?.name === name) return true;
  return false;
}
