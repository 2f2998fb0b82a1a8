import { actor, type Call, type Command } from "../src/command.ts";
import { momentInWords } from "../src/domain/alerts/moment.ts";
import { type Form, notice, type View } from "../src/view.ts";

export const ack: Command = {
  name: "ack",
  summary: "Take an alert, so that nobody else is called for a while; with a note, resolve one that is cleared",
  example: "/upgrade ack alert-1",
  effect: "mutate",
  roles: ["guardian"],
  group: "alerts",
  options: [
    {
      name: "alert",
      description: "Which one, such as alert-1; may be left out while only one waits",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "note",
      description: "What it was: resolves an alert that is cleared; everyone sees it",
      type: "paragraph",
      required: false,
      maxLength: 2000,
    },
    {
      name: "accept",
      description: "Resolves it although it is still contained, or measured no more; takes a guardian",
      type: "flag",
      required: false,
    },
    {
      name: "giveback",
      description: "You cannot look at it after all: those on call are called again",
      type: "flag",
      required: false,
    },
    { name: "resolve", description: "Asks for the note; buttons send it along", type: "flag", required: false },
  ],
  asks: ({ note, resolve }) => resolve === "true" && note === undefined,
  async run(call) {
    const { alert, note, accept, giveback, resolve } = call.options;
    const { alerts } = call.services;
    if (giveback === "true") {
      if (alert === undefined) return notice("bad", "Say which alert you give back: alert=alert-1.");
      const given = await alerts.act({ kind: "giveBack", by: actor(call), alert });
      return given.ok
        ? notice("good", `You gave ${alert} back, and those on call are called again.`)
        : notice("bad", given.refusal.sentence);
    }
    if (resolve === "true" && note === undefined && alert !== undefined) return noteForm(alert, accept === "true");
    if (note !== undefined) return resolved(call, alert, note, accept === "true");
    const outcome = await alerts.act({ kind: "ack", by: actor(call), alert });
    if (!outcome.ok) return notice("bad", outcome.refusal.sentence);
    const [first] = outcome.events;
    if (first?.type !== "acked") return notice("neutral", "Nothing waits for you.");
    const id = first.data.alert;
    return outcome.state.alerts.find((one) => one.id === id)?.resolved === undefined
      ? notice(
          "good",
          `${id} is yours until ${momentInWords(first.data.until, "UTC")}: then you and those on call are called again, unless you take it once more.`,
        )
      : notice("good", `You saw ${id}: it was a test, and the way to you works.`);
  },
};

async function resolved(call: Call, alert: string | undefined, note: string, accept: boolean): Promise<View> {
  if (alert === undefined) return notice("bad", "Say which alert the note is about: alert=alert-1.");
  const outcome = await call.services.alerts.act({ kind: "resolve", by: actor(call), alert, note, accept });
  return outcome.ok ? notice("good", `${alert} is resolved.`) : notice("bad", outcome.refusal.sentence);
}

function noteForm(alert: string, accept: boolean): Form {
  return {
    kind: "form",
    title: `Resolve ${alert}`,
    command: "ack",
    options: { alert, ...(accept ? { accept: "true" } : {}) },
    fields: [
      {
        ...{ name: "note", label: "What was it?", hint: "Everyone sees this", required: true, type: "paragraph" },
        ...{ choices: [], value: "", maxLength: 2000 },
      },
    ],
    submit: "Resolve",
  };
}
