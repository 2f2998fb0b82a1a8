/** By what an answer finds its question, where several are under way on one connection. */

/** The smallest id in a JSON-RPC message or batch; undefined where there is none, as in a notice. */
export function firstId(message: unknown): number | undefined {
  const list: readonly unknown[] = Array.isArray(message) ? message : [message];
  let first: number | undefined;
  for (const item of list) {
    const id = typeof item === "object" && item !== null && "id" in item ? item.id : undefined;
    if (typeof id === "number" && (first === undefined || id < first)) first = id;
  }
  return first;
}
