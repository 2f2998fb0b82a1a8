/** Quorate on chains that it did not start: RPC_<chainId>, GAS_KEY, the council's policy and the database. */

import { openBuilds } from "../builds/open-builds.ts";
import { type ChainsConfig, type OpenChains, openChains } from "../chain/open.ts";
import { openChatPlatforms, signingPage } from "../chat-platforms.ts";
import type { ChainPolicy } from "../domain/chain-policy.ts";
import type { Policy } from "../domain/policy.ts";
import { type Environment, readEnvironment } from "../env.ts";
import { compose, type Quorate } from "../main.ts";
import { createOperatorDesk, type OperatorDesk } from "../operator-desk.ts";
import { openPagers } from "../pagers.ts";
import { openPeopleLog } from "../people/people-log.ts";
import { readPolicy } from "../policy-folder/read-policy.ts";
import type { Chain, Chains, ChatPlatform } from "../ports.ts";
import { openStore } from "../store/open-store.ts";
import type { Card } from "../view.ts";
import { CliFault } from "./fault.ts";
import { type Closing, showOperator } from "./operator.ts";

export interface Configured {
  policy: Policy;
  chains: Chains;
  quorate: Quorate;
  close(): Promise<void>;
}

/** What shows and reports where there is no chat. */
export interface Terminal {
  /** Every card that Quorate posts or edits; left out, nothing is shown in the terminal. */
  show?(card: Card): void;
  /** Also connects the chat platforms that the environment configures. */
  chat?: true;
  /** It runs until it is stopped: probes, metrics and traces are served and sent where the environment says so. */
  stays?: true;
  onFault(where: string, fault: unknown): void;
}

/**
 * Opens everything, and takes up what an earlier run left undone. Throws {@link CliFault} 2 naming the variable that is
 * missing, or what is wrong with the gas account; a chain that is down or another than its number says is a ChainFault.
 */
export async function openConfigured(terminal: Terminal): Promise<Configured> {
  const environment = readEnvironment();
  const policy = await readPolicy(environment.policies);
  const desk = createOperatorDesk(terminal.onFault);
  const chains = openChains({
    ...chainsConfig(environment, policy),
    sent: desk.sent,
    forksAhead: terminal.stays === true,
  });
  try {
    await Promise.all(policy.chains.map((one) => requireNoAuthority(chains.get(one.id), one)));
    return await start(environment, policy, chains, terminal, desk);
  } catch (fault) {
    chains.close();
    throw fault;
  }
}

async function start(
  environment: Environment,
  files: Policy,
  chains: OpenChains,
  { show, chat: wanted, stays }: Terminal,
  desk: OperatorDesk,
): Promise<Configured> {
  const { databaseUrl, dataDir, sealKey } = environment;
  const { onFault } = desk;
  const store = desk.store(
    await openStore({ ...(databaseUrl === undefined ? { dataDir } : { databaseUrl }), sealKey }),
  );
  const builds = openBuilds(environment.builds);
  const people = await openPeopleLog(store, files).catch(async (fault: unknown) => {
    await store.close();
    throw fault;
  });
  const { policy } = people;
  const clock = { now: () => BigInt(Math.floor(Date.now() / 1000)) };
  const chat = wanted ? await openChatPlatforms({ environment, policy, store, clock, onFault }) : undefined;
  const terminal: ChatPlatform[] = show === undefined ? [] : [{ name: "cli", show: async (card) => show(card) }];
  const platforms = [...terminal, ...(chat?.adapters ?? [])];
  const quorate = compose({
    ...{ policy, people, store, chains, builds, clock, platforms, onFault },
    signingPage: signingPage(environment.publicUrl),
    safeApiKey: environment.safeApiKey,
    pagers: openPagers(environment, clock),
    // One act from a terminal watches nothing: whoever runs the council's bot does.
    ...(wanted ? { watchdog: { clock, deadmanUrl: environment.deadmanUrl } } : {}),
  });
  let seen: Closing | undefined;
  const close = async () => {
    await seen?.stop();
    await chat?.stop();
    await quorate.stop();
    chains.close();
    await builds.close();
    await store.close();
  };
  try {
    if (stays) seen = await showOperator(environment, desk, { quorate, store, chains, policy, clock });
    await chat?.start(quorate);
  } catch (fault) {
    await close();
    throw fault;
  }
  return { policy, chains, quorate, close };
}

function chainsConfig({ rpc, gasKey }: Environment, policy: Policy): ChainsConfig {
  const urls = policy.chains.map(({ id, name }) => {
    const url = rpc[id];
    if (url !== undefined) return [id, url] as const;
    const variable = `RPC_${id.slice("eip155:".length)}`;
    throw new CliFault(2, `${variable} is not set: policy has the chain ${id} (${name}), and this is its RPC's URL.`);
  });
  if (gasKey === undefined)
    throw new CliFault(
      2,
      "GAS_KEY is not set: it pays the gas of what the council has signed, and holds no authority.",
    );
  const deployedCatalogues = policy.chains.filter((one) => one.deployedCatalogues).map((one) => one.id);
  return { rpc: Object.fromEntries(urls), gasKey, deployedCatalogues };
}

/** Trust rule 1: whoever takes the host must not find a key there that decides anything. */
async function requireNoAuthority(chain: Chain, where: ChainPolicy): Promise<void> {
  const [council, guardian, timelock] = await Promise.all([
    chain.safe(where.council),
    chain.safe(where.guardian),
    chain.timelock(where.timelock),
  ]);
  const powers: [string, readonly string[]][] = [
    [`an owner of the council Safe ${council.address}`, council.owners],
    [`an owner of the guardian Safe ${guardian.address}`, guardian.owners],
    [`a proposer of the timelock ${timelock.address}`, timelock.proposers],
    [`a canceller of the timelock ${timelock.address}`, timelock.cancellers],
    [`an admin of the timelock ${timelock.address}`, timelock.admins],
  ];
  for (const [power, holders] of powers)
    if (holders.includes(chain.gasAccount))
      throw new CliFault(
        2,
        `The gas account ${chain.gasAccount} is ${power} on ${chain.id}: it may pay gas and nothing else. Set another GAS_KEY.`,
      );
}
