/** What a chain would answer about the ways out of a ceremony: Safes, timelock and code as a test wants them. */

import { decodeFunctionData, encodeAbiParameters, encodeFunctionResult, type Hex, parseAbi } from "viem";
import { allRules } from "../../src/domain/decision.ts";
import { exitsOf } from "../../src/domain/exits/exit.ts";
import { type ExitReading, judgeExit } from "../../src/domain/exits/judge.ts";
import { type ExitPlan, execKey, innerKey, planOf, readKey } from "../../src/domain/exits/plan.ts";
import type { Answers, Asked, Tried } from "../../src/domain/exits/trial.ts";
import { type Address, type ChainId, emptyCodeHash, zeroAddress } from "../../src/domain/primitives.ts";
import { safeKey } from "../../src/domain/transactions.ts";
import { operationOf } from "../../src/domain/wind-down.ts";
import type { Ceremony } from "./ceremony-driver.ts";
import { hashOf, walletOf } from "./sample-council.ts";

const abi = parseAbi([
  "function nonce() view returns (uint256)",
  "function getThreshold() view returns (uint256)",
  "function getOwners() view returns (address[])",
  "function getStorageAt(uint256 offset, uint256 length) view returns (bytes)",
  "function getModulesPaginated(address start, uint256 pageSize) view returns (address[] array, address next)",
  "function getTimestamp(bytes32 id) view returns (uint256)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
  "function codeHash(address account) view returns (bytes32)",
]);

export class ExitWorld {
  readonly it: Ceremony;
  executors = new Set<Address>([walletOf("eve"), walletOf("gus")]);
  /** By operation: undefined for what the ceremony's own log says. */
  timestamps = new Map<Hex, bigint>();
  codes = new Map<Address, Hex>();
  guard: Address = zeroAddress;
  modules: Address[] = [];
  /** Revert data of the Safe's transaction, of the calls inside it, and of the timelock's. */
  fails: { exec?: Hex; inner?: Hex; run?: Hex } = {};
  /** Rows that use up their gas. */
  burns = false;
  takesEffect = true;
  /** Whether its effect is there before anybody sends it. */
  inEffect = false;
  gasAccount: Address = walletOf("nobody");
  takers = new Map<string, Hex>();

  constructor(it: Ceremony) {
    this.it = it;
  }

  /** What a look shows, by exit. */
  look(): Map<string, ExitReading> {
    const { state, policy } = this.it;
    const known = {
      ...{ policy, rules: allRules, gasAccount: this.gasAccount },
      safe: ({ tx }: { tx: { chain: ChainId; safe: Address } }) => this.it.safe(tx.chain, tx.safe),
      signature: (hash: Hex): Hex => `0x${hash.slice(2).repeat(2)}1b`,
    };
    return new Map(
      exitsOf(state).map((exit) => {
        const plan = planOf(state, exit, known);
        const tookNonce = ({ address, chain }: { address: Address; chain: ChainId }) =>
          this.takers.get(safeKey(chain, address));
        const at = { ...known, answers: this.answers(plan), block: this.it.block(exit.chain), tookNonce };
        return [exit.id, judgeExit(state, plan, at)];
      }),
    );
  }

  exit(id: string): ExitReading {
    const found = this.look().get(id);
    if (found === undefined) throw new Error(`There is no exit ${id}.`);
    return found;
  }

  answers(plan: ExitPlan): Answers {
    return new Map([...plan.asked, ...plan.inner].map((asked) => [asked.key, this.answer(plan, asked)]));
  }

  private answer({ exit }: ExitPlan, { key, row }: Asked): Tried | undefined {
    const failing = (data: Hex): Tried => ({ answers: [], failed: data });
    const containment = this.it.state.package.containment.find((one) => one.id === exit.subject);
    const effect = (is: boolean): Hex => (is ? (containment?.readBack.returns ?? "0x") : "0x00");
    if (key === readKey(exit)) return { answers: [effect(this.inEffect)], failed: undefined };
    if (key === innerKey(exit))
      return this.fails.inner ? failing(this.fails.inner) : { answers: [], failed: undefined };
    if (key === execKey(exit)) {
      if (this.burns) return undefined;
      const { exec } = this.fails;
      return exec ? failing(exec) : { answers: ["0x01", effect(this.takesEffect)], failed: undefined };
    }
    if (key.includes(" run ")) {
      if (this.burns) return undefined;
      return this.fails.run ? failing(this.fails.run) : { answers: ["0x"], failed: undefined };
    }
    const [call] = row;
    return call === undefined ? undefined : { answers: [this.fact(exit.chain, call.to, call.data)], failed: undefined };
  }

  private fact(chain: ChainId, to: Address, data: Hex): Hex {
    const { functionName, args = [] } = decodeFunctionData({ abi, data });
    const gives = (result: unknown) =>
      encodeFunctionResult({ abi, functionName, result } as Parameters<typeof encodeFunctionResult>[0]);
    const [first, second] = args as [Hex, Address];
    switch (functionName) {
      case "nonce":
        return gives(this.it.safe(chain, to).nonce);
      case "getThreshold":
        return gives(BigInt(this.it.safe(chain, to).threshold));
      case "getOwners":
        return gives(this.it.safe(chain, to).owners);
      case "getStorageAt":
        return gives(encodeAbiParameters([{ type: "address" }], [this.guard]));
      case "getModulesPaginated":
        return gives([this.modules, zeroAddress]);
      case "getTimestamp":
        return gives(this.timestamps.get(first) ?? this.#timestamp(first));
      case "hasRole":
        return gives(this.executors.has(second));
      default:
        return gives(this.codes.get(args[0] as Address) ?? this.#codeHash(args[0] as Address));
    }
  }

  /** As the log has it: 0 for what does not stand, 1 for what is done, else from when it may run. */
  #timestamp(operation: Hex): bigint {
    const { state } = this.it;
    for (const leg of state.package.legs)
      for (const purpose of ["upgrade", "rollback"] as const) {
        if (operationOf(state, leg.id, purpose) !== operation) continue;
        const known = state.onChain.find((one) => one.tx === `${leg.id}/${purpose}`);
        if (known === undefined || known.state === "cancelled" || known.state === "used") return 0n;
        return known.state === "done" ? 1n : (known.readyAt ?? this.it.time);
      }
    return 0n;
  }

  #codeHash(account: Address): Hex {
    const restored = this.it.state.package.legs
      .flatMap((leg) => leg.rollback.restores)
      .find((one) => one.implementation === account);
    return restored?.codeHash ?? hashOf(`code of ${account}`);
  }
}

export const noCode = emptyCodeHash;
