import { actor, type Command } from "../src/command.ts";
import { type Alert, isOpen } from "../src/domain/alerts/alert.ts";
import { momentInWords, readSpan } from "../src/domain/alerts/moment.ts";
import { type Form, notice } from "../src/view.ts";

export const silence: Command = {
  name: "silence",
  summary: "Call nobody for an alert, at most four hours and with a reason; severity 1 takes two people",
  example: '/upgrade silence alert-1 for=2h reason="the oracle is being moved"',
  effect: "mutate",
  roles: ["guardian"],
  group: "alerts",
  options: [
    {
      name: "alert",
      description: "Which one, such as alert-1; may be left out while only one is open",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "for",
      description: "How long, such as 30min or 2h; 4h at most",
      type: "text",
      required: false,
      maxLength: 10,
    },
    { name: "reason", description: "Why; everyone sees it", type: "paragraph", required: false, maxLength: 2000 },
    {
      name: "metric",
      description: "In place of an alert: all of a metric's, those to come as well",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "confirm",
      description: "The silence you agree to, such as silence-1",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "end",
      description: "The silence you end, such as silence-1",
      type: "text",
      required: false,
      maxLength: 40,
    },
  ],
  asks: ({ confirm, end, reason, for: lasts }) =>
    confirm === undefined && end === undefined && (reason === undefined || lasts === undefined),
  async run(call) {
    const { metric, for: span, reason, confirm, end } = call.options;
    const { alerts } = call.services;
    const open = alerts.setting().state.alerts.filter(isOpen);
    const [only] = metric === undefined && open.length === 1 ? open : [];
    const alert = call.options.alert ?? only?.id;
    if (confirm !== undefined) {
      const outcome = await alerts.act({ kind: "confirmSilence", by: actor(call), silence: confirm });
      return outcome.ok ? notice("good", `You agreed: ${confirm} holds.`) : notice("bad", outcome.refusal.sentence);
    }
    if (end !== undefined) {
      const outcome = await alerts.act({ kind: "endSilence", by: actor(call), silence: end });
      return outcome.ok
        ? notice("good", `You ended ${end}: what still fires calls again.`)
        : notice("bad", outcome.refusal.sentence);
    }
    if ((alert === undefined) === (metric === undefined))
      return notice(
        "bad",
        `Say what is to be silent: one alert, alert=alert-1, or one metric, metric=…. ${openInWords(open)}`,
      );
    if (span === undefined || reason === undefined) return silenceForm({ alert, metric, span, reason });
    const lasts = readSpan(span);
    if (lasts === undefined)
      return notice("bad", `"${span}" is no span of time: write minutes or hours, such as for=30min or for=2h.`);
    const subject = alert === undefined ? { metric: metric ?? "" } : { alert };
    const outcome = await alerts.act({ kind: "silence", by: actor(call), subject, lasts, reason });
    if (!outcome.ok) return notice("bad", outcome.refusal.sentence);
    const made = outcome.state.silences.at(-1);
    return made?.state === "active"
      ? notice(
          "good",
          `Nobody is called for ${alert ?? metric} until ${momentInWords(made.until, "UTC")}; if it still fires then, those on call are.`,
        )
      : notice(
          "warning",
          `It is severity 1: nothing is silent until somebody else agrees, /upgrade silence confirm=${made?.id}.`,
        );
  },
};

function openInWords(open: readonly Alert[]): string {
  return open.length === 0 ? "No alert is open." : `Open are ${open.map((one) => one.id).join(", ")}.`;
}

function silenceForm(given: Record<"alert" | "metric" | "span" | "reason", string | undefined>): Form {
  const { alert, metric, span, reason } = given;
  const shared = { required: true, choices: [] };
  return {
    kind: "form",
    title: `Silence ${alert ?? metric}`.slice(0, 45),
    command: "silence",
    options: alert === undefined ? { metric: metric ?? "" } : { alert },
    fields: [
      {
        ...shared,
        name: "for",
        label: "How long",
        hint: "30min or 2h; 4h at most",
        type: "line",
        value: span ?? "1h",
        maxLength: 10,
      },
      {
        ...shared,
        name: "reason",
        label: "Reason",
        hint: "Everyone sees this",
        type: "paragraph",
        value: reason ?? "",
        maxLength: 2000,
      },
    ],
    submit: "Silence",
  };
}
