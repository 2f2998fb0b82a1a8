/** Bundled and run in a browser: what the signing page computes of a Safe transaction, by the page's own modules. */

import { calldataDigest } from "../../../src/domain/calldata-digest.ts";
import { safeTx, safeTxHashes } from "../../../src/domain/safe-tx.ts";
import { typedDataJson } from "../../../src/web/page/sign-item.ts";

export interface PageHashes {
  domainHash: string;
  messageHash: string;
  safeTxHash: string;
  calldataDigest: string;
  /** What the wallet is handed. */
  typedData: string;
}

/** Transactions as JSON, amounts as decimal strings. Throws for one that the page would not read either. */
function pageHashes(list: readonly unknown[]): PageHashes[] {
  return list.map((json) => {
    const tx = safeTx.parse(json);
    return { ...safeTxHashes(tx), calldataDigest: calldataDigest(tx.data), typedData: typedDataJson(tx) };
  });
}

Object.assign(globalThis, { pageHashes });
