/** Embedded mode: a chain of our own, the sample council, an ephemeral store, and people whose wallets are local. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Builds } from "./build-facts.ts";
import { openBuilds } from "./builds/open-builds.ts";
import { openChains } from "./chain/open.ts";
import type { Outcome } from "./command.ts";
import type { Rules } from "./domain/decision.ts";
import type { Policy } from "./domain/policy.ts";
import type { ChainId } from "./domain/primitives.ts";
import { type BlockProducer, startBlocks } from "./embedded/block-producer.ts";
import { embeddedGasAccount, spareWallet } from "./embedded/people.ts";
import { advanceTime } from "./embedded/trade.ts";
import { localWallet, signMessage } from "./embedded/wallet.ts";
import { type StartedWorld, startWorld } from "./embedded/world.ts";
import { compose, type Quorate } from "./main.ts";
import type { Pager } from "./pager-port.ts";
import { openPeopleLog, type PeopleLog, type PeopleOutcome } from "./people/people-log.ts";
import { readPolicy } from "./policy-folder/read-policy.ts";
import type { Chains, ChatPlatform, Store } from "./ports.ts";
import { openStore } from "./store/open-store.ts";
import type { MessageItem, SignatureItem, TransactionItem } from "./view.ts";
import type { WatchdogOptions } from "./watchdog-parts.ts";

export interface EmbeddedOptions {
  /** Folder of the sample policy. */
  policies: string;
  /** Milliseconds between trading blocks. */
  blockMs?: number;
  platforms: ChatPlatform[];
  rules?: Rules;
  /** Address of the signing page; see {@link import("./main.ts").Parts}. */
  signingPage?: string | undefined;
  /** Whoever starts several of these opens the builds once for all, and closes them; by default each has its own. */
  builds?: Builds | undefined;
  pagers?: readonly Pager[];
  watchdog?: WatchdogOptions | undefined;
  /** Told of every message to the chain's RPC. */
  sent?(chain: ChainId): void;
  /** How the program reaches the chain, given the node's URL: as a setting has it. By default the node, with heads pushed. */
  rpc?(node: string): string;
  /** Wraps what the program is given; a rehearsal tampers here. */
  wrap?(parts: { store: Store; chains: Chains }): { store: Store; chains: Chains };
  onFault(where: string, fault: unknown): void;
}

export interface EmbeddedQuorate {
  world: StartedWorld;
  policy: Policy;
  people: PeopleLog;
  store: Store;
  chains: Chains;
  builds: Builds;
  /** Where the store lies. */
  dataDir: string;
  quorate: Quorate;
  /** Moves the chain's time forward and mines blocks with trades in between; resolves when all of it was seen. */
  advance(seconds: bigint, blocks?: number): Promise<void>;
  /** The person's local wallet signs, and the intake takes it like any wallet's. */
  sign(account: string, ceremony: string, item: SignatureItem | TransactionItem): Promise<Outcome>;
  /** The person's spare wallet signs the text by which it is linked to them. */
  signMessage(account: string, message: MessageItem): Promise<PeopleOutcome>;
  stop(): Promise<void>;
}

/** The store lies in a temporary folder and goes with the chain: embedded mode keeps nothing. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedQuorate> {
  const files = await readPolicy(options.policies);
  const dataDir = await mkdtemp(join(tmpdir(), "quorate-"));
  const world = await startWorld();
  const store = await openStore({ dataDir });
  const id = `eip155:${world.chainId}` as const;
  const rpc = options.rpc?.(world.url);
  const gasKey = embeddedGasAccount.privateKey;
  const tell = options.sent === undefined ? {} : { sent: options.sent };
  const chains = openChains({ rpc: { [id]: rpc ?? world.url }, gasKey, ws: rpc === undefined ? [id] : [], ...tell });
  const blocks: BlockProducer = await startBlocks(world, {
    intervalMs: options.blockMs ?? 3000,
    onFault: (fault) => options.onFault("blocks", fault),
  });
  const builds = options.builds ?? openBuilds(join(options.policies, "builds"));
  const ground = { world, chains, builds, store, dataDir, files };
  const bot = await embeddedOn(ground, options);
  return {
    ...bot,
    async stop() {
      await blocks.stop();
      await bot.quorate.stop();
      chains.close();
      if (builds !== options.builds) await builds.close();
      await store.close();
      await world.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What is there before the bot and after it. */
export interface EmbeddedGround {
  world: StartedWorld;
  chains: Chains;
  builds: Builds;
  store: Store;
  dataDir: string;
  /** As the policy folder has it. */
  files: Policy;
}

/** A bot on ground that is somebody else's to clear: only `quorate` is to be stopped. */
export async function embeddedOn(
  { files, ...ground }: EmbeddedGround,
  options: EmbeddedOptions,
): Promise<Omit<EmbeddedQuorate, "stop">> {
  const { world, chains, builds, store } = ground;
  const wrapped = options.wrap?.({ store, chains }) ?? { store, chains };
  const people = await openPeopleLog(wrapped.store, files);
  const { policy } = people;
  const quorate = compose({
    ...{ ...options, ...wrapped, builds, policy, people, clock: world.time },
    // Where next to no block comes by itself, tests make them: that is no silence.
    blocksOnDemand: (options.blockMs ?? 0) > 60_000,
    localWallet: (person) => spareWallet(person)?.address,
  });
  return {
    ...ground,
    policy,
    people,
    quorate,
    async advance(seconds, count) {
      await advanceTime(world, seconds, count ?? blocksFor(seconds));
      await quorate.settle();
    },
    async sign(account, ceremony, item) {
      const wallet = localWallet(personOf(account), world.url);
      if (item.kind === "signature")
        return quorate.intake.signature(account, ceremony, item.hashes.safeTxHash, await wallet.signTypedData(item));
      const outcome = await quorate.intake.transaction(account, ceremony, await wallet.signTransaction(item));
      // A wallet counts its nonce on once a transaction is on its way: the next item must not get the same one.
      await quorate.outbox.settled();
      return outcome;
    },
    async signMessage(account, message) {
      return quorate.people.proveText(account, message.text, await signMessage(personOf(account), message.text));
    },
  };
}

/** The sample council's accounts carry the person's id. */
const personOf = (account: string) => account.replace(/^[a-z]+:/, "");

/** A block a minute up to an hour, then fewer: 48 hours are a dozen blocks, half an hour is thirty. */
function blocksFor(seconds: bigint): number {
  if (seconds <= 3600n) return Math.max(1, Math.min(60, Number(seconds / 30n)));
  return 12;
}
