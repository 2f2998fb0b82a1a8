/**
 * Where namespaced storage really lies: the slots that a contract's own functions give to its storage structs, worked out
 * from the syntax tree, whatever the comment above the struct says (ERC-7201, and the diamonds before it).
 */

import { concat, keccak256, numberToHex, stringToBytes } from "viem";
import type { Hex } from "../domain/primitives.ts";
import { child, documentationOf, isNode, list, nodesOf, type TreeNode } from "./syntax-tree.ts";

export interface StorageAccessor {
  /** The struct's full name, such as "Vault.VaultStorage". */
  struct: string;
  /** The contract whose function gives it a slot. */
  contract: string;
  /** The namespace that its comment names, without "erc7201:". */
  annotated: string | undefined;
  /** Undefined where it could not be worked out. */
  slot: Hex | undefined;
  members: { name: string; type: string }[];
}

/** keccak256(keccak256(id) - 1) with the last byte zero: https://eips.ethereum.org/EIPS/eip-7201 */
export function erc7201Slot(id: string): Hex {
  const inner = BigInt(keccak256(stringToBytes(id))) - 1n;
  return numberToHex(BigInt(keccak256(numberToHex(inner, { size: 32 }))) & ~0xffn, { size: 32 });
}

/** Of a contract and everything it inherits, each struct and slot once. */
export function accessorsOf(contract: TreeNode, byId: ReadonlyMap<number, TreeNode>): StorageAccessor[] {
  const found = new Map<string, StorageAccessor>();
  for (const base of linearised(contract, byId))
    for (const definition of list(base, "nodes").filter((one) => one.nodeType === "FunctionDefinition")) {
      const one = accessor(base, definition, byId);
      if (one !== undefined) found.set(`${one.struct}/${one.slot}`, one);
    }
  return [...found.values()];
}

/** The contract itself first, then what it inherits, as the compiler orders them. */
export function linearised(contract: TreeNode, byId: ReadonlyMap<number, TreeNode>): TreeNode[] {
  const ids = contract.linearizedBaseContracts;
  if (!Array.isArray(ids)) return [contract];
  return ids.map((id) => byId.get(Number(id))).filter((one) => one !== undefined);
}

function accessor(
  base: TreeNode,
  definition: TreeNode,
  byId: ReadonlyMap<number, TreeNode>,
): StorageAccessor | undefined {
  const [returned, second] = list(child(definition, "returnParameters"), "parameters");
  if (returned === undefined || second !== undefined || returned.storageLocation !== "storage") return undefined;
  const struct = byId.get(Number(child(returned, "typeName")?.referencedDeclaration));
  const [assembly] = nodesOf(definition.body, "InlineAssembly");
  if (struct?.nodeType !== "StructDefinition" || assembly === undefined) return undefined;
  const [assignment] = nodesOf(assembly, "YulAssignment");
  return {
    struct: String(struct.canonicalName ?? struct.name),
    contract: String(base.name),
    annotated: /@custom:storage-location\s+erc7201:(\S+)|^custom:storage-location erc7201:(\S+)/m
      .exec(documentationOf(struct))
      ?.slice(1)
      .find(Boolean),
    slot: slotOf(child(assignment, "value"), assembly, definition, byId),
    members: list(struct, "members").map((one) => ({
      name: String(one.name),
      type: String(one.typeDescriptions?.typeString ?? ""),
    })),
  };
}

function slotOf(
  value: TreeNode | undefined,
  assembly: TreeNode,
  definition: TreeNode,
  byId: ReadonlyMap<number, TreeNode>,
): Hex | undefined {
  if (value?.nodeType === "YulLiteral") return wordOf(literal(String(value.value)));
  if (value?.nodeType !== "YulIdentifier") return undefined;
  const reference = list(assembly, "externalReferences").find((one) => one.src === value.src);
  const declaration = byId.get(Number(reference?.declaration));
  if (declaration === undefined) return undefined;
  if (isNode(declaration.value)) return wordOf(evaluate(declaration.value, byId, 0));
  if (isChanged(declaration, definition)) return undefined;
  for (const statement of nodesOf(definition.body, "VariableDeclarationStatement"))
    if (list(statement, "declarations").some((one) => one.id === declaration.id))
      return wordOf(evaluate(child(statement, "initialValue"), byId, 0));
  return undefined;
}

/** Whether a local variable is given anything after its declaration. */
function isChanged({ id }: TreeNode, definition: TreeNode): boolean {
  for (const assignment of nodesOf(definition.body, "Assignment"))
    for (const name of nodesOf(assignment.leftHandSide, "Identifier"))
      if (name.referencedDeclaration === id) return true;
  for (const operation of nodesOf(definition.body, "UnaryOperation"))
    if (child(operation, "subExpression")?.referencedDeclaration === id) return true;
  return false;
}

const wordOf = (value: bigint | undefined): Hex | undefined =>
  value === undefined || value < 0n || value >= 1n << 256n ? undefined : numberToHex(value, { size: 32 });

function literal(text: string): bigint | undefined {
  return /^(0x[0-9a-fA-F]+|\d+)$/.test(text) ? BigInt(text) : undefined;
}

/** A constant expression's value; undefined for anything that is not one, or is deeper than anybody writes. */
function evaluate(node: TreeNode | undefined, byId: ReadonlyMap<number, TreeNode>, depth: number): bigint | undefined {
  if (node === undefined || depth > 20) return undefined;
  const inner = (one: TreeNode | undefined) => evaluate(one, byId, depth + 1);
  switch (node.nodeType) {
    case "Literal":
      return node.kind === "number" ? literal(String(node.value)) : undefined;
    case "TupleExpression":
      return inner(list(node, "components")[0]);
    case "UnaryOperation": {
      const value = inner(child(node, "subExpression"));
      return value === undefined || node.operator !== "~" ? undefined : ((1n << 256n) - 1n) ^ value;
    }
    case "BinaryOperation":
      return combined(
        String(node.operator),
        inner(child(node, "leftExpression")),
        inner(child(node, "rightExpression")),
      );
    case "Identifier":
    case "MemberAccess":
      return inner(child(byId.get(Number(node.referencedDeclaration)), "value"));
    case "FunctionCall":
      return called(node, byId, depth);
    default:
      return undefined;
  }
}

function combined(operator: string, left: bigint | undefined, right: bigint | undefined): bigint | undefined {
  if (left === undefined || right === undefined) return undefined;
  const all = (1n << 256n) - 1n;
  switch (operator) {
    case "-":
      return (left - right) & all;
    case "+":
      return (left + right) & all;
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    default:
      return undefined;
  }
}

function called(node: TreeNode, byId: ReadonlyMap<number, TreeNode>, depth: number): bigint | undefined {
  const [first] = list(node, "arguments");
  if (node.kind === "typeConversion") return evaluate(first, byId, depth + 1);
  const callee = child(node, "expression");
  if (callee?.name === "keccak256") return hashed(first, byId, depth);
  if (callee?.name === "erc7201") return isString(first) ? BigInt(erc7201Slot(String(first?.value))) : undefined;
  // A function that only gives a constant, as OpenZeppelin's _initializableStorageSlot() does.
  const definition = byId.get(Number(callee?.referencedDeclaration));
  const [statement, second] = list(child(definition, "body"), "statements");
  if (statement?.nodeType !== "Return" || second !== undefined) return undefined;
  return evaluate(child(statement, "expression"), byId, depth + 1);
}

const isString = (node: TreeNode | undefined) => node?.nodeType === "Literal" && node.kind === "string";

/** keccak256 of a text, of bytes(text), of abi.encodePacked(text), or of abi.encode(words). */
function hashed(node: TreeNode | undefined, byId: ReadonlyMap<number, TreeNode>, depth: number): bigint | undefined {
  if (isString(node)) return BigInt(keccak256(stringToBytes(String(node?.value))));
  if (node?.nodeType !== "FunctionCall") return undefined;
  const args = list(node, "arguments");
  const [first] = args;
  const name = child(node, "expression")?.memberName;
  if (isString(first) && args.length === 1 && name !== "encode")
    return BigInt(keccak256(stringToBytes(String(first?.value))));
  if (name !== "encode") return undefined;
  const words = args.map((one) => wordOf(evaluate(one, byId, depth + 1)));
  return words.some((one) => one === undefined) ? undefined : BigInt(keccak256(concat(words as Hex[])));
}
