import { type Command, ceremonyOption } from "../src/command.ts";
import type { CeremonyState } from "../src/domain/ceremony.ts";
import { legsInOrder } from "../src/domain/transactions.ts";
import { type Card, notice, type Section } from "../src/view.ts";

export const show: Command = {
  name: "show",
  summary: "Show a ceremony whole: package, calls, hashes, findings",
  example: "/upgrade show UP-1",
  effect: "read",
  roles: [],
  options: [ceremonyOption],
  async run({ options, services }) {
    const state = await services.find(options.ceremony);
    const card = await services.card(state);
    return notice(card.tone, `${card.title}: ${card.status}. ${card.summary}`, {
      about: state.id,
      facts: card.facts,
      sections: wholeSections(state, card, services.findings(state, ["info"])),
      pictures: await services.authority(state),
    });
  },
};

/** Everything that a card leaves out, with what it has: rationale, calls, hashes, findings. */
function wholeSections(state: CeremonyState, card: Card, told: readonly Section[]): Section[] {
  const calls = legsInOrder(state.package).map((leg) => ({
    title: `Calls of ${leg.id}`,
    style: "code" as const,
    lines: leg.calls.map((one) => `${one.purpose}\n  to ${one.to}, ${one.value} wei, ${one.data}`),
  }));
  const hashes = (state.review?.transactions ?? []).map((tx) => `${tx.id}  nonce ${tx.tx.nonce}  ${tx.safeTxHash}`);
  return [
    { title: "Why", style: "plain", lines: [state.package.rationale] },
    ...card.sections,
    ...calls,
    ...(hashes.length > 0 ? [{ title: "Safe transactions", style: "code" as const, lines: hashes }] : []),
    ...told,
  ];
}
