/**
 * `node test/support/browser-vectors.ts FOLDER`: whether the signing page's own code, in a real browser, computes the
 * hashes that real ceremonies published. Exit code 1 where one differs, 2 where nothing could be compared.
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { type Hex, hashTypedData, keccak256, type TypedDataDefinition } from "viem";
import { CliFault } from "../../src/cli/fault.ts";
import { readSafeTxFile, reasonOf, type StatedTx } from "../../src/cli/safe-tx-file.ts";
import { openBrowserHashes } from "./browser-hashes.ts";
import type { PageHashes } from "./in-browser/page-hashes.ts";

const published = ["domainHash", "messageHash", "safeTxHash"] as const;

/** Prints what is wrong, and how many of how many are right. Throws {@link CliFault} with a sentence. */
async function compareVectors(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new CliFault(2, "Name the folder with the vectors.");
  const listed = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new CliFault(2, `${folder} cannot be read: ${reasonOf(cause)}.`);
  });
  const names = listed.filter((name) => name.endsWith(".json")).sort();
  if (names.length === 0) throw new CliFault(2, `There is no .json file in ${folder}, so nothing was compared.`);
  const stated = await Promise.all(names.map((name) => readSafeTxFile(join(folder, name))));
  const found = await hashesInBrowser(stated);
  const faults = names.flatMap((name, at) => {
    const [one, page] = [stated[at], found[at]];
    const wrong = one === undefined || page === undefined ? ["answer"] : differences(one, page);
    return wrong.length === 0 ? [] : [`${name}: the browser's ${wrong.join(", ")} is another than the one expected.`];
  });
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  const right = names.length - faults.length;
  process.stdout.write(`${right} of ${names.length} have the expected hashes in the browser's code.\n`);
  if (faults.length > 0) throw new CliFault(1, `${faults.length} of ${names.length} files in ${folder} are not right.`);
}

async function hashesInBrowser(stated: readonly StatedTx[]): Promise<PageHashes[]> {
  const browser = await openBrowserHashes().catch((fault: Error) => {
    throw new CliFault(2, fault.message);
  });
  try {
    return await browser.of(stated.map((one) => one.tx));
  } finally {
    await browser.close();
  }
}

/** A hash that the file does not state is one that was not compared. */
function differences({ tx, expected }: StatedTx, page: PageHashes): string[] {
  const length = ((tx.data.length - 2) / 2).toString(16).padStart(64, "0");
  const rest = {
    "calldata digest": page.calldataDigest === keccak256(`0x${length}${tx.data.slice(2)}` as Hex),
    "typed data": hashTypedData(JSON.parse(page.typedData) as TypedDataDefinition) === expected.safeTxHash,
  };
  return [
    ...published.filter((name) => page[name] !== expected[name]),
    ...Object.entries(rest).flatMap(([name, same]) => (same ? [] : [name])),
  ];
}

try {
  await compareVectors(process.argv[2]);
} catch (fault) {
  if (!(fault instanceof CliFault)) throw fault;
  process.stderr.write(`${fault.message}\n`);
  process.exitCode = fault.exitCode;
}
