/** A form and wallet requests as a person would get them. */

import type { Address } from "../../../src/domain/primitives.ts";
import { type SafeTx, safeTxHashes } from "../../../src/domain/safe-tx.ts";
import type { Form, SignatureItem, TransactionItem, WalletRequest } from "../../../src/view.ts";
import { packageHash, safe, timelock } from "./contracts.ts";

export const proposeForm: Form = {
  kind: "form",
  title: "Propose an upgrade",
  command: "propose",
  options: { target: "vault" },
  submit: "Propose",
  fields: [
    {
      name: "title",
      label: "Title",
      hint: "What changes, in one line.",
      required: true,
      type: "line",
      choices: [],
      value: "",
      maxLength: 80,
    },
    {
      name: "implementation",
      label: "New implementation",
      hint: "Address of the deployed contract, with its checksum.",
      required: true,
      type: "line",
      choices: [],
      value: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
      maxLength: 42,
    },
    {
      name: "lane",
      label: "Lane",
      hint: "Routine unless money is at risk right now.",
      required: true,
      type: "choice",
      choices: [
        { value: "routine", label: "routine: 3 approvals, 48 h" },
        { value: "emergency", label: "emergency: 4 approvals, 1 h" },
      ],
      value: "routine",
      maxLength: 20,
    },
    {
      name: "rationale",
      label: "Rationale",
      hint: "Why now, and what was checked. Everybody who signs reads it.",
      required: false,
      type: "paragraph",
      choices: [],
      value: "",
      maxLength: 2000,
    },
  ],
};

function signature(nonce: bigint, purpose: string, sentences: string[]): SignatureItem {
  const zero: Address = `0x${"0".repeat(40)}`;
  const tx: SafeTx = {
    chain: "eip155:31337",
    safe,
    safeVersion: "1.4.1",
    to: timelock,
    value: 0n,
    data: `0x8f2a0bb0${"00".repeat(200)}`,
    operation: 0,
    safeTxGas: 0n,
    baseGas: 0n,
    gasPrice: 0n,
    gasToken: zero,
    refundReceiver: zero,
    nonce,
  };
  return { kind: "signature", purpose, tx, hashes: safeTxHashes(tx), sentences };
}

export const walletRequest: WalletRequest = {
  kind: "wallet",
  ceremony: "UP-3",
  title: "Sign UP-3 · Fee switch to 8 bp",
  summary:
    "These signatures schedule the upgrade and its rollback, and prepare two containment actions. They stay valid until their nonces are used on-chain.",
  items: [
    signature(12n, "Schedule the upgrade", [
      "TimelockController.scheduleBatch: 3 calls, after a delay of 48 h.",
      "Call 1: Preconditions.notAfter(2026-11-25 14:00:00 UTC).",
      "Call 2: Preconditions.codeHash(0xe7f1…0512).",
      "Call 3: ProxyAdmin.upgradeAndCall(vault, Vault 1.2.0, migrate(2)).",
    ]),
    signature(13n, "Schedule the rollback", [
      "TimelockController.scheduleBatch: back to Vault 1.1.3; valid for 7 days.",
    ]),
    signature(14n, "Pause the vault", ["Vault.pause(): users cannot deposit or withdraw."]),
    signature(15n, "Lower the limits", ["Vault.setLimits(deposit 0, withdrawal 10,000 USDC per day)."]),
  ],
};

export const executorRequest: WalletRequest = {
  kind: "wallet",
  ceremony: "UP-4",
  title: "Execute UP-4 · Guard limits",
  summary: "Your own wallet sends this transaction; the timelock runs the batch.",
  items: [
    {
      kind: "transaction",
      purpose: "Execute the operation",
      from: ["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"],
      call: { chain: "eip155:31337", to: timelock, value: 0n, data: "0xe38335e5" },
      operationId: packageHash,
      sentences: ["TimelockController.executeBatch: 3 calls."],
    } satisfies TransactionItem,
  ],
};
