/**
 * Content that is a bearer token once it is whole, such as guardians' signatures over a containment: encrypted where it is
 * kept, so that a copy of the database alone gives nothing. The log keeps the hash of the plain bytes and verifies without
 * the key.
 */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { StoreFault } from "./fault.ts";

export interface Seal {
  /** Names the key without giving it away. */
  readonly keyId: string;
  seal(bytes: Uint8Array): Uint8Array;
  /** Throws StoreFault for another key's, and for bytes that were changed. */
  open(bytes: Uint8Array): Uint8Array;
}

/** "QSEAL1", key id (8), nonce (12), tag (16), ciphertext. */
const magic = Buffer.from("QSEAL1");
const [idLength, nonceLength, tagLength] = [8, 12, 16];

/** AES-256-GCM (NIST SP 800-38D) under a key of 32 bytes. */
export function sealWith(key: Uint8Array): Seal {
  if (key.length !== 32)
    throw new StoreFault("refused", "The key that signatures are sealed with has to be 32 bytes long.");
  const id = createHash("sha256").update("quorate/seal/1").update(key).digest().subarray(0, idLength);
  const keyId = id.toString("hex");
  return {
    keyId,
    seal(bytes) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.concat([magic, id]));
      const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
      return new Uint8Array(Buffer.concat([magic, id, nonce, cipher.getAuthTag(), sealed]));
    },
    open(bytes) {
      const parts = Buffer.from(bytes).subarray(magic.length);
      const theirs = parts.subarray(0, idLength);
      if (!theirs.equals(id))
        throw new StoreFault(
          "sealed",
          `What is kept here was sealed with the key ${theirs.toString("hex")}, and this program has ${keyId}: set SEAL_KEY or SEAL_KEY_FILE to that key.`,
        );
      const nonce = parts.subarray(idLength, idLength + nonceLength);
      const tag = parts.subarray(idLength + nonceLength, idLength + nonceLength + tagLength);
      const cipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagLength });
      cipher.setAAD(Buffer.concat([magic, id])).setAuthTag(tag);
      try {
        const plain = cipher.update(parts.subarray(idLength + nonceLength + tagLength));
        return new Uint8Array(Buffer.concat([plain, cipher.final()]));
      } catch (cause) {
        throw new StoreFault("damaged", "Sealed content is not what was written: it was changed; restore a backup.", {
          cause,
        });
      }
    },
  };
}

/** Whether content lies there encrypted, with whatever key. */
export function isSealed(bytes: Uint8Array): boolean {
  return (
    Buffer.from(bytes.subarray(0, magic.length)).equals(magic) &&
    bytes.length >= magic.length + idLength + nonceLength + tagLength
  );
}
