/** The page as a whole: getting hold of a brief, then everything else. */

import { useEffect, useState } from "preact/hooks";
import { BriefInput } from "./brief-input.tsx";
import { Notice } from "./notice.tsx";
import { PageCheck } from "./page-check.tsx";
import { fetchBrief } from "./server.ts";
import { viewOf } from "./views.ts";
import type { Visit } from "./visit.ts";

export function App({ visit }: { visit: Visit }) {
  const [brief, setBrief] = useState<{ json: unknown }>();
  const [fault, setFault] = useState("");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (visit.offline) return;
    setFault("");
    void fetchBrief(visit.token).then((answer) =>
      answer.ok ? setBrief({ json: answer.value }) : setFault(answer.sentence),
    );
  }, [attempt]);
  const View = brief === undefined ? undefined : viewOf(brief.json);
  return (
    <>
      <header class="top">
        <Brand />
        <p>
          Loaded from <strong>{visit.place}</strong>
        </p>
      </header>
      <main>
        {View !== undefined && <View json={brief?.json} visit={visit} />}
        {brief === undefined && visit.offline && <BriefInput onBrief={(json) => setBrief({ json })} />}
        {brief === undefined && !visit.offline && <Waiting fault={fault} onAgain={() => setAttempt(attempt + 1)} />}
        <PageCheck visit={visit} />
      </main>
    </>
  );
}

function Waiting({ fault, onAgain }: { fault: string; onAgain: () => void }) {
  return (
    <section class="panel">
      <h1>{fault === "" ? "Getting what this link is for…" : "There is nothing to do here"}</h1>
      {fault !== "" && (
        <Notice tone="bad" title={fault}>
          <p>
            A link is for one person and one revision; it can be read as long as that stands, and signed or sent by for
            15 minutes. Ask for a new one in chat with the command that gave it: /upgrade sign, execute or rollback.
          </p>
          <p class="row">
            <button type="button" class="button plain" onClick={onAgain}>
              Try again
            </button>
          </p>
        </Notice>
      )}
    </section>
  );
}

function Brand() {
  return (
    <p class="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" />
        <circle cx="16" cy="15" r="7.5" />
        <path d="M19.5 19.5l4 4.5" />
      </svg>
      Quorate <span>signing page</span>
    </p>
  );
}
