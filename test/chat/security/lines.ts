/** What a bot that guards upgrades must check, line by line. Each has its cases, and each case somebody beside it who may. */

export const lines = {
  "who/ids": "an account is the platform's own ids, the tenant's and the user's, and belongs to one person",
  "who/one-person": "several accounts of one person are one person",
  "who/name": "a name like a council member's opens nothing",
  "who/e-mail": "an e-mail address like a council member's opens nothing",

  "slack/app": "a delivery that names another app is refused",
  "slack/team": "a team that policy does not list is refused",
  "slack/enterprise": "another enterprise than policy says is refused",
  "slack/asked": "whoever changes something was looked up at Slack, within the last minute",
  "slack/deactivated": "a deactivated account is refused",
  "slack/bot": "a bot is refused",
  "slack/guest": "a guest is refused",
  "slack/single-channel-guest": "a guest of a single channel is refused",
  "slack/own-word": "Slack's record of the account has to name the team and enterprise that the delivery names",
  "slack/stranger": "somebody of a team that policy does not list is refused, whatever channel is shared",
  "slack/listed-stranger": "somebody of another organisation acts only with a wallet's proof for that very account",
  "slack/unknown": "what Slack does not say, or says in part, is a no",
  "slack/later": "who may act is asked again when a card is clicked and when a form is sent",

  "discord/application": "an interaction for another application is refused",
  "discord/guild": "another server, or none, is refused",
  "discord/member": "an interaction without a member is refused",
  "discord/context": "a place that is no server is refused",
  "discord/install": "an installation that is not the server's own is refused",
  "discord/bot": "bots and system users are refused",
  "discord/registry": "roles on Discord grant nothing: the council's own policy does",
  "discord/unknown": "what Discord does not say of a member is a no",
  "discord/later": "who may act is asked again when a card is clicked and when a form is sent",

  "text/message": "what somebody writes in a channel is never a command",
  "text/intent": "the bot does not ask to read messages",

  "button/opaque": "a button carries an id that tells nothing, and a code over it",
  "button/forged": "an id or a code that the program did not make does nothing",
  "button/elsewhere": "a button of another platform or workspace does nothing",
  "button/revision": "a button of an earlier revision does nothing",
  "button/state": "a button of a ceremony that has ended does nothing",
  "button/expiry": "a button of a review that has expired does nothing",
  "button/actor": "a button is pressed as whoever presses it, with their roles alone",

  "delivery/twice": "one delivery that comes twice, even at once, takes effect once",
  "delivery/restart": "it does so after a restart as well",
  "delivery/old": "a request signed six minutes ago is refused",
  "delivery/ahead": "a request signed six minutes ahead is refused",
  "delivery/replayed": "a signed request is good once",
  "delivery/signature": "a request with another signature, or another body than was signed, is refused",
  "delivery/content-type": "a request in a form that Slack does not send is refused",

  "links/no-signing": "nothing is signed in chat: what a wallet needs is shown, and no key or signature is taken there",
  "links/origin": "links lead to the program's own public address alone",
  "links/target": "a link's text is its target",
  "links/unfurl": "no message is unfurled",
  "text/slack-markup": "foreign text makes no markup, link, mention or emoji in Slack",
  "text/discord-markup": "foreign text makes no markup, link, mention or emoji in Discord",
  "text/invisible": "nothing in foreign text is invisible, or turns the order of what is read",
  "mentions/breach": "a breach calls exactly the people on call and their group",
  "mentions/nobody": "nothing else calls anybody",

  "evidence/ids": "the log keeps the platform's raw ids of who did it and of the delivery",
  "evidence/refusals": "it keeps them of refusals too",
  "secrets/tokens": "tokens and the signing secret stand in no log, fault, event or answer",
  "secrets/answers": "addresses and tokens that answer a delivery stand in no log, fault, event or answer",
} as const;

export type Line = keyof typeof lines;

/** A test's name: the line, and what is special about the case. */
export function line(id: Line, special = ""): string {
  return `${id}: ${lines[id]}${special === "" ? "" : ` (${special})`}`;
}
