/** The council in a loopback Slack. */

import { personNames } from "../../src/embedded/people.ts";
import type { ApiRequest } from "../../test/support/slack/model.ts";
import { startSlack } from "../../test/support/slack/slack.ts";
import type { Crowd } from "./crowd.ts";
import { lineOf, personAt } from "./crowd.ts";
import { userOn } from "./ways.ts";

const upgrades = "C0UPGRADES";
const breaches = "C0BREACHES";

export async function slackCrowd(): Promise<Crowd> {
  const slack = await startSlack();
  for (const name of personNames) slack.addUser({ id: userOn.slack(name), name });
  for (const [id, name] of [
    [upgrades, "upgrades"],
    [breaches, "breaches"],
  ] as const)
    slack.addChannel({ id, name, members: personNames.map(userOn.slack) });
  const withButton = (label: string) =>
    slack
      .messages(upgrades)
      .find((one) => one.threadTs === undefined && JSON.stringify(one.blocks).includes(`"text":"${label}"`));
  const limits: { met(): number }[] = [];
  return {
    installed: {
      environment: {
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_APP_TOKEN: slack.appToken,
        SLACK_SIGNING_SECRET: slack.signingSecret,
        SLACK_TEAM_IDS: slack.team.id,
        SLACK_API_URL: slack.apiUrl,
      },
      ...{ home: slack.team.id, upgrades, breaches },
    },
    violations: slack.violations as string[],
    deliverTo: (url) => void slack.deliverTo(url),
    card: () => slack.until(() => withButton("Approve"), "the card to have its buttons", 30),
    async act(deed, index) {
      const user = userOn.slack(personAt(index));
      const button = deed === "Show" || deed === "Approve";
      const message = button ? withButton(deed) : undefined;
      const delivered = button
        ? await slack.click(user, message?.ts ?? "", deed)
        : await slack.slash(user, lineOf(deed), { channel: upgrades });
      return delivered?.acked === true ? delivered.milliseconds : undefined;
    },
    limit(retryAfter) {
      for (const method of ["chat.postMessage", "chat.update"]) {
        const fault = { kind: "status", status: 429, retryAfter } as const;
        limits.push(slack.faults.next(method, fault, { times: Number.POSITIVE_INFINITY, channel: upgrades }));
      }
    },
    limited: () => limits.reduce((sum, one) => sum + one.met(), 0),
    arrival: (nth) =>
      slack.until(
        () =>
          slack.requests.filter((one) => one.method === "chat.postMessage" && one.args.channel === breaches)[nth - 1]
            ?.at,
        "the alarm to arrive",
        30,
      ),
    paged: (about) =>
      slack.until(() => slack.requests.find((one) => calls(one, about))?.heardAt, `a page of ${about}`, 30),
  };
}

/** A message of its own, with people's names in it: an edit wakes nobody. */
function calls({ method, args }: ApiRequest, about: string): boolean {
  if (method !== "chat.postMessage" || args.channel !== breaches || args.thread_ts !== undefined) return false;
  const said = JSON.stringify(args);
  return said.includes(about) && said.includes(userOn.slack("caro"));
}
