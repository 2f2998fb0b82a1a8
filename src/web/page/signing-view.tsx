/** A release to sign, from what it means down to each signature. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ChecksStep } from "./checks-step.tsx";
import { Desk, type DeskState, emptyDesk, maySign } from "./desk.ts";
import { type Device, devices } from "./devices.ts";
import { ItemCard } from "./item-card.tsx";
import { meaningOf } from "./meaning.ts";
import { Meaning } from "./meaning-panel.tsx";
import { inert } from "./plain-words.ts";
import { type Reading, readBrief } from "./release.ts";
import { spoken, Verdict } from "./verdict.tsx";
import type { ViewProps } from "./views.ts";
import { WalletStep } from "./wallet-step.tsx";

export function SigningView({ json, visit }: ViewProps) {
  const reading = useMemo(() => readBrief(json), [json]);
  const { release, problems } = reading;
  const [state, setState] = useState(emptyDesk);
  const desk = useMemo(
    () => (release === undefined || problems.length > 0 ? undefined : new Desk(release, visit, setState)),
    [reading],
  );
  const [device, setDevice] = useState<Device>(devices[0]);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus();
    return () => desk?.dispose();
  }, [desk]);
  const verdict = useVerdictFocus(state);
  const items = release?.items ?? [];
  return (
    <>
      <Lead reading={reading} title={title} />
      <div ref={verdict} tabIndex={-1} class="verdict">
        <Verdict problems={problems} release={release} state={state} desk={desk} />
      </div>
      <p class="unseen" role="status">
        {spoken(problems, state)}
      </p>
      {release !== undefined && problems.length === 0 && <Meaning release={release} />}
      {release !== undefined && desk !== undefined && <WalletStep release={release} state={state} desk={desk} />}
      {release !== undefined && <ChecksStep release={release} state={state} problems={problems} />}
      {release !== undefined && (
        <section aria-labelledby="sign-title">
          <div class="panel">
            <h2 id="sign-title">
              {desk !== undefined && <span class="step">3</span>}{" "}
              {desk === undefined ? "What you were asked to sign, for the record" : "Compare and sign"}
            </h2>
            {desk !== undefined && <DeviceChoice chosen={device} onChoose={setDevice} />}
          </div>
          {items.map((item, at) => (
            <ItemCard
              key={item.id}
              release={release}
              item={item}
              number={at + 1}
              device={device}
              state={state}
              desk={desk}
              turn={items
                .slice(0, at)
                .every((one) => ["signed", "failed"].includes(state.progress.get(one.id)?.step ?? "open"))}
            />
          ))}
        </section>
      )}
    </>
  );
}

function Lead({ reading, title }: { reading: Reading; title: { current: HTMLHeadingElement | null } }) {
  const { release, problems } = reading;
  // What does not add up is not repeated as if it were so.
  if (release === undefined || problems.length > 0)
    return (
      <h1 ref={title} tabIndex={-1}>
        This cannot be signed
      </h1>
    );
  const { brief, pkg } = release;
  return (
    <section>
      <p class="muted">
        {inert(brief.ceremony)} · revision {brief.revision} · for {inert(brief.person.name)}
      </p>
      <h1 ref={title} tabIndex={-1}>
        <bdi>{inert(pkg.title)}</bdi>
      </h1>
      <p class="lead">{meaningOf(release).headline}</p>
    </section>
  );
}

function DeviceChoice({ chosen, onChoose }: { chosen: Device; onChoose: (device: Device) => void }) {
  return (
    <fieldset class="devices">
      <legend>Which device shows you the transaction?</legend>
      <div class="choices">
        {devices.map((device) => (
          <label key={device.id} class={device === chosen ? "choice chosen" : "choice"}>
            <input type="radio" name="device" checked={device === chosen} onChange={() => onChoose(device)} />
            {device.name}
          </label>
        ))}
      </div>
      <p>{chosen.advice}</p>
    </fieldset>
  );
}

/** The focus goes where the news is: to the verdict when it is there, to the next transaction after a signature. */
function useVerdictFocus(state: DeskState) {
  const verdict = useRef<HTMLDivElement>(null);
  const signed = [...state.progress.values()].filter((one) => one.step === "signed").length;
  const compared = state.checks !== undefined;
  useEffect(() => {
    if (compared && signed === 0) verdict.current?.focus();
  }, [compared]);
  useEffect(() => {
    if (state.stopped !== undefined) verdict.current?.focus();
  }, [state.stopped]);
  useEffect(() => {
    if (compared && !maySign(state.checks)) verdict.current?.focus();
  }, [state.checks]);
  useEffect(() => {
    if (signed === 0) return;
    const next = document.querySelector<HTMLElement>(".item:not(.done) h3");
    (next ?? verdict.current)?.focus();
  }, [signed]);
  return verdict;
}
