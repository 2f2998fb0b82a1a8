/** The calls that a call carries, in order, one sentence each and however deep; what is not decoded stands out. */

import type { ExplainedCall } from "../../domain/call-sentences.ts";
import { Words } from "./words.tsx";

export function CallList({ calls }: { calls: readonly ExplainedCall[] }) {
  if (calls.length === 0) return null;
  return (
    <ol class="calls">
      {calls.map((one, at) => (
        <li key={at} class={one.exact ? undefined : "unknown"}>
          <Words>{one.sentence}</Words>
          <CallList calls={one.nested} />
        </li>
      ))}
    </ol>
  );
}
