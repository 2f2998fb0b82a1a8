/** `quorate hash`: domain hash, message hash and safeTxHash, offline, to be compared with what a device shows. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { size } from "viem";
import { calldataDigest } from "../domain/calldata-digest.ts";
import { chainNumber, type Hex, zeroAddress } from "../domain/primitives.ts";
import { type SafeTxHashes, safeTxHashes } from "../domain/safe-tx.ts";
import { inertLine } from "../terminal/inert-line.ts";
import { CliFault } from "./fault.ts";
import { countCalls, saidOf } from "./hash-calls.ts";
import { messagesThrough, type SafeMessage } from "./safe-messages.ts";
import { readSafeTxFile, reasonOf, type StatedTx, statedTx } from "./safe-tx-file.ts";

/** The flags in place of a file; commander's names. */
export interface HashFlags {
  json?: boolean;
  /** Of a folder: how many calls each file's calldata carries, in place of its hashes. */
  calls?: boolean;
  chainId?: string;
  safe?: string;
  safeVersion?: string;
  domainScheme?: string;
  to?: string;
  value?: string;
  data?: string;
  operation?: string;
  safeTxGas?: string;
  baseGas?: string;
  gasPrice?: string;
  gasToken?: string;
  refundReceiver?: string;
  nonce?: string;
  /** `address@version` of each Safe that is signed for, from the Safe's own owner down. */
  via?: string[];
}

const names = ["domainHash", "messageHash", "safeTxHash"] as const;

/** A file, a folder of files, or flags. Throws {@link CliFault} 1 where an expected hash is another. */
export async function hash(path: string | undefined, flags: HashFlags): Promise<void> {
  if (path === undefined) return one(undefined, fromFlags(flags), flags.json, flags.via);
  refuseBoth(flags);
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new CliFault(2, `${path} cannot be read: ${reasonOf(cause)}.`);
  });
  if (flags.calls === true) return decoded(path, found.isDirectory() ? await jsonFiles(path) : [""]);
  return found.isDirectory() ? folder(path, flags.json) : one(path, await readSafeTxFile(path), flags.json);
}

function fromFlags(flags: HashFlags): StatedTx {
  for (const [name, flag] of [
    ["chainId", "--chain-id"],
    ["safe", "--safe"],
    ["to", "--to"],
    ["nonce", "--nonce"],
  ] as const)
    if (flags[name] === undefined)
      throw new CliFault(2, `Name a file or folder, or give the transaction with flags: ${flag} is missing.`);
  const { chainId, safe, safeVersion, domainScheme, to, nonce } = flags;
  return statedTx("The flags", {
    chainId,
    safe,
    safeVersion,
    domainScheme,
    safeTx: {
      to,
      value: flags.value ?? "0",
      data: flags.data ?? "0x",
      operation: Number(flags.operation ?? "0"),
      safeTxGas: flags.safeTxGas ?? "0",
      baseGas: flags.baseGas ?? "0",
      gasPrice: flags.gasPrice ?? "0",
      gasToken: flags.gasToken ?? zeroAddress,
      refundReceiver: flags.refundReceiver ?? zeroAddress,
      nonce,
    },
  });
}

function refuseBoth({ json: _json, calls: _calls, ...rest }: HashFlags): void {
  const [also] = Object.keys(rest);
  if (also !== undefined)
    throw new CliFault(
      2,
      `A file says everything itself: leave --${also.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} out.`,
    );
}

function one(file: string | undefined, stated: StatedTx, json = false, via: string[] = []): void {
  const found = report(file, stated);
  const messages = messagesThrough(stated.tx, via);
  const all = messages.length === 0 ? found : { ...found, messages };
  process.stdout.write(
    json ? `${JSON.stringify(all)}\n` : forPeople(stated, found) + messages.map(messageText).join(""),
  );
  if (!found.ok && found.differs !== undefined)
    throw new CliFault(1, `${file}: the ${found.differs.join(", ")} expected there is another.`);
}

/** What --json prints of one transaction. */
interface Report extends SafeTxHashes {
  file?: string;
  chainId: number;
  safe: string;
  nonce: string;
  domainScheme: string;
  because: string;
  /** Where the file expects hashes: their names where they are others. */
  differs?: string[];
  ok?: boolean;
}

function report(file: string | undefined, { tx, domain, expected }: StatedTx): Report {
  const hashes = safeTxHashes(tx);
  const about = {
    ...(file === undefined ? {} : { file }),
    chainId: Number(chainNumber(tx.chain)),
    safe: tx.safe,
    nonce: tx.nonce.toString(),
    domainScheme: domain.scheme,
    because: domain.because,
    ...hashes,
  };
  if (Object.keys(expected).length === 0) return about;
  const differs = names.filter((name) => expected[name] !== undefined && expected[name] !== hashes[name]);
  return { ...about, differs, ok: differs.length === 0 };
}

/** One line a file. Nothing checked is not a success: trust rule 9. */
async function folder(path: string, json = false): Promise<void> {
  const files = await jsonFiles(path);
  const results = await Promise.all(files.map((name) => check(path, name)));
  const right = results.filter((one) => one.ok).length;
  if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
  else {
    for (const one of results)
      process.stdout.write(one.ok ? `ok    ${one.file} ${one.safeTxHash}\n` : `WRONG ${one.file}: ${one.problem}\n`);
    process.stdout.write(`${right} of ${results.length} files have the expected hashes.\n`);
  }
  if (right < results.length)
    throw new CliFault(1, `${results.length - right} of ${results.length} files in ${path} are not right.`);
}

async function jsonFiles(path: string): Promise<string[]> {
  const files = (await readdir(path)).filter((name) => name.endsWith(".json")).sort();
  if (files.length === 0) throw new CliFault(2, `There is no .json file in ${path}, so nothing was checked.`);
  return files;
}

/** One line a file. What is unknown is counted; bytes that no decoded form accounts for are a fault. */
async function decoded(path: string, files: readonly string[]): Promise<void> {
  const faults: string[] = [];
  for (const name of files) {
    const { tx } = await readSafeTxFile(join(path, name));
    const count = countCalls(tx);
    const what = name === "" ? path : name;
    if (count?.canonical !== true) faults.push(what);
    process.stdout.write(
      count === undefined
        ? `WRONG ${what}: there is more in it than anybody reads\n`
        : `${count.canonical ? "ok   " : "WRONG"} ${what}: ${count.calls - count.unknown} of ${count.calls} calls decoded, ${count.unknown} unknown${count.canonical ? "" : "; it has bytes that its decoded form does not account for"}\n`,
    );
  }
  if (faults.length > 0)
    throw new CliFault(1, `${faults.length} of ${files.length} files in ${path} are not canonical.`);
}

type Checked = ({ ok: true } & Report) | ({ ok: false; problem: string } & Partial<Report>);

async function check(path: string, name: string): Promise<Checked> {
  try {
    const found = report(name, await readSafeTxFile(join(path, name)));
    if (found.ok === true) return { ...found, ok: true };
    const problem =
      found.differs === undefined
        ? "it expects no hash, so nothing was checked"
        : `the ${found.differs.join(", ")} expected there is another`;
    return { ...found, ok: false, problem };
  } catch (fault) {
    if (!(fault instanceof CliFault)) throw fault;
    return { file: name, ok: false, problem: fault.message };
  }
}

function forPeople({ tx, domain }: StatedTx, hashes: SafeTxHashes): string {
  const gas = [tx.safeTxGas, tx.baseGas, tx.gasPrice].some((amount) => amount !== 0n);
  const refund = tx.gasToken !== zeroAddress || tx.refundReceiver !== zeroAddress;
  const lines: [string, string][] = [
    ["Chain", chainNumber(tx.chain).toString()],
    ["Safe", tx.safe],
    ["Domain", `${domain.scheme === "eip155" ? "with" : "without"} chain id (${domain.because})`],
    ["Nonce", tx.nonce.toString()],
    ["To", tx.to],
    ["Value", `${tx.value} wei`],
    ["Operation", tx.operation === 0 ? "0 (CALL)" : "1 (DELEGATECALL: the target runs with all powers of the Safe)"],
    ["Data", `${size(tx.data)} bytes, digest ${calldataDigest(tx.data)}`],
    ...(gas
      ? ([["Gas", `safeTxGas ${tx.safeTxGas}, baseGas ${tx.baseGas}, gasPrice ${tx.gasPrice}`]] as [string, string][])
      : []),
    ...(refund ? ([["Refund", `in ${tx.gasToken} to ${tx.refundReceiver}`]] as [string, string][]) : []),
  ];
  const head = lines.map(([label, value]) => `${label.padEnd(13)}${value}\n`).join("");
  const titles = { domainHash: "Domain hash", messageHash: "Message hash", safeTxHash: "safeTxHash" };
  const does = saidOf(tx).map((line) => `  ${inertLine(line)}\n`);
  return `${head}\nWhat it does\n${does.join("")}\n${names.map((name) => hashText(titles[name], hashes[name])).join("\n")}`;
}

/** What the device of an owner of a Safe in between shows. */
function messageText({ safe, domainHash, messageHash, hash }: SafeMessage): string {
  const parts = [
    hashText("Domain hash", domainHash),
    hashText("Message hash", messageHash),
    hashText("Signed hash", hash),
  ];
  return `\nAs an owner of the Safe ${safe}: its message, and not the transaction\n\n${parts.join("\n")}`;
}

const hashText = (title: string, value: Hex) => `${title}\n  ${value}\n${grouped(value)}`;

/** Upper case in groups of four, as a device shows it. */
function grouped(hash: Hex): string {
  const groups = hash.slice(2).toUpperCase().match(/.{4}/g) ?? [];
  return `  ${groups.slice(0, 8).join(" ")}\n  ${groups.slice(8).join(" ")}\n`;
}
