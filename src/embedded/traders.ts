/** The accounts that use the protocol, and what each of them does in a given block. */

import { concat, encodeFunctionData, keccak256, maxUint256, parseAbi, parseEther, toHex } from "viem";
import type { Address, Hex } from "../domain/primitives.ts";
import { hex, type UnsignedTransaction } from "./node.ts";
import { keylessAccount } from "./people.ts";
import type { ProtocolAddresses } from "./protocol.ts";

/** Says the price, every block. */
export const keeper = keylessAccount("keeper");
/** Tries every few blocks to become the vault's owner. */
export const prowler = keylessAccount("prowler");

const savers = [keylessAccount("vault saver 1"), keylessAccount("vault saver 2")] as const;
const yieldSource = keylessAccount("yield source");
const pilotUsers = poolUsers("pilot");
const mainUsers = poolUsers("main");

interface PoolUsers {
  lenders: readonly [Address, Address];
  borrower: Address;
}

function poolUsers(pool: string): PoolUsers {
  const lenders = [keylessAccount(`${pool} lender 1`), keylessAccount(`${pool} lender 2`)] as const;
  return { lenders, borrower: keylessAccount(`${pool} borrower`) };
}

/** Those who hold tokens. */
export const users: readonly Address[] = [
  ...savers,
  yieldSource,
  ...[pilotUsers, mainUsers].flatMap(({ lenders, borrower }) => [...lenders, borrower]),
];

/** Everyone whom anvil has to impersonate for trading. */
export const tradingAccounts: readonly Address[] = [keeper, prowler, ...users];

const abi = parseAbi([
  "function approve(address spender, uint256 amount)",
  "function deposit(uint256 assets)",
  "function withdraw(uint256 amount)",
  "function addYield(uint256 assets)",
  "function pledge(uint256 amount)",
  "function borrow(uint256 assets)",
  "function repay(uint256 assets)",
  "function setPrice(uint256 price)",
  "function initializeV2(address owner)",
]);

type Step =
  | { functionName: "approve"; args: readonly [Address, bigint] }
  | { functionName: "initializeV2"; args: readonly [Address] }
  | {
      functionName: "deposit" | "withdraw" | "addYield" | "pledge" | "borrow" | "repay" | "setPrice";
      args: readonly [bigint];
    };

function transaction(from: Address, to: Address, step: Step, nonce?: number): UnsignedTransaction {
  const data: Hex = encodeFunctionData({ abi, ...step });
  // The keeper bids more, to be first in the block: what others do in it depends on a fresh price.
  const maxFeePerGas = hex(from === keeper ? 200_000_000_000n : 100_000_000_000n);
  const sent = { from, to, data, gas: hex(400_000n), maxFeePerGas, maxPriorityFeePerGas: hex(0n) };
  return nonce === undefined ? sent : { ...sent, nonce: hex(nonce) };
}

/** What happens before the first block: allowances, deposits, pledged collateral and a first loan. Nonces start at 0. */
export function openingTrades(protocol: ProtocolAddresses): UnsignedTransaction[] {
  const { asset, collateral, vault } = protocol;
  const inTurn = (from: Address, steps: [Address, Step][]) =>
    steps.map(([to, step], nonce) => transaction(from, to, step, nonce));
  const approve = (spender: Address): Step => ({ functionName: "approve", args: [spender, maxUint256] });
  const deposit = (amount: string): Step => ({ functionName: "deposit", args: [parseEther(amount)] });
  const pools = [
    { pool: protocol.pilotPool, ...pilotUsers, deposited: "2500", pledged: "10", borrowed: "1000" },
    { pool: protocol.mainPool, ...mainUsers, deposited: "1000000", pledged: "3000", borrowed: "500000" },
  ];
  return [
    ...savers.flatMap((saver) =>
      inTurn(saver, [
        [asset, approve(vault)],
        [vault, deposit("500000")],
      ]),
    ),
    ...inTurn(yieldSource, [[asset, approve(vault)]]),
    ...pools.flatMap(({ pool, lenders, borrower, deposited, pledged, borrowed }) => [
      ...lenders.flatMap((lender) =>
        inTurn(lender, [
          [asset, approve(pool)],
          [pool, deposit(deposited)],
        ]),
      ),
      ...inTurn(borrower, [
        [asset, approve(pool)],
        [collateral, approve(pool)],
        [pool, { functionName: "pledge", args: [parseEther(pledged)] }],
        [pool, { functionName: "borrow", args: [parseEther(borrowed)] }],
      ]),
    ]),
  ];
}

/**
 * The trades of one block, the same for the same block number. Two savers (and two lenders a pool) take turns: one
 * deposits while the other withdraws, the other way round in the next block; loans of even blocks are repaid in odd
 * ones. So the sums stay where they are however long it goes on. One transaction an account.
 */
export function tradesOfBlock(protocol: ProtocolAddresses, blockNumber: bigint): UnsignedTransaction[] {
  const even = blockNumber % 2n === 0n;
  const draw = (what: string, number = blockNumber) =>
    500n + (BigInt(keccak256(concat([toHex(what), toHex(number)]))) % 1001n);
  const swap = ([first, second]: readonly [Address, Address], to: Address, unit: bigint, what: string) => [
    transaction(even ? first : second, to, { functionName: "deposit", args: [unit * draw(`${what} in`)] }),
    transaction(even ? second : first, to, { functionName: "withdraw", args: [unit * draw(`${what} out`)] }),
  ];
  const loan = (borrower: Address, to: Address, unit: bigint) => {
    const amount = unit * draw("loan", blockNumber / 2n);
    // The fee of one part in a thousand is repaid along with the loan.
    return even
      ? transaction(borrower, to, { functionName: "borrow", args: [amount] })
      : transaction(borrower, to, { functionName: "repay", args: [amount + amount / 1000n] });
  };
  const small = parseEther("0.01");
  const large = parseEther("0.1");
  const price = parseEther("2000") + (draw("price") - 1000n) * parseEther("0.02");
  return [
    ...swap(savers, protocol.vault, large, "vault"),
    ...swap(pilotUsers.lenders, protocol.pilotPool, small, "pilot"),
    loan(pilotUsers.borrower, protocol.pilotPool, small),
    ...swap(mainUsers.lenders, protocol.mainPool, large, "main"),
    loan(mainUsers.borrower, protocol.mainPool, large),
    ...(blockNumber % 5n === 0n
      ? [transaction(yieldSource, protocol.vault, { functionName: "addYield", args: [parseEther("0.1")] })]
      : []),
    ...(blockNumber % 4n === 0n
      ? [transaction(prowler, protocol.vault, { functionName: "initializeV2", args: [prowler] })]
      : []),
    transaction(keeper, protocol.priceFeed, { functionName: "setPrice", args: [price] }),
  ];
}
