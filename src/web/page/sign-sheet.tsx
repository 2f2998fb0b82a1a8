/** Things to sign, from what they mean down to each signature: a release, or what makes an ended one unusable. */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ChecksStep } from "./checks-step.tsx";
import { type DeskState, emptyDesk, isDone } from "./desk.ts";
import { type Device, devices } from "./devices.ts";
import { useVerdictFocus } from "./focus.ts";
import { ItemCard } from "./item-card.tsx";
import { type Heading, Lead } from "./lead.tsx";
import type { Item } from "./release.ts";
import { SignatureDesk } from "./signature-desk.ts";
import { spoken, Verdict } from "./verdict.tsx";
import type { Visit } from "./visit.ts";
import { WalletStep } from "./wallet-step.tsx";
import type { Work } from "./work.ts";

export interface SheetItem {
  item: Item;
  title: string;
  /** Sentences besides what its bytes do: what dies by it. */
  notes: readonly string[];
}

export interface Sheet {
  /** Reasons not to sign; nothing is asked of the wallet while there is one. */
  problems: readonly string[];
  /** Undefined where what was sent could not even be read. */
  work: Work | undefined;
  items: readonly SheetItem[];
  heading: Heading | undefined;
  /** What the signatures mean, line by line. */
  meaning: ComponentChildren;
  /** Numbers to be compared with chat. */
  hashes: readonly { label: string; note: string; value: string }[];
}

export function SignSheet({ sheet, visit }: { sheet: Sheet; visit: Visit }) {
  const { work, problems, items } = sheet;
  const [state, setState] = useState(emptyDesk);
  const desk = useMemo(
    () => (work === undefined || problems.length > 0 ? undefined : new SignatureDesk(work, visit, setState)),
    [sheet],
  );
  const [device, setDevice] = useState<Device>(devices[0]);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus();
    return () => desk?.dispose();
  }, [desk]);
  const verdict = useVerdictFocus(state);
  return (
    <>
      <Lead heading={problems.length > 0 ? undefined : sheet.heading} refused="This cannot be signed" title={title} />
      <div ref={verdict} tabIndex={-1} class="verdict">
        <Verdict problems={problems} work={work} state={state} desk={desk} />
      </div>
      <p class="unseen" role="status">
        {spoken(problems, work, state)}
      </p>
      {problems.length === 0 && sheet.meaning}
      {work !== undefined && desk !== undefined && <WalletStep work={work} state={state} desk={desk} />}
      {work !== undefined && <ChecksStep hashes={sheet.hashes} state={state} problems={problems} />}
      {work !== undefined && (
        <section class="items" aria-labelledby="sign-title">
          <div class="panel">
            <h2 id="sign-title">
              {desk !== undefined && <span class="step">3</span>}{" "}
              {desk === undefined ? "What you were asked to sign, for the record" : "Compare and sign"}
            </h2>
            {desk !== undefined && <DeviceChoice chosen={device} onChoose={setDevice} />}
          </div>
          {items.map((one, at) => (
            <ItemCard
              key={one.item.id}
              {...one}
              work={work}
              number={at + 1}
              device={device}
              state={state}
              desk={desk}
              turn={isTurn(state, items, at)}
            />
          ))}
        </section>
      )}
    </>
  );
}

/** One at a time: those before it are done, or were tried. */
function isTurn({ progress }: DeskState, items: readonly SheetItem[], at: number): boolean {
  return items
    .slice(0, at)
    .every(({ item }) => isDone(progress.get(item.id)) || progress.get(item.id)?.step === "failed");
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
