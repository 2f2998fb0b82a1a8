/** Looking around in solc's syntax tree (its JSON form), which is handed over by whoever made the build: nothing in it is believed. */

/** As far as it is read here. */
export interface TreeNode {
  id?: number;
  nodeType?: string;
  name?: string;
  src?: string;
  typeDescriptions?: { typeString?: string | null; typeIdentifier?: string | null };
  [key: string]: unknown;
}

export function isNode(value: unknown): value is TreeNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every node of a kind at or below `root`, outermost first; `within` says where not to look further. */
export function* nodesOf(
  root: unknown,
  kind: string,
  skip: (node: TreeNode) => boolean = () => false,
): Generator<TreeNode> {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (Array.isArray(value)) {
      for (let index = value.length - 1; index >= 0; index--) open.push(value[index]);
    } else if (isNode(value) && !skip(value)) {
      if (value.nodeType === kind) yield value;
      const children = Object.values(value);
      for (let index = children.length - 1; index >= 0; index--) {
        const child = children[index];
        if (typeof child === "object" && child !== null) open.push(child);
      }
    }
  }
}

/** A node's list under a name: `list(contract, "nodes")`. */
export function list(node: TreeNode | undefined, key: string): TreeNode[] {
  const value = node?.[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function child(node: TreeNode | undefined, key: string): TreeNode | undefined {
  const value = node?.[key];
  return isNode(value) ? value : undefined;
}

/** The text of a NatSpec comment, which older compilers give as a bare string. */
export function documentationOf(node: TreeNode): string {
  const { documentation } = node;
  if (typeof documentation === "string") return documentation;
  return isNode(documentation) && typeof documentation.text === "string" ? documentation.text : "";
}

/** All nodes with a number, of all sources of a build. */
export function nodesById(sources: Record<string, { ast?: unknown }>): Map<number, TreeNode> {
  const found = new Map<number, TreeNode>();
  const kinds = [
    "ContractDefinition",
    "FunctionDefinition",
    "ModifierDefinition",
    "VariableDeclaration",
    "StructDefinition",
  ];
  for (const { ast } of Object.values(sources))
    for (const kind of kinds)
      for (const node of nodesOf(ast, kind)) if (node.id !== undefined) found.set(node.id, node);
  return found;
}
