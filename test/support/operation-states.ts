import type { TestCouncil } from "./embedded.ts";

/** Of UP-1's operations as the embedded chain's timelock has them, in the order of its transactions. */
export async function operationStates(council: TestCouncil): Promise<string[]> {
  const { review } = await council.state();
  const chain = council.chains.get("eip155:31337");
  const ids = (review?.transactions ?? []).flatMap((tx) => (tx.operationId === undefined ? [] : [tx.operationId]));
  return Promise.all(ids.map(async (id) => (await chain.operation(council.world.timelock, id)).state));
}
