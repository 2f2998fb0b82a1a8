/** Where the page hands in what a wallet signed to be linked: under the same conditions as every signature. */

import { Hono } from "hono";
import type { Address, Hex } from "../domain/primitives.ts";
import { failureLimit } from "./failure-limit.ts";
import { linkingProof } from "./linking-brief.ts";
import { answered, hardened, refuse } from "./signing-routes.ts";

export interface LinkingParts {
  /** Origin under which people open the page. */
  origin: string;
  /** Rejects with an error that has a `refusal` where the link is no good; a refused signature comes back as its sentence. */
  prove(token: string, wallet: Address, signature: Hex): Promise<{ ok: true } | { ok: false; sentence: string }>;
  now(): bigint;
}

export function linkingRoutes(parts: LinkingParts): Hono {
  const app = new Hono();
  const failures = failureLimit(parts.now);
  hardened(app, "/api/link", parts.origin);
  app.post("/api/link", (context) =>
    answered(context, linkingProof, failures, async ({ token, wallet, signature }) => {
      const outcome = await parts.prove(token, wallet, signature);
      return outcome.ok ? context.json({ taken: true }) : refuse(context, 409, outcome.sentence);
    }),
  );
  return app;
}
