import { actor, type Command } from "../src/command.ts";
import { notice } from "../src/view.ts";

export const testAlert: Command = {
  name: "test-alert",
  summary: "Call those on call as a breach would, marked as a test; acknowledging it ends it",
  example: "/upgrade test-alert severity=1",
  effect: "mutate",
  roles: ["guardian", "admin"],
  group: "alerts",
  options: [
    {
      name: "severity",
      description: "How bad it is to look: 1 calls at once and ever more people, 2 slower, 3 nobody; 2 where left out",
      type: "choice",
      required: false,
      choices: [
        { value: "1", label: "1: as a critical breach" },
        { value: "2", label: "2: as a warning" },
        { value: "3", label: "3: a message only" },
      ],
    },
  ],
  async run(call) {
    const given = call.options.severity ?? "2";
    const severity = given === "1" ? 1 : given === "3" ? 3 : 2;
    const chain = call.policy.chains[0]?.id ?? "eip155:1";
    const outcome = await call.services.alerts.act({ kind: "testAlert", by: actor(call), severity, chain });
    if (!outcome.ok) return notice("bad", outcome.refusal.sentence);
    const id = outcome.state.alerts.at(-1)?.id;
    return notice("good", `${id} is on its way. It escalates like a breach until somebody acknowledges it.`);
  },
};
