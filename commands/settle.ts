import { actor, askReason, type Call, type Command } from "../src/command.ts";
import { momentInWords } from "../src/domain/alerts/moment.ts";
import { namesOf } from "../src/domain/policy.ts";
import { leftToSettle } from "../src/domain/watch/incidents.ts";
import { notice, type View } from "../src/view.ts";

export const settle: Command = {
  name: "settle",
  summary: "Say that an incident is settled, and what it was; it takes two people. Alone: which are open",
  example: '/upgrade settle INC-0badc0de reason="a hotfix by the timelock, put back in UP-7"',
  effect: "mutate",
  roles: ["approver", "guardian"],
  group: "alerts",
  options: [
    {
      name: "incident",
      description: "Which one, such as INC-0badc0de; left out, those that are open are listed",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "reason",
      description: "What it was and what was done about it; everyone sees it",
      type: "paragraph",
      required: false,
      maxLength: 2000,
    },
  ],
  asks: ({ incident, reason }) => incident !== undefined && reason === undefined,
  async run(call) {
    const { incident, reason } = call.options;
    if (incident === undefined) return listed(call);
    // As people type it; its letters are digits.
    const wanted = incident.toLowerCase().replace(/^inc-/, "INC-");
    if (reason === undefined)
      return askReason(
        "settle",
        { incident: wanted },
        `Settle ${wanted}`.slice(0, 45),
        "What it was, and what was done about it; everyone sees this",
      );
    const { incidents } = call.services;
    const outcome = await incidents.settle(actor(call), wanted, reason);
    if (!outcome.ok) return notice("bad", outcome.refusal.sentence);
    if (outcome.events.some((one) => one.type === "settled"))
      return notice("good", `${wanted} is settled. What it held stays held until people let it go on: /upgrade list.`);
    const left = incidents.incidents().find((one) => one.incident === wanted);
    const able = left === undefined ? [] : leftToSettle(left, call.policy);
    return notice("progress", `You say that ${wanted} is settled. One more has to: ask ${namesOf(call.policy, able)}.`);
  },
};

function listed({ policy, services, person }: Call): View {
  const open = services.incidents.incidents();
  const own = open.filter((one) => leftToSettle(one, policy).includes(person.id));
  if (open.length === 0) return notice("good", "No incident is open.");
  return notice("bad", `${open.length === 1 ? "One incident is" : `${open.length} incidents are`} open.`, {
    sections: open.map(({ incident, targets, sentences, sender, seenAt, supported }) => ({
      title: `${incident} on ${targets.join(", ")}`,
      style: "list",
      lines: [
        ...sentences,
        `Seen ${momentInWords(seenAt, "UTC")}. ${sender}`,
        ...supported.map((one) => `${namesOf(policy, [one.person])} says that it is settled: ${one.note}`),
      ],
    })),
    actions: own.slice(0, 5).map(({ incident }) => ({
      label: `Settle ${incident}…`,
      command: "settle",
      options: { incident },
      style: "plain",
    })),
  });
}
