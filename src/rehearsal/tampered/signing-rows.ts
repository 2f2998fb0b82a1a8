/** Signatures that are not what the ceremony asks for, handed in by somebody who may sign. */

import { hexToBigInt, parseSignature, serializeSignature, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { transactionById } from "../../domain/ceremony.ts";
import type { Hex } from "../../domain/primitives.ts";
import { type SafeTx, safeTxHashes, safeTypedData } from "../../domain/safe-tx.ts";
import { embeddedGasAccount, embeddedPeople, type PersonName } from "../../embedded/people.ts";
import { CEREMONY } from "../stage.ts";
import { flippedHex } from "./host.ts";
import { type Attempt, type Row, refusing } from "./row.ts";
import { by } from "./tries.ts";

/** secp256k1's order (SEC 2). */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const keyOf = (person: PersonName) => embeddedPeople[person].privateKey;
const strangerKey: Hex = `0x${"5a".repeat(32)}`;

async function wanted({ branch }: Attempt): Promise<SafeTx> {
  const state = await branch.quorate.ledger.load(CEREMONY);
  const tx = state && transactionById(state, "pilot/upgrade");
  if (tx === undefined) throw new Error("The ceremony asks for no signature called pilot/upgrade.");
  return tx.tx;
}

const signedBy = (key: Hex, tx: SafeTx) => privateKeyToAccount(key).signTypedData(safeTypedData(tx));

/** `person` hands in what `make` makes of the transaction that is asked for. */
function row(field: string, layer: string, person: PersonName, make: (tx: SafeTx) => Promise<Hex>): Row {
  return {
    at: "approved",
    step: "sign",
    field,
    layer,
    async attempt(it) {
      const tx = await wanted(it);
      const { safeTxHash } = safeTxHashes(tx);
      const signature = await make(tx);
      return refusing(() => it.branch.quorate.intake.signature(`console:${person}`, CEREMONY, safeTxHash, signature));
    },
  };
}

function highS(signature: Hex): Hex {
  const { r, s, yParity } = parseSignature(signature);
  return serializeSignature({ r, s: toHex(order - hexToBigInt(s), { size: 32 }), yParity: 1 - yParity });
}

const withV = (signature: Hex, change: (v: number) => number): Hex =>
  `${signature.slice(0, -2)}${change(Number.parseInt(signature.slice(-2), 16))
    .toString(16)
    .padStart(2, "0")}` as Hex;

/** The last byte of s: still a signature, of another key. */
const otherS = (signature: Hex): Hex => `${flippedHex(signature.slice(0, -2) as Hex)}${signature.slice(-2)}` as Hex;

/** Each field of the Safe transaction, another way. */
const others: readonly [string, (tx: SafeTx) => Partial<SafeTx>][] = [
  ["nonce", ({ nonce }) => ({ nonce: nonce + 1n })],
  ["to", ({ safe }) => ({ to: safe })],
  ["value", () => ({ value: 1n })],
  ["data", ({ data }) => ({ data: flippedHex(data) })],
  ["operation (delegatecall)", () => ({ operation: 1 })],
  ["chain", () => ({ chain: "eip155:31338" })],
];

const overOthers: Row[] = others.map(([field, change]) =>
  row(`signature over another ${field}`, "integrity/signature-owner", "caro", (tx) =>
    signedBy(keyOf("caro"), { ...tx, ...change(tx) }),
  ),
);

const unknownHash: Row = {
  ...row("signature over a hash that nobody asks for", "integrity/signature-hash", "caro", async () => "0x"),
  async attempt(it) {
    const tx = { ...(await wanted(it)), nonce: 99n };
    const { safeTxHash } = safeTxHashes(tx);
    const signature = await signedBy(keyOf("caro"), tx);
    return refusing(() => it.branch.quorate.intake.signature("console:caro", CEREMONY, safeTxHash, signature));
  },
};

/** Past the intake, as another door might hand it in: one transaction named, another's hash signed. */
const misnamed: Row = {
  ...row("signature named for another transaction", "integrity/signature-hash", "caro", async () => "0x"),
  async attempt({ branch, stage }) {
    const state = await branch.quorate.ledger.load(CEREMONY);
    const other = state && transactionById(state, "main/upgrade");
    if (other === undefined) throw new Error("There is no main/upgrade.");
    const { chain, safe: address } = other.tx;
    const { version, nonce, threshold, owners } = await stage.running.chains.get(chain).safe(address);
    const safe = { address, chain, version, nonce, threshold, owners, nested: [] };
    const recovered = embeddedPeople.caro.address;
    const { safeTxHash } = other;
    const signature: Hex = `0x${"cd".repeat(32)}`;
    return refusing(() =>
      branch.quorate.ledger.handle(CEREMONY, {
        ...{ kind: "sign", by: by("caro"), tx: "pilot/upgrade", safeTxHash, signature, recovered, safe },
      }),
    );
  },
};

export const signingRows: readonly Row[] = [
  row("signature: one byte", "integrity/signature-owner", "caro", async (tx) =>
    otherS(await signedBy(keyOf("caro"), tx)),
  ),
  row("signature by a stranger's key", "integrity/signature-owner", "caro", (tx) => signedBy(strangerKey, tx)),
  row("signature by the bot's gas key", "integrity/signature-owner", "caro", (tx) =>
    signedBy(embeddedGasAccount.privateKey, tx),
  ),
  row("signature by an executor, no owner", "integrity/signature-owner", "gus", (tx) => signedBy(keyOf("gus"), tx)),
  row("signature by another person's wallet", "integrity/signature-person", "caro", (tx) => signedBy(keyOf("dev"), tx)),
  row("signature by the author", "separation/proposer-signs", "ada", (tx) => signedBy(keyOf("ada"), tx)),
  row("signature with a high s", "signature/malformed", "caro", async (tx) => highS(await signedBy(keyOf("caro"), tx))),
  row("signature as eth_sign", "signature/malformed", "caro", async (tx) =>
    withV(await signedBy(keyOf("caro"), tx), (v) => v + 4),
  ),
  row("signature pre-validated (v = 1)", "signature/malformed", "caro", async (tx) =>
    withV(await signedBy(keyOf("caro"), tx), () => 1),
  ),
  row(
    "signature cut short",
    "signature/malformed",
    "caro",
    async (tx) => (await signedBy(keyOf("caro"), tx)).slice(0, -2) as Hex,
  ),
  ...overOthers,
  misnamed,
  unknownHash,
];
