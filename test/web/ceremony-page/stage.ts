/** A council whose ceremonies can be read on their page, as the program serves it. */

import { randomBytes } from "node:crypto";
import { createCeremonyPages } from "../../../src/ceremony-pages.ts";
import type { Clock } from "../../../src/ports.ts";
import { startWeb } from "../../../src/web/server.ts";
import { viewPath } from "../../../src/web/view-link.ts";
import { startCouncil, type TestCouncil } from "../../support/embedded.ts";

export interface Stage {
  council: TestCouncil;
  /** Of a ceremony's page. */
  address(ceremony?: string): string;
  /** The page's HTML. */
  page(ceremony?: string): Promise<string>;
  faults: unknown[];
  stop(): Promise<void>;
}

export async function startStage(policies?: string): Promise<Stage> {
  const council = await startCouncil(policies === undefined ? {} : { policies });
  const { quorate, policy, store, world } = council;
  const clock: Clock = world.time;
  const secret = randomBytes(32);
  const faults: unknown[] = [];
  const web = await startWeb({
    port: 0,
    secret,
    pages: createCeremonyPages({ quorate, policy, store, clock }),
    now: () => clock.now(),
    signing: undefined,
    slack: undefined,
    onFault: (_where, fault) => void faults.push(fault),
  });
  const address = (ceremony = "UP-1") => `${web.url}${viewPath(secret, ceremony)}`;
  return {
    council,
    address,
    page: async (ceremony) => (await fetch(address(ceremony))).text(),
    faults,
    async stop() {
      await web.stop();
      await council.stop();
    },
  };
}
