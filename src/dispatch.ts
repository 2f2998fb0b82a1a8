/** account -> person -> parsed options -> run -> View. Every platform, button, form and the CLI come through here. */

import type { Command, Invocation, Option, Services } from "./command.ts";
import { frozenRefusal } from "./domain/frozen.ts";
import { type Policy, personOfAccount } from "./domain/policy.ts";
import { Refused } from "./domain/refusal.ts";
import { faultSentence } from "./fault-sentence.ts";
import type { Clock, Deliveries } from "./ports.ts";
import { isTracing, traced } from "./tracing.ts";
import { notice, type View } from "./view.ts";

export interface DispatchParts {
  commands: readonly Command[];
  policy: Policy;
  services: Services;
  deliveries: Deliveries;
  clock: Clock;
  /** Told of what was no refusal but a fault, with the sentence that the person read. */
  onFault(fault: unknown, invocation: Invocation): void;
}

export type Dispatch = (invocation: Invocation, progress: (text: string) => void) => Promise<View>;

/** Never throws: whatever goes wrong ends in a sentence to the person who asked. */
export function createDispatch(parts: DispatchParts): Dispatch {
  return async (invocation, progress) => {
    try {
      return await run(parts, invocation, progress);
    } catch (fault) {
      if (fault instanceof Refused) return notice("bad", fault.message);
      parts.onFault(fault, invocation);
      return notice("bad", faultSentence(fault));
    }
  };
}

async function run(parts: DispatchParts, invocation: Invocation, progress: (text: string) => void): Promise<View> {
  const { commands, policy, services } = parts;
  const person = personOfAccount(policy, invocation.account);
  if (person === undefined)
    return notice(
      "bad",
      `The account ${invocation.account} belongs to nobody in the council's policy, so nothing was done. Ask an admin to link it.`,
    );
  const command = commands.find((one) => one.name === invocation.command);
  if (command === undefined)
    return notice("bad", `There is no command "${invocation.command}". Type /upgrade help to see what there is.`);
  const frozen = command.effect === "mutate" ? frozenRefusal(policy, person.id) : undefined;
  if (frozen !== undefined) return notice("bad", frozen.sentence);
  const parsed = parseOptions(command, invocation.options);
  if (typeof parsed === "string") return notice("bad", parsed);
  const stale = command.effect === "mutate" ? await staleness(services, invocation, parsed.ceremony) : undefined;
  if (stale !== undefined) return stale;
  if (command.effect === "mutate" && !(await parts.deliveries.firstTime(invocation.deliveryId, parts.clock.now())))
    return notice("neutral", "This was received before and is not done twice. Look at the card for what became of it.");
  const { account, deliveryId } = invocation;
  const call = { person, account, deliveryId, options: parsed, policy, services, progress };
  const ceremony = isTracing() ? await ceremonyOf(command, parsed, services) : undefined;
  return traced(`command ${command.name}`, { ceremony, "quorate.person": person.id }, () => command.run(call));
}

/** The one that a command is about, also where there is only one and it was left out. */
async function ceremonyOf(command: Command, { ceremony }: Record<string, string>, services: Services) {
  if (!command.options.some((one) => one.type === "ceremony" && one.name === "ceremony")) return undefined;
  const found = await services.find(ceremony).catch(() => undefined);
  return found?.id;
}

/** A button that was offered for an earlier revision of the package: what it meant is not what is there now. */
async function staleness(
  services: Services,
  { revision }: Invocation,
  ceremony: string | undefined,
): Promise<View | undefined> {
  if (revision === undefined || ceremony === undefined) return undefined;
  const state = await services.find(ceremony);
  if (state.revision === revision) return undefined;
  return notice(
    "warning",
    `This button was for revision ${revision} of ${state.id}, which is at revision ${state.revision} now. Nothing was done: look at the newest card.`,
    { actions: [{ label: "Show", command: "show", options: { ceremony: state.id }, style: "primary" }] },
  );
}

/** The options, trimmed and checked by their definition; or a sentence saying what is wrong with them. */
export function parseOptions(command: Command, given: Record<string, string>): Record<string, string> | string {
  const parsed: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const option = command.options.find((one) => one.name === name);
    if (option === undefined)
      return `/upgrade ${command.name} has no option "${name}". It has ${command.options.map((one) => one.name).join(", ") || "none"}.`;
    const text = value.trim();
    if (text === "") continue;
    const problem = optionProblem(option, text);
    if (problem !== undefined) return problem;
    parsed[name] = text;
  }
  const missing = command.options.find((one) => one.required && parsed[one.name] === undefined);
  return missing === undefined
    ? parsed
    : `/upgrade ${command.name} needs ${missing.name}: ${missing.description}. For example: ${command.example}`;
}

function optionProblem(option: Option, text: string): string | undefined {
  const limit = option.maxLength ?? 20_000;
  if (text.length > limit) return `${option.name} is ${text.length} characters long, and ${limit} is the limit.`;
  if (option.choices !== undefined && !option.choices.some((one) => one.value === text))
    return `${option.name} is one of ${option.choices.map((one) => one.value).join(", ")}, not "${text}".`;
  if (option.type === "ceremony" && !/^[Uu][Pp]-[1-9][0-9]{0,5}$/.test(text))
    return `${option.name} is a ceremony's id such as UP-1, not "${text.slice(0, 60)}".`;
  return undefined;
}
