/** Who holds roles of AccessControl and AccessManager (OpenZeppelin Contracts 4 and 5), and whose calls would go through. */

import { encodeFunctionData, parseAbi, toEventSelector } from "viem";
import type { Hex } from "../domain/primitives.ts";
import type { PowerReads, RoleHolder } from "../power-facts.ts";
import { eventHistory } from "./event-history.ts";
import { addressInWord, callRead, latestHead, readMany } from "./reads.ts";
import type { Rpc, RpcCall } from "./rpc.ts";

const controlAbi = parseAbi(["function hasRole(bytes32 role, address account) view returns (bool)"]);
const managerAbi = parseAbi([
  "function getAccess(uint64 roleId, address account) view returns (uint48 since, uint32 currentDelay, uint32 pendingDelay, uint48 effect)",
]);

/** Both name the role first and the account second. */
const granted = {
  control: toEventSelector("RoleGranted(bytes32,address,address)"),
  manager: toEventSelector("RoleGranted(uint64,address,uint32,uint48,bool)"),
} as const;

export function powerReads(rpc: Rpc): PowerReads {
  const grants = eventHistory(rpc, Object.values(granted));
  return {
    async roleHolders(contracts) {
      const head = await latestHead(rpc);
      const logs = await grants.of(contracts, head.number);
      const named = new Map(
        logs.flatMap(({ address, topics: [event, role, holder] }) => {
          const account = addressInWord(holder);
          if (role === undefined || account === undefined) return [];
          const one = { contract: address, role, account };
          return [[`${address}${role}${account}`, { one, data: heldData(event === granted.manager, one) }] as const];
        }),
      );
      const asked = [...named.values()];
      const answers = await readMany(
        rpc,
        asked.map(({ one, data }) => callRead(one.contract, data, { blockHash: head.hash })),
      );
      return asked.filter((_one, index) => holds(answers[index])).map(({ one }) => one);
    },
    async wouldPass(calls) {
      const answers = await readMany(
        rpc,
        calls.map((call): RpcCall => ({ method: "eth_call", params: [call, "latest"] })),
      );
      return answers.map((answer) => answer !== null);
    },
  };
}

function heldData(isManager: boolean, { role, account }: RoleHolder): Hex {
  return isManager
    ? encodeFunctionData({ abi: managerAbi, args: [BigInt.asUintN(64, BigInt(role)), account] })
    : encodeFunctionData({ abi: controlAbi, args: [role, account] });
}

/** `true`, or the time since which, in its first word. What no longer answers counts as held: nobody says otherwise. */
const holds = (answer: Hex | null | undefined) => !/^0x0{64}/.test(answer ?? "");
