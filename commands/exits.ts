import { type Command, ceremonyOption } from "../src/command.ts";
import type { CeremonyState } from "../src/domain/ceremony.ts";
import type { ExitReading } from "../src/domain/exits/judge.ts";
import { exitLine } from "../src/domain/exits/words.ts";
import { endings } from "../src/domain/lifecycle.ts";
import { type Notice, notice } from "../src/view.ts";

export const exits: Command = {
  name: "exits",
  summary: "Whether each pause and rollback would work if it were sent now, and who suffices",
  example: "/upgrade exits UP-1",
  effect: "read",
  roles: [],
  group: "alerts",
  options: [{ ...ceremonyOption, description: "Which ceremony, such as UP-1; all that run where it is left out" }],
  async run({ options, services, policy }) {
    const asked = options.ceremony === undefined ? await services.list() : [await services.find(options.ceremony)];
    const found = await Promise.all(asked.map(async (state) => ({ state, readings: await services.exits(state) })));
    const running = found.filter(({ state }) => options.ceremony !== undefined || !endings.includes(state.status));
    const { now } = services.alerts.setting();
    return {
      ...summary(running.flatMap((one) => one.readings)),
      sections: running.map(({ state, readings }) => ({
        title: `${state.id} · ${state.status}`,
        style: "list" as const,
        lines: readings.length === 0 ? [none(state)] : readings.map((one) => exitLine(one, policy, now)),
      })),
    };
  },
};

function summary(readings: readonly ExitReading[]): Notice {
  const wanted = readings.filter((one) => one.verdict !== "over" && one.verdict !== "preparing");
  const broken = wanted.filter((one) => one.verdict === "broken").length;
  const unproved = wanted.filter((one) => one.verdict === "unproved").length;
  if (broken > 0) return notice("bad", `${broken} of ${wanted.length} ways out would not work now.`);
  if (unproved > 0) return notice("warning", `${unproved} of ${wanted.length} ways out could not be proved.`);
  if (wanted.length > 0)
    return notice("good", `Every way out works: ${wanted.length} of ${wanted.length}, each as of its block.`);
  return notice(
    "neutral",
    "No way out is prepared now: there is one from the review of a ceremony on, until it is over.",
  );
}

function none({ status }: CeremonyState): string {
  return endings.includes(status)
    ? "It is over: its pauses and rollbacks count no more."
    : "Nothing is prepared yet: pauses and rollbacks are derived when the review opens, and given up when the canary is through.";
}
