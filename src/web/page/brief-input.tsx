/** Without a server: the brief's JSON is pasted, dropped or opened as a file. */

import { useState } from "preact/hooks";
import { Notice } from "./notice.tsx";

export function BriefInput({ onBrief }: { onBrief: (json: unknown) => void }) {
  const [fault, setFault] = useState("");
  const [over, setOver] = useState(false);
  const take = (text: string) => {
    try {
      onBrief(JSON.parse(text));
    } catch {
      setFault("This is not JSON. Paste the whole brief, from its first brace to its last.");
    }
  };
  const takeFile = async (file: File | undefined) => {
    if (file !== undefined) take(await file.text());
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem("brief");
    if (field instanceof HTMLTextAreaElement) take(field.value);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void takeFile(event.dataTransfer?.files[0]);
  };
  return (
    <form
      class={over ? "panel drop over" : "panel drop"}
      onSubmit={submit}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <h1>What is there to sign?</h1>
      <p>
        This page was opened from a file, so it asks no server. Paste the brief (the JSON text that says what there is
        to sign), drop it here, or open its file. Everything is computed on this computer.
      </p>
      <label for="brief">The brief, as JSON</label>
      <textarea id="brief" name="brief" rows={7} spellcheck={false} required aria-describedby="brief-fault" />
      <div id="brief-fault" role="status">
        {fault && <Notice tone="bad" title={fault} />}
      </div>
      <div class="row">
        <button type="submit" class="button primary">
          Read the brief
        </button>
        <label class="button plain">
          Open a file
          <input
            class="unseen"
            type="file"
            accept=".json,application/json"
            onChange={(event) => void takeFile(event.currentTarget.files?.[0])}
          />
        </label>
      </div>
    </form>
  );
}
