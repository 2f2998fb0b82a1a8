import { actor, answer, type Call, type Command, ceremonyOption } from "../src/command.ts";
import type { CeremonyState } from "../src/domain/ceremony.ts";
import { isOverridable, openRefusals } from "../src/domain/overrides.ts";
import { bytes32 } from "../src/domain/primitives.ts";
import { type Form, notice, type View } from "../src/view.ts";

export const override: Command = {
  name: "override",
  summary: "Take a refusal of the check upon yourself, where policy lets you, until a moment",
  example: '/upgrade override UP-1 finding=layout/moved reason="the slots behind it were never used" expires=48h',
  effect: "mutate",
  roles: ["admin", "guardian"],
  options: [
    ceremonyOption,
    {
      name: "finding",
      description: "Code of the refusal, such as layout/moved",
      type: "text",
      required: false,
      maxLength: 80,
    },
    { name: "reason", description: "Why; every signer sees it", type: "paragraph", required: false, maxLength: 2000 },
    {
      name: "expires",
      description: "How long it holds, such as 48h or 7d",
      type: "text",
      required: false,
      maxLength: 10,
    },
    {
      name: "check",
      description: "The evidence hash that you looked at; forms send it along",
      type: "text",
      required: false,
      maxLength: 66,
    },
  ],
  asks: ({ finding, reason, expires }) => finding === undefined || reason === undefined || expires === undefined,
  async run(call) {
    const state = await call.services.find(call.options.ceremony);
    const { finding, reason, expires, check } = call.options;
    if (finding === undefined || reason === undefined || expires === undefined) return asked(call, state);
    const lasts = seconds(expires);
    if (lasts === undefined)
      return notice("bad", `"${expires}" is no span of time: write hours or days, such as expires=48h or expires=7d.`);
    const evidenceHash = bytes32.optional().safeParse(check);
    if (!evidenceHash.success)
      return notice("bad", "check is no evidence hash: it is 0x and 64 hexadecimal digits, and may be left out.");
    const code = finding.trim();
    const intent = { kind: "override", by: actor(call), code, reason, lasts, evidenceHash: evidenceHash.data } as const;
    const outcome = await call.services.vote(intent, state.id);
    return answer(outcome, call.policy, `You overrode ${code} of ${state.id}, and every signer is shown that you did.`);
  },
};

/** Asks for what is missing; where policy lets nothing be overridden, it says so instead. */
function asked({ options, policy }: Call, state: CeremonyState): View {
  const open = [...new Set(openRefusals(state, policy).map((one) => one.code))];
  const able = open.filter((code) => isOverridable(code, state.package.lane, policy));
  const [first] = able;
  if (first === undefined)
    return notice(
      "neutral",
      open.length === 0
        ? `The check of ${state.id} has no refusal that is not overridden.`
        : `Nothing that the check of ${state.id} refuses can be overridden: the ${state.package.lane} lane does not name ${open.join(", ")}. Mend it and propose a new revision.`,
    );
  return form(options, state, able, first);
}

function form(options: Call["options"], state: CeremonyState, able: readonly string[], first: string): Form {
  const shared = { required: true, choices: [] };
  return {
    kind: "form",
    title: `Override of ${state.id}`,
    command: "override",
    options: { ceremony: state.id, ...(state.check === undefined ? {} : { check: state.check.evidenceHash }) },
    revision: state.revision,
    fields: [
      {
        ...{ name: "finding", label: "Refusal", hint: "What you take upon yourself", required: true, type: "choice" },
        choices: able.slice(0, 25).map((code) => ({ value: code, label: code })),
        ...{ value: options.finding ?? first, maxLength: 80 },
      },
      {
        ...{ ...shared, name: "reason", label: "Reason", hint: "Every signer sees it", type: "paragraph" },
        ...{ value: options.reason ?? "", maxLength: 2000 },
      },
      {
        ...{ ...shared, name: "expires", label: "Holds for", hint: "Hours or days, such as 48h or 7d", type: "line" },
        ...{ value: options.expires ?? "48h", maxLength: 10 },
      },
    ],
    submit: "Override",
  };
}

/** "48h", "7 d", "2 days". */
function seconds(text: string): bigint | undefined {
  const [, count, unit = ""] = /^\s*(\d{1,4})\s*(h|hours?|d|days?)\s*$/i.exec(text) ?? [];
  if (count === undefined) return undefined;
  return BigInt(count) * (unit.toLowerCase().startsWith("h") ? 3600n : 86_400n);
}
