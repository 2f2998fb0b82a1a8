/** The order of test files: whoever begins with the longest is not left waiting for one of them at the end. */

import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Those that take half a minute and more, longest first: a fresh clone knows no durations. */
export const long = [
  "rehearsal/scenarios",
  "recovery/kill",
  "scenarios/scenarios",
  "cli/upgrade",
  "recovery/gas-executor",
  "foreign-chain/terminal",
  "watch/after-first-signature",
  "web/page/hostile",
  "gates/simulation",
  "recovery/outages",
  "web/page/access",
  "execution-desk",
  "chat/security/evidence",
  "web/page/nested",
  "chat-start",
  "cli/check",
  "domain/separation",
  "bad-input/bad-input",
  "watch/release",
  "web/page/wallet",
  "chat/security/discord-senders",
  "web/page/ending-hostile",
  "rehearsal/checks",
  "signing-desk",
  "cli/package",
  "safe-service/outage",
].map((name) => `test/${name}.test.ts`);

export class LongFirst extends BaseSequencer {
  /** Files with a process of their own come before those that share one, so that the shared ones are kept. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification) => {
      const known = long.indexOf(relative(this.ctx.config.root, moduleId));
      return (project.config.isolate ? 0 : 2 * long.length) + (known < 0 ? long.length : known);
    };
    // Sorting keeps the order of the rest.
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
