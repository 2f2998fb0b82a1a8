/** Chat accounts and channels that could never act or be posted to: a typing error here locks a person out. */

import type { PolicyFiles } from "./policy-files.ts";

const slackAccount = /^slack:(?:(?<enterprise>E[A-Z0-9]+):)?(?<team>T[A-Z0-9]+):[UW][A-Z0-9]+$/;
const discordAccount = /^discord:(?<guild>[0-9]{15,21}):[0-9]{15,21}$/;

/** Each problem as `FILE: path: reason`. */
export function accountProblems(files: PolicyFiles): string[] {
  const { file, value } = files.council;
  const accounts = value.people.flatMap((person) =>
    person.accounts.map((account) => ({ person, account, at: `${file}: ${person.id}.accounts` })),
  );
  return [
    ...accounts.flatMap(({ account, at }) => unreachable(account, files).map((reason) => `${at}: ${reason}`)),
    ...accounts
      .filter(({ account, person }) => external(account, files) && !person.links.some((one) => one.account === account))
      .map(
        ({ account, at }) =>
          `${at}: ${account} is of another organisation's workspace, so the person's wallet has to sign for it under links`,
      ),
    ...repeatedWorkspaces(files),
    ...channelProblems(files),
  ];
}

function unreachable(account: string, { workspaces: { value } }: PolicyFiles): string[] {
  if (account.startsWith("slack:")) {
    const { enterprise, team } = slackAccount.exec(account)?.groups ?? {};
    if (team === undefined)
      return [
        `${account} is not written slack:TEAM:USER or slack:ENTERPRISE:TEAM:USER, such as slack:T024BE7LD:U023BECGF`,
      ];
    const listed = value.slack.find((one) => one.team === team);
    if (listed === undefined) return [`${account} is in a Slack team that workspaces.yaml does not list`];
    if (listed.enterprise === enterprise) return [];
    return [
      `${account} has to be written ${["slack", listed.enterprise, team, account.split(":").at(-1)].filter(Boolean).join(":")}, because workspaces.yaml says so of its team`,
    ];
  }
  if (account.startsWith("discord:")) {
    const { guild } = discordAccount.exec(account)?.groups ?? {};
    if (guild === undefined) return [`${account} is not written discord:GUILD:USER, each a number of 17 to 20 digits`];
    return value.discord.some((one) => one.guild === guild)
      ? []
      : [`${account} is in a Discord guild that workspaces.yaml does not list`];
  }
  return [];
}

/** Whether an account belongs to a workspace that is not the council's own. */
function external(account: string, { workspaces }: PolicyFiles): boolean {
  const { team } = slackAccount.exec(account)?.groups ?? {};
  return workspaces.value.slack.some((one) => one.team === team && one.external);
}

function repeatedWorkspaces({ workspaces: { file, value } }: PolicyFiles): string[] {
  const names = [...value.slack.map((one) => one.team), ...value.discord.map((one) => one.guild)];
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  return twice.map((name) => `${file}: ${name}: it stands there twice`);
}

function channelProblems({ channels: { file, value } }: PolicyFiles): string[] {
  return Object.entries(value).flatMap(([purpose, list]) => {
    const platforms = list.map((one) => one.split(":")[0] ?? "");
    const twice = [...new Set(platforms.filter((name, index) => platforms.indexOf(name) !== index))];
    const wrong = list.filter(
      (one) =>
        !/^[a-z]+:\S+$/.test(one) ||
        (one.startsWith("slack:") && !/^slack:[CG][A-Z0-9]+$/.test(one)) ||
        (one.startsWith("discord:") && !/^discord:[0-9]{15,21}$/.test(one)),
    );
    return [
      ...wrong.map(
        (one) =>
          `${file}: ${purpose}: ${one} is no channel: write slack:C024BE91L or discord:112233445566778899, by id and not by name`,
      ),
      ...twice.map((name) => `${file}: ${purpose}: two channels on ${name}; there is one a platform`),
    ];
  });
}
