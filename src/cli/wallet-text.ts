/** A wallet request for a terminal: every hash, the typed data or the transaction, and the lines to go on with. */

import { toJson } from "../domain/canonical.ts";
import { approvalTypedData, type SafeApproval } from "../domain/nested-safes.ts";
import { chainNumber } from "../domain/primitives.ts";
import { type SafeTx, safeTypedData } from "../domain/safe-tx.ts";
import { inertLine } from "../terminal/inert-line.ts";
import type { MessageItem, SignatureItem, TransactionItem, WalletRequest } from "../view.ts";

/** What signs outside of this program, and what brings the result back. Foundry's cast is one such wallet. */
export function walletText(request: WalletRequest, account: string): string {
  const items = request.items.map((item, index) => [
    `${index + 1}. ${inertLine(item.purpose)}`,
    ...(item.kind === "signature" ? signatureLines(item) : transactionLines(item)).map((line) => `   ${line}`),
    "",
    ...commandLines(item, request.ceremony, account),
    "",
  ]);
  const message = request.message === undefined ? [] : messageLines(request.message, account);
  return [inertLine(request.title), inertLine(request.summary), "", ...items.flat(), ...message].join("\n");
}

/** The text, what signs it outside of this program, and what brings the signature back. */
function messageLines({ purpose, text, sentences }: MessageItem, account: string): string[] {
  const word = `'${text.replaceAll("'", "'\\''")}'`;
  return [
    inertLine(purpose),
    ...text.split("\n").map((line) => `   ${inertLine(line)}`),
    "",
    ...sentences.map(inertLine),
    "",
    `cast wallet sign --ledger ${word}`,
    `npm run -s quorate -- intake link --account ${account} --message ${word} --signature 0x…`,
    "",
  ];
}

function signatureLines({ tx, hashes, sentences, places = [] }: SignatureItem): string[] {
  return [
    ...sentences.map(inertLine),
    `Safe ${tx.safe} (${tx.safeVersion}) on ${tx.chain}, nonce ${tx.nonce}`,
    `Domain hash   ${hashes.domainHash}`,
    `Message hash  ${hashes.messageHash}`,
    `safeTxHash    ${hashes.safeTxHash}`,
    ...places.filter((one) => one.via.length > 0).flatMap(placeLines),
  ];
}

/** What the device of an owner of a child Safe shows instead of the transaction's own hashes. */
function placeLines({ via, safe, domainHash, messageHash, hash, message }: SafeApproval): string[] {
  return [
    `As an owner of the Safe ${[...via].reverse().join(", itself an owner of ")} (${safe.version}), a SafeMessage over ${message}`,
    `  Domain hash   ${domainHash}`,
    `  Message hash  ${messageHash}`,
    `  Signed hash   ${hash}`,
  ];
}

function transactionLines({ call, from, operationId, sentences }: TransactionItem): string[] {
  return [
    ...sentences.map(inertLine),
    `From          ${from.join(" or ") || "no wallet is linked to you"}`,
    `To            ${call.to} on ${call.chain}, ${call.value} wei`,
    `Operation id  ${operationId}`,
  ];
}

/** Lines to be typed as they are; only what the wallet returns is left open. */
export function commandLines(item: SignatureItem | TransactionItem, ceremony: string, account: string): string[] {
  const back = (kind: string) => `npm run -s quorate -- intake ${kind} --account ${account} --ceremony ${ceremony}`;
  if (item.kind === "signature")
    return [
      ...signableOf(item).map((data) => `cast wallet sign --ledger --data '${JSON.stringify(data)}'`),
      `${back("signature")} --hash ${item.hashes.safeTxHash} --signature 0x…`,
    ];
  const { call, from } = item;
  const number = chainNumber(call.chain);
  const where = `--rpc-url "$RPC_${number}" --chain ${number} --ledger${from[0] === undefined ? "" : ` --from ${from[0]}`}`;
  return [
    `cast mktx ${where} --value ${call.value} ${call.to} ${call.data}`,
    `${back("transaction")} --raw 0x…`,
    "or, past Quorate, which then finds it on the chain:",
    `cast send ${where} --value ${call.value} ${call.to} ${call.data}`,
  ];
}

/** One for each place where the person could sign; they use that of the wallet at hand. */
function signableOf({ tx, places }: SignatureItem): unknown[] {
  return places === undefined ? [signableTypedData(tx)] : places.map((one) => signableTypedData(tx, one));
}

/** The typed data with its domain's type spelled out, as `eth_signTypedData_v4` wants it (EIP-712). */
export function signableTypedData(tx: SafeTx, place?: SafeApproval): unknown {
  const { domain, types, primaryType, message } =
    place === undefined ? safeTypedData(tx) : approvalTypedData(tx, place);
  const verifyingContract = { name: "verifyingContract", type: "address" };
  const EIP712Domain =
    domain?.chainId === undefined ? [verifyingContract] : [{ name: "chainId", type: "uint256" }, verifyingContract];
  return toJson({ domain, types: { EIP712Domain, ...types }, primaryType, message });
}
