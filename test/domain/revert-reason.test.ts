import { type Abi, concat, encodeErrorResult, type Hex, keccak256, parseAbi, stringToBytes } from "viem";
import { expect, test } from "vitest";
import { revertReason } from "../../src/domain/revert-reason.ts";

const account = "0x00000000000000000000000000000000000000AA";
const id: Hex = `0x${"12".repeat(32)}`;

function encoded(signature: string, ...args: unknown[]): Hex {
  const abi: Abi = parseAbi([`error ${signature}`] as readonly string[]);
  return encodeErrorResult({ abi, args });
}

test.each<[Hex, string]>([
  [
    encoded("Error(string)", "GS026"),
    "a signature is not by an owner of the Safe, is doubled, or is out of order (GS026)",
  ],
  [encoded("Error(string)", "Pool: closed"), '"Pool: closed"'],
  [encoded("Error(string)", `<@U1> ${"x".repeat(500)}`), `"U1 ${"x".repeat(154)}..."`],
  [encoded("Panic(uint256)", 0x11n), "an arithmetic operation overflowed (Panic 17)"],
  [encoded("Panic(uint256)", 0x99n), "a check of the compiler failed (Panic 153)"],
  [
    encoded("TimelockUnexpectedOperationState(bytes32,bytes32)", id, `0x${"4".padStart(64, "0")}`),
    `operation ${id} is not Ready`,
  ],
  [
    encoded("TimelockUnexpectedOperationState(bytes32,bytes32)", id, `0x${"6".padStart(64, "0")}`),
    `operation ${id} is not Waiting or Ready`,
  ],
  [
    encoded("AccessControlUnauthorizedAccount(address,bytes32)", account, keccak256(stringToBytes("CANCELLER_ROLE"))),
    `${account} does not hold CANCELLER_ROLE`,
  ],
  [encoded("AccessControlUnauthorizedAccount(address,bytes32)", account, id), `${account} does not hold role ${id}`],
  [encoded("OwnableUnauthorizedAccount(address)", account), `${account} is not the owner`],
  [encoded("ERC1967InvalidImplementation(address)", account), `${account} is no valid implementation`],
  [encoded("TooEarly(uint256,uint256)", 20n, 10n), "it is too early: not before 20, and it is 10"],
  [encoded("TooLate(uint256,uint256)", 10n, 20n), "it is too late: not after 10, and it is 20"],
  [encoded("WrongChain(uint256,uint256)", 1n, 5n), "the precondition asks for chain 1, and this is 5"],
  [encoded("UUPSUnauthorizedCallContext()"), "UUPSUnauthorizedCallContext()"],
  [
    encoded("Mystery(uint256)", 1n),
    `it gave the error ${encoded("Mystery(uint256)", 1n).slice(0, 10)}, which is not known here`,
  ],
  ["0x", "it gave no reason"],
  ["0x08c3", "it gave 0x08c3"],
  [concat(["0x08c379a0", "0xffff"]), "it gave the error 0x08c379a0, which is not known here"],
])("%s", (data, sentence) => {
  expect(revertReason(data)).toBe(sentence);
});
