/** Code, storage words and past implementations of many accounts, each kind in one request. */

import { keccak256, stringToBytes } from "viem";
import type { CodeReads, PastImplementation } from "../code-facts.ts";
import type { Hex } from "../domain/primitives.ts";
import { eventHistory } from "./event-history.ts";
import { endpointFault } from "./fault.ts";
import { addressInWord, latestHead, readMany, storageRead } from "./reads.ts";
import { hexWord, isRevert, type Rpc, type RpcCall } from "./rpc.ts";

/** ERC-1967, for proxies and for beacons alike. */
const upgraded = keccak256(stringToBytes("Upgraded(address)"));

/** TLOAD came with Cancun (EIP-1153), as EIP-6780 did: PUSH1 0, TLOAD, PUSH1 0, MSTORE, return the word. */
const cancunProbe: Hex = "0x60005c60005260206000f3";

export function codeReads(rpc: Rpc): CodeReads {
  const upgrades = eventHistory(rpc, [upgraded]);

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
      const logs = await upgrades.of(accounts, number);
      const past = logs.flatMap(({ address, topics, blockNumber }): PastImplementation[] => {
        const implementation = addressInWord(topics[1]);
        return implementation === undefined ? [] : [{ setBy: address, implementation, block: blockNumber }];
      });
      return past.sort((a, b) => Number(a.block - b.block));
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
