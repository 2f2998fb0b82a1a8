/** What somebody with very much money could do in one transaction, as far as it can be made up: pure. */

import { concat, encodeFunctionData, pad, parseAbi, toFunctionSelector, toHex } from "viem";
import type { Address, Hex } from "../../domain/primitives.ts";

/** One call of the stranger. */
export interface Move {
  to: Address;
  data: Hex;
  /** Wei. */
  value: bigint;
}

const token = parseAbi([
  "function transfer(address to, uint256 amount) returns (bool)",
  "function approve(address spender, uint256 amount) returns (bool)",
]);

/** More than there is of anything, and small enough to be added up without an overflow. */
export const plenty = 10n ** 30n;

/** As much as loans give, and the odd unit that rounding turns on. */
const amounts = [1n, 10n ** 18n, plenty / 2n, 2n ** 256n - 1n];

const selectorOf = (signature: string) => toFunctionSelector(`function ${signature}`);
export const tokenSelectors = ["transfer(address,uint256)", "balanceOf(address)", "approve(address,uint256)"].map(
  selectorOf,
);

/** `sizes`: amounts that matter here, such as what a contract has. */
export function movesOf(
  contracts: readonly { address: Address; selectors: readonly Hex[] }[],
  tokens: readonly Address[],
  me: Address,
  sizes: readonly bigint[],
): Move[] {
  const all = [...new Set([...amounts, ...sizes])].filter((one) => one > 0n);
  const donations = contracts.flatMap(({ address }) =>
    tokens.flatMap((asset) =>
      all.map((amount): Move => {
        const data = encodeFunctionData({ abi: token, functionName: "transfer", args: [address, amount] });
        return { to: asset, data, value: 0n };
      }),
    ),
  );
  const calls = contracts.flatMap(({ address, selectors }) =>
    selectors.flatMap((selector) =>
      argumentsFor(all, tokens, me).map((tail): Move => ({ to: address, data: concat([selector, tail]), value: 0n })),
    ),
  );
  return [...donations, ...calls];
}

/** Ether: sent, and forced upon a contract that takes none by a contract that ends itself. */
export function etherMoves(contracts: readonly Address[], forcer: Address): Move[] {
  return contracts.flatMap((to): Move[] =>
    [1n, 10n ** 18n, plenty / 4n].flatMap((value) => [
      { to, data: "0x", value },
      { to: forcer, data: pad(to, { size: 32 }), value },
    ]),
  );
}

/** CALLDATALOAD(0) SELFDESTRUCT: what it has goes to the account in its calldata, whether that takes ether or not. */
export const forcerCode: Hex = "0x5f35ff";

export function approvalOf(asset: Address, spender: Address): Move {
  const data = encodeFunctionData({ abi: token, functionName: "approve", args: [spender, 2n ** 256n - 1n] });
  return { to: asset, data, value: 0n };
}

/** For functions of which nobody says what they take: where it does not fit, it fails, and nothing is learned. */
function argumentsFor(sizes: readonly bigint[], tokens: readonly Address[], me: Address): Hex[] {
  const word = (value: bigint | Address) =>
    typeof value === "bigint" ? toHex(value, { size: 32 }) : pad(value, { size: 32 });
  const [first, second = first] = tokens;
  const shapes = (amount: bigint): (bigint | Address)[][] => [
    [amount, me, me, 0n],
    [me, amount, 0n, 0n],
    [amount, 0n, me, 2n ** 64n],
    ...(first === undefined || second === undefined
      ? []
      : [
          [first, amount, me, 0n],
          [first, second, amount, 0n, me, 2n ** 64n],
          [second, first, amount, 0n, me, 2n ** 64n],
        ]),
  ];
  return ["0x", ...sizes.flatMap((amount) => shapes(amount).map((words) => concat(words.map(word))))];
}
