/** A program without ceremonies, for tests of the server's other pages. */

import type { CeremonyPages } from "../../src/web/ceremony-page/routes.ts";

export const noPages: CeremonyPages = {
  html: async () => undefined,
  packageFile: async () => undefined,
  evidenceFile: async () => undefined,
};
