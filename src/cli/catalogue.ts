/** `quorate catalogue`: the transactions that put onto a chain what is asked of it on every block, for anybody to send. */

import { isNoCode } from "../ceremonies/build-package.ts";
import { createLogReader } from "../ceremonies/log-reader.ts";
import { deployments, evaluatorAddress, pieceCodes } from "../chain/evaluator/evaluator.ts";
import { kindsOf } from "../chain/evaluator/plan.ts";
import { deterministicDeployer } from "../chain/preconditions/preconditions.ts";
import type { Policy } from "../domain/policy.ts";
import { type Address, type ChainId, chainId, type Hex } from "../domain/primitives.ts";
import type { Catalogue } from "../domain/watch/catalogue.ts";
import { readEnvironment } from "../env.ts";
import { readPolicy } from "../policy-folder/read-policy.ts";
import type { Chains, Store } from "../ports.ts";
import { openStoreToRead } from "../store/open-store.ts";
import { createBaselines } from "../watch/baselines.ts";
import { measuringPlans } from "../watch/measuring-plans.ts";
import { CliFault } from "./fault.ts";
import { openChainsToRead } from "./read-only-chains.ts";

export interface CatalogueFlags {
  chainId: string;
  json?: boolean;
}

/** What --json prints. */
interface CatalogueReport {
  chain: ChainId;
  /** Whether chains.yaml has it looked for there. */
  deployedCatalogues: boolean;
  /** Metrics by ceremony, as they are asked for now, and how many bytes that is. */
  metrics: string[];
  bytes: number;
  /** In this order, each without value. */
  transactions: { what: string; at: Address; there: boolean; to: Address; data: Hex }[];
}

/** Throws {@link CliFault} 2 where the chain is not configured. Runs beside a running Quorate. */
export async function showCatalogue({ chainId: number, json = false }: CatalogueFlags): Promise<void> {
  const parsed = chainId.safeParse(`eip155:${number}`);
  if (!parsed.success) throw new CliFault(2, `${number} is not the number of a chain.`);
  const { policies, dataDir, databaseUrl } = readEnvironment();
  const policy = await readPolicy(policies);
  const chains = openChainsToRead();
  try {
    const store = await openStoreToRead(databaseUrl === undefined ? { dataDir } : { databaseUrl });
    try {
      const report = await catalogueNow({ store, chains, policy, id: parsed.data });
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : forPeople(report));
    } finally {
      await store.close();
    }
  } finally {
    chains.close();
  }
}

interface Parts {
  store: Pick<Store, "streams" | "read" | "samples" | "blob">;
  chains: Chains;
  policy: Policy;
  id: ChainId;
}

/** What the watch asks for on every block now. Another ceremony that is measured, or one less, makes it another. */
export async function catalogueNow({ store, chains, policy, id }: Parts): Promise<CatalogueReport> {
  const read = createLogReader();
  const streams = await store.streams("ceremony/");
  const states = await Promise.all(
    streams.map(async ({ stream }) => read(stream.slice("ceremony/".length), stream, await store.read(stream)).state),
  );
  const baselines = createBaselines({
    store: { samples: store.samples, blob: store.blob, addSamples: async () => undefined },
    chains,
    clock: { now: () => 0n },
    // With a value missing it would be another catalogue than the watch's.
    onFault(where, fault) {
      throw new CliFault(2, `The ${where} could not be read: ${fault instanceof Error ? fault.message : fault}`);
    },
  });
  const { latest } = await measuringPlans(id, policy, baselines).now(states.filter((one) => one !== undefined));
  const pieces = codesOf(latest.catalogue);
  const chain = chains.get(id);
  const transactions = await Promise.all(
    deployments(pieces).map(async ({ at, data }, index) => ({
      what: at === evaluatorAddress ? "Evaluator" : `catalogue, part ${index} of ${pieces.length}`,
      ...{ at, there: !isNoCode(await chain.codeHash(at)), to: deterministicDeployer, data },
    })),
  );
  return {
    chain: id,
    deployedCatalogues: policy.chains.find((one) => one.id === id)?.deployedCatalogues ?? false,
    metrics: latest.measured.map((one) => one.key),
    bytes: pieces.reduce((sum, code) => sum + code.length / 2 - 2, 0),
    transactions,
  };
}

/** Storage is read by code in the accounts' place: that goes up with every block wherever the rest is. */
function codesOf(catalogue: Catalogue): Hex[] {
  const calls = kindsOf(catalogue).find(({ judged }) => judged === "call");
  return calls === undefined ? [] : pieceCodes(`0x${calls.code}`);
}

function forPeople({ chain, deployedCatalogues, metrics, bytes, transactions }: CatalogueReport): string {
  const missing = transactions.filter((one) => !one.there);
  const measured =
    metrics.length === 0
      ? `Nothing is measured on ${chain} now, so only the contract that judges is named.`
      : `${metrics.length} metrics are asked for on ${chain} on every block, ${bytes} bytes.`;
  const wanted =
    missing.length === 0
      ? "All of it is there."
      : `${missing.length} of ${transactions.length} contracts are missing. Anybody may send these, in this order and without value, to ${deterministicDeployer}:`;
  const unused = deployedCatalogues
    ? []
    : [`It is not looked for there: chains.yaml does not say deployedCatalogues: true for ${chain}.`];
  const lines = transactions.map(({ what, at, there, data }) =>
    there ? `${what} at ${at}: there` : `${what} at ${at}: missing\n${data}`,
  );
  return `${[measured, ...unused, wanted, ...lines].join("\n")}\n`;
}
