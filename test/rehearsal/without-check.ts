/** As `quorate rehearse --scenario tampered`, with one integrity check left out; only its own rows, to be quick. */

import { allRules } from "../../src/domain/decision.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { tampered } from "../../src/rehearsal/tampered/tampered.ts";

const [, , left = ""] = process.argv;
const { ok } = await rehearse({
  scenario: tampered({ only: (row) => row.layer === `integrity/${left}` }),
  policies: "policies",
  rules: { ...allRules, integrity: allRules.integrity.filter((one) => one.id !== left) },
  style: { colour: false },
  write: (line) => void process.stdout.write(`${line}\n`),
});
process.exitCode = ok ? 0 : 1;
