/** One stage for a test file, and visits to the page that end with their test. */

import { afterAll, afterEach, beforeAll } from "vitest";
import { connect, type PageVisit, type Stage, serveEverybody, startStage, type VisitOptions } from "./stage.ts";

type Signer = "ben" | "caro" | "dev";

export interface Visits {
  at: { stage: Stage };
  visitAs(person: Signer, options?: VisitOptions): Promise<PageVisit>;
  /** Connected, and everything compared agrees. */
  connected(person?: Signer, options?: VisitOptions): Promise<PageVisit>;
}

/** Called once by a test file. */
export function visits(): Visits {
  const at = {} as { stage: Stage };
  const open: PageVisit[] = [];
  beforeAll(async () => {
    at.stage = await startStage();
    serveEverybody(at.stage);
  });
  afterAll(() => at.stage?.stop());
  afterEach(async () => {
    for (const visit of open.splice(0)) await visit.close();
  });
  async function visitAs(person: Signer, options: VisitOptions = {}) {
    const visit = await at.stage.open(person, options);
    open.push(visit);
    return visit;
  }
  return {
    at,
    visitAs,
    async connected(person = "ben", options = {}) {
      const visit = await visitAs(person, options);
      await connect(visit);
      await visit.page.getByText(/All \d+ comparisons agree\./).waitFor();
      return visit;
    },
  };
}
