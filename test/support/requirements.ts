/**
 * Runs before `npm test`: brings along what tests need besides npm packages, by the system's package manager where it
 * may. Never fails by itself; the tests that miss something fail with the same sentence.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { findBrowser, missingBrowser } from "./browser.ts";

interface Requirement {
  found(): boolean;
  /** Debian packages that bring it. */
  packages: string[];
  /** What to do by hand. */
  sentence: string;
}

const requirements: Requirement[] = [
  {
    found: () => findBrowser() !== undefined,
    // Whoever names a browser of their own wants that one.
    packages: process.env.CHROME_PATH ? [] : ["chromium"],
    sentence: missingBrowser,
  },
];

const missing = requirements.filter((requirement) => !requirement.found());
if (missing.length > 0) {
  install(missing.flatMap((requirement) => requirement.packages));
  for (const requirement of missing) if (!requirement.found()) console.log(requirement.sentence);
}

/** apt-get, as root or where sudo asks no password; nothing elsewhere. */
function install(packages: string[]): void {
  if (packages.length === 0 || process.platform !== "linux" || !existsSync("/usr/bin/apt-get")) return;
  const root = process.getuid?.() === 0;
  if (!root && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status !== 0) return;
  const prefix = root ? [] : ["sudo", "-n"];
  console.log(`The tests need ${packages.join(", ")}: installing with apt-get…`);
  const frontend = ["env", "DEBIAN_FRONTEND=noninteractive"];
  const ran =
    run([...prefix, ...frontend, "apt-get", "update", "-qq"]) &&
    run([...prefix, ...frontend, "apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages]);
  if (ran) console.log("Installed.");
}

/** Runs a command and prints no more than the end of what it says when it fails. */
function run(words: string[]): boolean {
  const [program = "", ...rest] = words;
  const { status, stdout, stderr, error } = spawnSync(program, rest, { encoding: "utf8", timeout: 15 * 60_000 });
  if (status === 0) return true;
  const output = `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`.trim().split("\n");
  console.log(output.slice(-3).join("\n"));
  return false;
}
