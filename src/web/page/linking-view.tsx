/** Linking a wallet: whose it will be, what that allows and what not, the text word for word, and the one signature. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { chainNumber } from "../../domain/primitives.ts";
import type { LinkingBrief } from "../linking-brief.ts";
import { Lead } from "./lead.tsx";
import { readLinking, textFor, walletProblem } from "./linking.ts";
import { emptyLinking, isBusy, LinkingDesk, type LinkingState } from "./linking-desk.ts";
import { Notice } from "./notice.tsx";
import { inert, utc } from "./plain-words.ts";
import { Fact } from "./values.tsx";
import type { ViewProps } from "./views.ts";
import { WalletList } from "./wallet-list.tsx";

export function LinkingView({ json, visit }: ViewProps) {
  const { brief, problems } = useMemo(() => readLinking(json, visit, location), [json]);
  const [state, setState] = useState(emptyLinking);
  const desk = useMemo(
    () => (brief === undefined || problems.length > 0 ? undefined : new LinkingDesk(brief, visit, setState)),
    [brief],
  );
  const title = useRef<HTMLHeadingElement>(null);
  const news = useRef<HTMLDivElement>(null);
  useEffect(() => {
    title.current?.focus();
    return () => desk?.dispose();
  }, [desk]);
  useEffect(() => {
    if (state.step === "done" || state.step === "failed") news.current?.focus();
  }, [state.step, state.sentence]);
  return (
    <>
      <Lead
        title={title}
        refused="Nothing can be linked here"
        heading={
          desk === undefined || brief === undefined
            ? undefined
            : {
                line: `${brief.council} · ${brief.link} · for ${brief.person.name}`,
                title: `Link a wallet to ${brief.person.name}`,
                headline:
                  "Your wallet signs a text that says whose chat account this is. It moves nothing and costs nothing.",
              }
        }
      />
      {(problems.length > 0 || state.step === "failed" || state.step === "done") && (
        <div ref={news} tabIndex={-1} class="verdict">
          {problems.length > 0 && <Notice tone="bad" title="Do not sign." sentences={problems} />}
          <News state={state} brief={brief} />
        </div>
      )}
      {brief !== undefined && desk !== undefined && state.step !== "done" && (
        <>
          <Meaning brief={brief} />
          <WalletPart state={state} desk={desk} />
          <TextPart brief={brief} state={state} desk={desk} />
        </>
      )}
    </>
  );
}

function News({ state, brief }: { state: LinkingState; brief: LinkingBrief | undefined }) {
  if (state.step === "failed") return <Notice tone="bad" title={state.sentence} sentences={["Nothing was linked."]} />;
  if (state.step !== "done" || brief === undefined) return null;
  const sentence = `Now two admins confirm: two of ${brief.admins.map(inert).join(", ")}. They will ask you, outside of the chat, whether this wallet is yours. The card in the channel says when it is linked.`;
  return <Notice tone="good" title="Signed and handed in." sentences={[sentence]} />;
}

function Meaning({ brief }: { brief: LinkingBrief }) {
  const name = inert(brief.person.name);
  return (
    <section class="panel" aria-labelledby="meaning-title">
      <h2 id="meaning-title">What it means</h2>
      <ul>
        <li>Once two admins have confirmed, what this wallet signs counts as {name}'s in this council.</li>
        <li>It gives the wallet no power on a chain: only the Safe's own owners have that.</li>
        <li>
          Every vote on a package that is under way is void then, because the package names the council as it was.
        </li>
        <li>Nobody in chat can sign it for you, and a text signed once cannot be used again.</li>
      </ul>
      <dl class="facts">
        <Fact label="Person">{`${name} (${inert(brief.person.id)})`}</Fact>
        <Fact label="Chat account" code>
          {inert(brief.account)}
        </Fact>
        <Fact label="Until">{utc(BigInt(brief.expiresAt))}</Fact>
      </dl>
      <p>Is this not you, or did you not ask for it? Do not sign, and say so in chat.</p>
    </section>
  );
}

function WalletPart({ state, desk }: { state: LinkingState; desk: LinkingDesk }) {
  const { wallet, signer, step } = state;
  return (
    <section class="panel" aria-labelledby="wallet-title">
      <h2 id="wallet-title">
        <span class="step">1</span> The wallet that is to be linked
      </h2>
      {signer !== undefined && wallet !== undefined && (
        <dl class="facts">
          <Fact label="Wallet">{wallet.name}</Fact>
          <Fact label="Account" code>
            {signer.account}
          </Fact>
          <Fact label="Chain">{String(chainNumber(signer.chain))}</Fact>
        </dl>
      )}
      <WalletList
        connected={signer === undefined ? undefined : wallet?.id}
        busy={isBusy(step)}
        verb="sign"
        onConnect={(one) => void desk.connect(one)}
      />
      {step === "connecting" && <p class="note">Answer in the wallet…</p>}
    </section>
  );
}

function TextPart({ brief, state, desk }: { brief: LinkingBrief; state: LinkingState; desk: LinkingDesk }) {
  const { signer, step } = state;
  const problem = signer === undefined ? undefined : walletProblem(brief, signer.account);
  const label = step === "handing in" ? "Handing in…" : step === "in the wallet" ? "Waiting for the wallet…" : "Sign";
  return (
    <section class="panel" aria-labelledby="text-title">
      <h2 id="text-title">
        <span class="step">2</span> Read it, and sign
      </h2>
      {signer === undefined && <p>Connect the wallet first: the text names its account.</p>}
      {problem !== undefined && <Notice tone="bad" title={problem} />}
      {signer !== undefined && problem === undefined && (
        <>
          <p>Your wallet shows this text. Sign only if it is the same, every line of it.</p>
          <pre class="text">{textFor(brief, signer.account)}</pre>
          {step === "in the wallet" && (
            <Notice tone="wait" title="Your wallet asks you now. Compare there, then confirm." />
          )}
          <p class="row">
            <button type="button" class="button primary" disabled={isBusy(step)} onClick={() => void desk.sign()}>
              {label}
            </button>
          </p>
        </>
      )}
    </section>
  );
}
