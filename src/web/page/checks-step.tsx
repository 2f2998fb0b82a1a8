/** Every comparison, one line each. */

import type { Check } from "./checks.ts";
import type { DeskState } from "./desk.ts";
import { Icon, type IconName } from "./icon.tsx";
import { Hash } from "./values.tsx";
import { Words } from "./words.tsx";

const signs: Record<Check["verdict"], IconName> = { agrees: "good", differs: "bad", "not verified": "warning" };

export function ChecksStep({
  hashes,
  state,
  problems,
}: {
  hashes: readonly { label: string; note: string; value: string }[];
  state: DeskState;
  problems: readonly string[];
}) {
  const { checks } = state;
  const bad = checks?.some((one) => one.verdict !== "agrees") ?? false;
  return (
    <section class="panel" aria-labelledby="checks-title">
      <h2 id="checks-title">
        {problems.length === 0 && <span class="step">2</span>} What was{" "}
        {problems.length === 0 ? "compared" : "computed"}
      </h2>
      {hashes.length > 0 && (
        <dl class="hashes">
          {hashes.map((one) => (
            <Hash key={one.label} {...one} />
          ))}
        </dl>
      )}
      {checks === undefined ? (
        <p class="muted">
          {problems.length === 0
            ? "The chain: not verified yet."
            : "The chain: not verified. It is not asked while what was sent does not add up."}
        </p>
      ) : (
        <details open={bad}>
          <summary>
            {checks.filter((one) => one.verdict === "agrees").length} of {checks.length} comparisons with the chain
            agree
          </summary>
          <ul class="checks">
            {checks.map((one) => (
              <li key={one.sentence} class={one.verdict.replace(" ", "-")}>
                <Icon name={signs[one.verdict]} />
                <span>
                  <strong>
                    {one.verdict === "agrees" ? "Agrees. " : one.verdict === "differs" ? "Differs. " : "Not verified. "}
                  </strong>
                  <Words>{one.sentence}</Words>
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
