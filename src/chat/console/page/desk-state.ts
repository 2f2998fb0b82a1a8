/** What is open on the page, and what pressing things does. */

import { useMemo, useState } from "preact/hooks";
import type { Action, Form } from "../../../view.ts";
import type { ReplyEntry, ShownPerson } from "../wire.ts";
import { newId, post } from "./api.ts";
import type { Draft } from "./composer.tsx";
import type { Desk } from "./context.ts";

/** The one dialog over the page. */
export type Open =
  | { kind: "confirm"; action: Action }
  | { kind: "form"; entry: ReplyEntry; form: Form }
  | { kind: "wallet"; reply: string }
  | { kind: "picture"; picture: { title: string; alt: string; svg: string } };

/** Asks the console for something as the person one is, and returns the request's id. */
export type Ask = (action: string, body: Record<string, unknown>) => string;

/** Answers that were asked for in this window: their form or wallet request opens by itself. */
const awaited = new Set<string>();

/** The desk stays the same object until one is somebody else: whatever uses it is not drawn again for nothing. */
export function useDeskState(me: ShownPerson, people: ShownPerson[], become: (person: ShownPerson) => void) {
  const [open, setOpen] = useState<Open | null>(null);
  const [thread, setThread] = useState("");
  const [draft, setDraft] = useState<Draft>({ line: "", count: 0 });
  const [fault, setFault] = useState("");
  const actions = useMemo(() => {
    const ask: Ask = (action, body) => {
      const id = newId();
      awaited.add(id);
      void post(action, { account: me.account, id, ...body }).then((sentence) => setFault(sentence ?? ""));
      return id;
    };
    const run = (action: Action) => {
      setOpen(null);
      ask("run", {
        said: action.label,
        command: action.command,
        options: action.options,
        revision: action.revision,
      });
    };
    const desk: Desk = {
      me,
      people,
      actAs(person) {
        setOpen(null);
        become(person);
      },
      say: (text) => void ask("say", { text }),
      press: (action) => (action.confirm ? setOpen({ kind: "confirm", action }) : run(action)),
      openForm: (entry, form) => setOpen({ kind: "form", entry, form }),
      openWallet: (entry) => setOpen({ kind: "wallet", reply: entry.id }),
      openThread: setThread,
      openPicture: (picture) => setOpen({ kind: "picture", picture }),
      suggest: (line) => setDraft((before) => ({ line, count: before.count + 1 })),
      dismiss: (reply) => void ask("dismiss", { reply }),
    };
    return { desk, ask, run };
  }, [me, people]);
  return { ...actions, open, setOpen, thread, setThread, draft, fault };
}

/** Opens the form or wallet request that somebody here is waiting for, unless they are busy with another. */
export function openAwaited(replies: Map<string, ReplyEntry>, desk: Desk): void {
  for (const entry of replies.values()) {
    if (entry.answeredAt === null || !awaited.delete(entry.id) || document.querySelector("dialog[open]")) continue;
    if (entry.view?.kind === "form") desk.openForm(entry, entry.view);
    if (entry.view?.kind === "wallet") desk.openWallet(entry, entry.view);
  }
}
