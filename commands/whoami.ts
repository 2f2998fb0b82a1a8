import type { Call, Command } from "../src/command.ts";
import { freezeOf } from "../src/domain/people.ts";
import { namesOf } from "../src/domain/policy.ts";
import { notice } from "../src/view.ts";

export const whoami: Command = {
  name: "whoami",
  summary: "Which person you are here, your wallets, and what you may do",
  example: "/upgrade whoami",
  effect: "read",
  roles: [],
  options: [],
  async run(call) {
    const { person, account, policy, services } = call;
    const held = freezeOf(services.people.state(), person.id);
    return notice(held === undefined ? "neutral" : "bad", `You are ${person.name}.`, {
      facts: [
        { label: "Account", value: account, code: true },
        { label: "Roles", value: person.roles.join(", ") || "none: you can look, not act" },
        ...(held === undefined
          ? []
          : [{ label: "Frozen", value: `by ${namesOf(policy, [held.by])} (${held.id}): ${held.reason}` }]),
        ...person.wallets.map((wallet, index) => ({
          label: index === 0 ? "Wallet" : `Wallet ${index + 1}`,
          value: wallet,
          code: true,
        })),
      ],
      sections: origins(call),
      actions:
        held === undefined ? [{ label: "Link a wallet", command: "link", options: {}, style: "plain" as const }] : [],
    });
  },
};

/** Where each wallet comes from, and what is under way with one; nothing where all are from the policy files. */
function origins({ person, services }: Call): { title: string; style: "list"; lines: string[] }[] {
  const { linked, links, unlinks } = services.people.state();
  const mine = <T extends { person: string }>(list: readonly T[]) => list.filter((one) => one.person === person.id);
  const day = (seconds: bigint) => new Date(Number(seconds) * 1000).toISOString().slice(0, 10);
  const added = mine(linked);
  const lines = [
    ...person.wallets.map((wallet) => {
      const found = added.find((one) => one.wallet === wallet);
      return `${wallet}: ${found === undefined ? "from the policy files" : `linked on ${day(found.at)}`}`;
    }),
    ...mine(links)
      .filter((one) => one.status === "proved")
      .map((one) => `${one.wallet}: waits for two admins (${one.id})`),
    ...mine(unlinks)
      .filter((one) => one.status === "open")
      .map((one) => `${one.wallet}: is to be taken from you, and waits for two admins (${one.id})`),
  ];
  const isPlain = added.length === 0 && lines.length === person.wallets.length;
  return isPlain ? [] : [{ title: "Where your wallets come from", style: "list", lines }];
}
