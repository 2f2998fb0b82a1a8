/** Code, storage words and past implementations of many accounts, each kind in one request. */

import { keccak256, stringToBytes } from "viem";
import type { CodeReads, PastImplementation } from "../code-facts.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { endpointFault } from "./fault.ts";
import { deploymentBlock, type Log, logsAtOnce, logsBetween } from "./logs.ts";
import { addressInWord, latestHead, readMany, storageRead } from "./reads.ts";
import { hexWord, isRevert, type Rpc, type RpcCall } from "./rpc.ts";

/** ERC-1967, for proxies and for beacons alike. */
const upgraded = keccak256(stringToBytes("Upgraded(address)"));

/** TLOAD came with Cancun (EIP-1153), as EIP-6780 did: PUSH1 0, TLOAD, PUSH1 0, MSTORE, return the word. */
const cancunProbe: Hex = "0x60005c60005260206000f3";

/** Blocks read again: a reorganisation may have moved an event. */
const overlap = 256n;

export function codeReads(rpc: Rpc): CodeReads {
  const history = new Map<Address, { upTo: bigint; past: PastImplementation[] }>();

  /** In one request where the node gives it; else account by account, from where each was deployed. */
  async function freshLogs(accounts: readonly Address[], from: bigint, head: bigint): Promise<Log[]> {
    const once = await logsAtOnce(rpc, accounts, [upgraded], from, head);
    if (once !== undefined) return once;
    const each = accounts.map(async (account) => {
      const first = from > 0n ? from : await deploymentBlock(rpc, account, head);
      return logsBetween(rpc, account, [upgraded], first, head);
    });
    return (await Promise.all(each)).flat();
  }

  async function read(accounts: readonly Address[], head: bigint): Promise<PastImplementation[]> {
    const known = accounts.map((account) => history.get(account));
    const seen = known.map((one) => one?.upTo ?? 0n).reduce((a, b) => (a < b ? a : b), head);
    const from = seen < overlap ? 0n : seen - overlap;
    const fresh = (await freshLogs(accounts, from, head)).flatMap(({ address, topics, blockNumber }) => {
      const implementation = addressInWord(topics[1]);
      return implementation === undefined ? [] : [{ setBy: address, implementation, block: blockNumber }];
    });
    for (const [index, account] of accounts.entries()) {
      const before = (known[index]?.past ?? []).filter((one) => one.block < from);
      history.set(account, { upTo: head, past: [...before, ...fresh.filter((one) => one.setBy === account)] });
    }
    return accounts.flatMap((account) => history.get(account)?.past ?? []);
  }

  return {
    async codes(accounts) {
      const answers = await readMany(
        rpc,
        accounts.map((account): RpcCall => ({ method: "eth_getCode", params: [account, "latest"] })),
      );
      return answers.map((code) => code ?? reverted(rpc, "eth_getCode"));
    },
    async words(places) {
      const answers = await readMany(
        rpc,
        places.map(({ account, slot }) => storageRead(account, slot, "latest")),
      );
      return answers.map((word) => word ?? reverted(rpc, "eth_getStorageAt"));
    },
    async implementationsOf(accounts) {
      const { number } = await latestHead(rpc);
      return (await read([...new Set(accounts)], number)).sort((a, b) => Number(a.block - b.block));
    },
    async keepsDestroyedCode() {
      const method = "eth_call";
      const [answer] = await rpc.batch([{ method, params: [{ data: cancunProbe }, "latest"] }]);
      if (
        answer !== undefined &&
        !answer.ok &&
        (isRevert(answer.error) || /not ?activated/i.test(answer.error.message))
      )
        return false;
      rpc.take(answer ?? { ok: true, result: undefined }, method, hexWord);
      return true;
    },
  };
}

function reverted(rpc: Rpc, method: string): never {
  throw endpointFault("garbage", rpc.endpoint, `answered ${method} as if it had run something.`);
}
