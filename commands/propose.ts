import { actor, answer, type Call, type Command, type ProposalSource } from "../src/command.ts";
import { type Form, notice, type View } from "../src/view.ts";

export const propose: Command = {
  name: "propose",
  summary: "Build a release package from a target and new implementations, or revise one",
  example: "/upgrade propose target=harbour release=2.0.0",
  effect: "mutate",
  roles: ["proposer"],
  options: [
    { name: "target", description: "Which target of the policy to upgrade", type: "target", required: false },
    {
      name: "release",
      description: "A release of the target that policy names",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "implementation",
      description: "New implementations one by one: contract=0x…, separated by commas",
      type: "text",
      required: false,
      maxLength: 2000,
    },
    { name: "title", description: "One line for the card", type: "text", required: false, maxLength: 120 },
    { name: "rationale", description: "Why this upgrade", type: "paragraph", required: false, maxLength: 4000 },
    {
      name: "lane",
      description: "routine (default) or emergency",
      type: "choice",
      required: false,
      choices: [
        { value: "routine", label: "Routine" },
        { value: "emergency", label: "Emergency" },
      ],
    },
    { name: "revises", description: "The ceremony this is a new revision of", type: "ceremony", required: false },
    {
      name: "package",
      description: "A release package as JSON, instead of a target",
      type: "paragraph",
      required: false,
    },
  ],
  asks: incomplete,
  async run(call) {
    const { options, services, policy } = call;
    if (incomplete(options)) return form(call);
    const pairs = pairsOf(options.implementation ?? "");
    if (typeof pairs === "string") return notice("bad", pairs);
    call.progress("Reading the contracts from the chain…");
    const outcome = await services.propose(actor(call), sourceOf(options, pairs), options.revises);
    if (!outcome.ok) return notice("bad", outcome.refusal.sentence);
    const done =
      options.revises === undefined
        ? `${outcome.state.id} is drafted.`
        : `${outcome.state.id} is now revision ${outcome.state.revision}.`;
    const view = answer(outcome, policy, done);
    return {
      ...view,
      actions: [{ label: "Check", command: "check", options: { ceremony: outcome.state.id }, style: "primary" }],
    };
  },
};

/** Neither a package nor a target with something new in it. */
function incomplete({ package: given, target, release, implementation }: Record<string, string>): boolean {
  return given === undefined && (target === undefined || (release === undefined && implementation === undefined));
}

/** `vault=0x…, price-feed=0x…` by contract; or a sentence where a part of it is something else. */
function pairsOf(text: string): Record<string, string> | string {
  const pairs: Record<string, string> = {};
  for (const part of text.split(",").map((one) => one.trim())) {
    if (part === "") continue;
    const [name = "", address] = part.split(/[=:]/, 2).map((one) => one.trim());
    if (name === "" || address === undefined || address === "")
      return `implementation is written contract=0x…, several separated by commas, and "${part.slice(0, 60)}" is not. For example: implementation=vault=0x…`;
    if (Object.hasOwn(pairs, name)) return `implementation names ${name} twice: which of the two is meant?`;
    pairs[name] = address;
  }
  return pairs;
}

function sourceOf(options: Record<string, string>, implementations: Record<string, string>): ProposalSource {
  if (options.package !== undefined) return { kind: "file", text: options.package };
  return {
    kind: "target",
    target: options.target ?? "",
    release: options.release,
    implementations,
    title: options.title ?? `Upgrade ${options.target}${options.release === undefined ? "" : ` to ${options.release}`}`,
    rationale: options.rationale ?? "No rationale was given.",
    lane: options.lane === "emergency" ? "emergency" : "routine",
  };
}

function form({ options, policy }: Call): View {
  const targets = policy.targets.map((one) => ({ value: one.id, label: one.title }));
  const chosen = policy.targets.find((one) => one.id === options.target) ?? policy.targets[0];
  const releases = chosen?.releases.map((one) => ({ value: one.id, label: `${one.id}: ${one.title}` })) ?? [];
  const field = { hint: "", required: true, choices: [], value: "", maxLength: 120 };
  const view: Form = {
    kind: "form",
    title: "Propose an upgrade",
    command: "propose",
    options: {},
    fields: [
      { ...field, name: "target", label: "Target", type: "choice", choices: targets, value: chosen?.id ?? "" },
      {
        ...field,
        name: "release",
        label: "Release",
        type: "choice",
        choices: releases,
        value: releases[0]?.value ?? "",
      },
      { ...field, name: "title", label: "Title", type: "line", hint: "One line for the card", required: false },
      {
        ...field,
        name: "rationale",
        label: "Why",
        type: "paragraph",
        hint: "What changes and why now; approvers read this",
        maxLength: 4000,
        required: false,
      },
    ],
    submit: "Propose",
  };
  return view;
}
