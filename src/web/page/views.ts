/** Which view shows a brief: one for each schema. */

import type { ComponentType } from "preact";
import { EndingView } from "./ending-view.tsx";
import { ExecutionView } from "./execution-view.tsx";
import { LinkingView } from "./linking-view.tsx";
import { SigningView } from "./signing-view.tsx";
import type { Visit } from "./visit.ts";

/** What every view is given: the brief as JSON, of which it believes nothing. */
export interface ViewProps {
  json: unknown;
  visit: Visit;
}

const views: Readonly<Record<string, ComponentType<ViewProps>>> = {
  "quorate/signing/1": SigningView,
  "quorate/linking/1": LinkingView,
  "quorate/ending/1": EndingView,
  "quorate/execution/1": ExecutionView,
};

/** By what the brief says that it is; what no view knows is shown by the first, as malformed. */
export function viewOf(json: unknown): ComponentType<ViewProps> {
  const schema = typeof json === "object" && json !== null && "schema" in json ? json.schema : undefined;
  return (typeof schema === "string" && Object.hasOwn(views, schema) ? views[schema] : undefined) ?? SigningView;
}
