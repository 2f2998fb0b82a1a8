/** The files of a builds folder, within limits: what is beyond them is said, and not read. */

import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { BuildFault } from "./fault.ts";
import type { BuildText } from "./read-build.ts";

/** Bytes of one file and of all, files, and folders below one another. */
export const folderLimits = { fileBytes: 64 * 1024 * 1024, bytes: 512 * 1024 * 1024, files: 2000, depth: 4 } as const;

export interface FoundFile {
  /** Below the folder, with `/`. */
  file: string;
  bytes: number;
  /** Changes when the file does: size and time of change. */
  stamp: string;
}

/** Sorted; a folder that is not there has none. Throws a BuildFault where there are too many. */
export function buildFiles(folder: string): FoundFile[] {
  const found = below(folder, folder, folderLimits.depth);
  if (found.length > folderLimits.files)
    throw new BuildFault(
      `there are ${found.length} files in the builds folder, and at most ${folderLimits.files} are read`,
    );
  const bytes = found.reduce((sum, one) => sum + one.bytes, 0);
  if (bytes > folderLimits.bytes)
    throw new BuildFault(
      `the builds folder holds ${Math.round(bytes / 1_048_576)} MB, and at most ${folderLimits.bytes / 1_048_576} MB are read`,
    );
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

function below(root: string, folder: string, depth: number): FoundFile[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    if (folder === root) return [];
    throw new BuildFault(`the folder ${relative(root, folder)} cannot be read`);
  }
  return entries.flatMap((entry): FoundFile[] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return depth > 0 ? below(root, path, depth - 1) : [];
    if (!entry.isFile() || !isBuildName(entry.name)) return [];
    const { size, mtimeMs } = statSync(path);
    return [{ file: relative(root, path).split(sep).join("/"), bytes: size, stamp: `${size}/${mtimeMs}` }];
  });
}

/** Debug notes beside Hardhat's artefacts, and the second of Hardhat 3's files, are no builds by themselves. */
function isBuildName(name: string): boolean {
  return name.endsWith(".json") && !name.endsWith(".dbg.json") && !name.endsWith(".output.json");
}

/** The text, and the bytes that the build's hash is of. Throws a BuildFault for a file that is too large or gone. */
export function readFile(folder: string, { file, bytes }: FoundFile): { text: BuildText; bytes: Uint8Array } {
  if (bytes > folderLimits.fileBytes)
    throw new BuildFault(
      `it has ${Math.round(bytes / 1_048_576)} MB, and at most ${folderLimits.fileBytes / 1_048_576} MB are read`,
    );
  const main = readIfThere(join(folder, file));
  if (main === undefined) throw new BuildFault("it cannot be read");
  const output = readIfThere(join(folder, file.replace(/\.json$/, ".output.json")));
  if (output !== undefined && output.length > folderLimits.fileBytes)
    throw new BuildFault("its output file is too large");
  return {
    text: { main: main.toString("utf8"), output: output?.toString("utf8") },
    bytes: output === undefined ? main : Buffer.concat([main, output]),
  };
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
