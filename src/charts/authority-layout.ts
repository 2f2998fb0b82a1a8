/** Where the boxes of an authority graph stand: whoever has power on the left, what they have it over further right. */

export interface Edge {
  from: string;
  to: string;
}

export interface Place {
  x: number;
  y: number;
}

export const box = { width: 196, height: 46 };
const gap = { column: 132, row: 18 };
/** Around everything. */
export const margin = 18;

/** By node. Columns follow the longest way to each; within one, nodes stand near those they hang on. */
export function placesOf(nodes: readonly string[], edges: readonly Edge[]): Map<string, Place> {
  const ranks = ranksOf(nodes, edges);
  const columns = Array.from({ length: Math.max(...ranks.values(), 0) + 1 }, (_, rank) =>
    nodes.filter((one) => ranks.get(one) === rank),
  );
  const tallest = Math.max(...columns.map((one) => one.length));
  const places = new Map<string, Place>();
  for (const [rank, column] of columns.entries()) {
    const ordered = rank === 0 ? grouped(column, edges) : nearTheirs(column, edges, places);
    const free = ((tallest - column.length) * (box.height + gap.row)) / 2;
    for (const [row, node] of ordered.entries())
      places.set(node, {
        x: margin + rank * (box.width + gap.column),
        y: margin + free + row * (box.height + gap.row),
      });
  }
  return places;
}

/** Powers may go round in circles: an edge that closes one is not followed. */
function ranksOf(nodes: readonly string[], edges: readonly Edge[]): Map<string, number> {
  const ranks = new Map<string, number>();
  const rank = (node: string, path: readonly string[]): number => {
    const known = ranks.get(node);
    if (known !== undefined) return known;
    const above = edges.filter((one) => one.to === node && one.from !== node && !path.includes(one.from));
    const found = Math.max(-1, ...above.map((one) => rank(one.from, [...path, node]))) + 1;
    if (path.length === 0) ranks.set(node, found);
    return found;
  };
  for (const node of nodes) rank(node, []);
  return ranks;
}

/** Those that have power over the same stand together; most powers first. */
function grouped(column: readonly string[], edges: readonly Edge[]): string[] {
  const reach = (node: string) => edges.filter((one) => one.from === node).length;
  const first = (node: string) => edges.find((one) => one.from === node)?.to ?? "";
  return [...column].sort((a, b) => first(a).localeCompare(first(b)) || reach(a) - reach(b));
}

function nearTheirs(column: readonly string[], edges: readonly Edge[], places: ReadonlyMap<string, Place>): string[] {
  const middle = (node: string) => {
    const heights = edges.filter((one) => one.to === node).flatMap((one) => places.get(one.from)?.y ?? []);
    return heights.length === 0 ? 0 : heights.reduce((a, b) => a + b, 0) / heights.length;
  };
  return [...column].sort((a, b) => middle(a) - middle(b));
}
