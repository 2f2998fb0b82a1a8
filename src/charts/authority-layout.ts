/**
 * Where the boxes of an authority graph stand and where its arrows touch them: holders on the left, what they have power
 * over further right. An arrow past a column gets a lane of its own there, so that it crosses no box.
 */

export interface Edge {
  from: string;
  to: string;
}

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  height: number;
}

interface Layout {
  boxes: Map<string, Box>;
  /** By edge, in their order: where it leaves, where it passes columns, where it arrives. */
  ways: Point[][];
  width: number;
  height: number;
}

export const boxWidth = 196;
/** Around everything. */
export const margin = 18;
/** Between two arrows that touch one box. */
const port = 19;
const gap = { column: 176, row: 18 };
const least = 46;
const laneHeight = 12;

/** What stands in a column: a box, or the lane of an edge that goes further. */
interface Item {
  node?: string;
  edge?: Edge;
  y: number;
  height: number;
}

export function layoutOf(nodes: readonly string[], edges: readonly Edge[]): Layout {
  const ranks = ranksOf(nodes, edges);
  const rank = (node: string) => ranks.get(node) ?? 0;
  const columns: Item[][] = Array.from({ length: Math.max(...ranks.values()) + 1 }, () => []);
  for (const node of nodes) columns[rank(node)]?.push({ node, y: 0, height: heightOf(node, edges) });
  for (const edge of edges)
    for (let at = rank(edge.from) + 1; at < rank(edge.to); at += 1)
      columns[at]?.push({ edge, y: 0, height: laneHeight });
  const total = Math.max(...columns.map(heightOfColumn));
  for (const [at, column] of columns.entries()) {
    column.sort((a, b) => pull(a, at, columns, edges) - pull(b, at, columns, edges));
    let y = margin + (total - heightOfColumn(column)) / 2;
    for (const item of column) {
      item.y = y;
      y += item.height + gap.row;
    }
  }
  const xOf = (at: number) => margin + at * (boxWidth + gap.column);
  const boxes = new Map<string, Box>(
    columns.flatMap((column, at) =>
      column.flatMap(({ node, y, height }) => (node === undefined ? [] : [[node, { x: xOf(at), y, height }] as const])),
    ),
  );
  const lanes = (edge: Edge) =>
    columns.flatMap((column, at) => {
      const lane = column.find((item) => item.edge === edge);
      const y = (lane?.y ?? 0) + laneHeight / 2;
      return lane === undefined
        ? []
        : [
            { x: xOf(at), y },
            { x: xOf(at) + boxWidth, y },
          ];
    });
  return {
    boxes,
    ways: edges.map((edge) => [leaving(edge, edges, boxes), ...lanes(edge), arriving(edge, edges, boxes)]),
    width: xOf(columns.length - 1) + boxWidth + margin,
    height: total + 2 * margin,
  };
}

const heightOf = (node: string, edges: readonly Edge[]) =>
  Math.max(
    least,
    ...(["from", "to"] as const).map((end) => edges.filter((one) => one[end] === node).length * port + 8),
  );

const heightOfColumn = (column: readonly Item[]) =>
  column.reduce((sum, one) => sum + one.height, 0) + gap.row * Math.max(0, column.length - 1);

/** How high something wants to stand: beside what leads to it; in the first column, beside those that lead where it does. */
function pull({ node, edge }: Item, at: number, columns: readonly Item[][], edges: readonly Edge[]): number {
  const before = columns[at - 1] ?? [];
  const sources = edges.filter((one) => (edge === undefined ? one.to === node : one === edge));
  const seen = sources.flatMap((one) => before.find((item) => item.node === one.from || item.edge === one) ?? []);
  if (seen.length > 0) return seen.reduce((sum, one) => sum + one.y + one.height / 2, 0) / seen.length;
  // Those that reach far stand low, so that their lanes go below the boxes between.
  return edges.filter((one) => one.from === node).length * 1000;
}

/** Powers may go round in circles: an edge that closes one is not followed. */
function ranksOf(nodes: readonly string[], edges: readonly Edge[]): Map<string, number> {
  const rank = (node: string, path: readonly string[]): number => {
    const above = path.length > 5 ? [] : edges.filter((one) => one.to === node && !path.includes(one.from));
    return Math.max(-1, ...above.map((one) => rank(one.from, [...path, one.from]))) + 1;
  };
  return new Map(nodes.map((node) => [node, Math.min(rank(node, [node]), 4)]));
}

/** Ports in the order of the other ends, so that arrows at one box do not cross. */
function portOf(edge: Edge, list: readonly Edge[], box: Box, other: (one: Edge) => number): number {
  const ordered = [...list].sort((a, b) => other(a) - other(b));
  return box.y + box.height / 2 + (ordered.indexOf(edge) - (ordered.length - 1) / 2) * port;
}

const nowhere: Box = { x: 0, y: 0, height: 0 };
const middle = (box: Box = nowhere) => box.y + box.height / 2;

function leaving(edge: Edge, edges: readonly Edge[], boxes: ReadonlyMap<string, Box>): Point {
  const box = boxes.get(edge.from) ?? nowhere;
  const list = edges.filter((one) => one.from === edge.from);
  return { x: box.x + boxWidth, y: portOf(edge, list, box, (one) => middle(boxes.get(one.to))) };
}

function arriving(edge: Edge, edges: readonly Edge[], boxes: ReadonlyMap<string, Box>): Point {
  const box = boxes.get(edge.to) ?? nowhere;
  const list = edges.filter((one) => one.to === edge.to);
  return { x: box.x, y: portOf(edge, list, box, (one) => middle(boxes.get(one.from))) };
}
