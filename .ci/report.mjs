/** Reads vitest's JSON report: `report.mjs FILE [full]`. Exit code 1 where a test failed or did not run, or a file is missing. */

import { readdirSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";

const [file, detail] = process.argv.slice(2);
const report = JSON.parse(readFileSync(file, "utf8"));
const results = report.testResults.map((one) => ({ ...one, file: relative(process.cwd(), resolve(one.name)) }));
const counts = { passed: 0, failed: 0 };
const problems = [];

for (const { file: name, status, message, assertionResults, startTime, endTime } of results) {
  for (const { status: outcome, fullName } of assertionResults) {
    if (outcome === "passed") counts.passed += 1;
    else if (outcome === "failed") counts.failed += 1;
    // pending, skipped, todo, disabled: whatever did not run proves nothing.
    else problems.push(`${name}: "${fullName}" did not run (${outcome}).`);
  }
  if (assertionResults.length === 0) {
    counts.failed += 1;
    problems.push(`${name}: no test of it ran${message ? `: ${message.split("\n")[0]}` : ""}.`);
  } else if (status !== "passed" && !assertionResults.some((one) => one.status === "failed")) {
    counts.failed += 1;
    problems.push(`${name}: it failed outside of its tests.`);
  }
  if (detail === "full")
    console.log(`${name}: ${assertionResults.length} tests, ${((endTime - startTime) / 1000).toFixed(1)} s`);
}

const onDisk = readdirSync("test", { recursive: true }).filter((name) => /\.test\.tsx?$/.test(name));
const reported = new Set(results.map((one) => one.file));
for (const name of onDisk)
  if (!reported.has(`test/${name}`)) problems.push(`test/${name}: it is on disk and not in the report.`);
if (onDisk.length === 0 || counts.passed === 0) problems.push("No test ran, so nothing was shown.");

for (const problem of problems) console.log(problem);
if (problems.length > 0) console.log(`${problems.length} of these may not stand.`);
console.log(`${results.length} test files, ${onDisk.length} on disk.`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed > 0 || problems.length > 0 ? 1 : 0);
