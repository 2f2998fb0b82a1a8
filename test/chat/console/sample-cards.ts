/** Cards as a council would see them, for looking at and for tests. */

import type { Card } from "../../../src/view.ts";
import { packageHash, safe, timelock, vault } from "./contracts.ts";

export function card(change: Partial<Card> = {}): Card {
  return {
    kind: "card",
    key: "UP-1",
    revision: 1,
    audience: { kind: "channel" },
    tone: "progress",
    status: "in review",
    title: "UP-1 · Vault 1.2.0: round shares down on withdrawal",
    summary: "Two more approvals are wanted, from people other than Ada, who proposed it.",
    facts: [
      { label: "Target", value: "vault (transparent proxy) on eip155:31337" },
      { label: "Lane", value: "routine: 3 approvals, 48 h delay" },
      { label: "Approved by", value: "Ben (1 of 3)" },
      { label: "Window", value: "2026-11-23 14:00 UTC to 2026-11-25 14:00 UTC" },
      { label: "Proxy", value: vault, code: true },
      { label: "New implementation", value: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512", code: true },
      { label: "Package hash", value: packageHash, code: true },
    ],
    sections: [
      {
        title: "What will run",
        style: "list",
        lines: [
          "ProxyAdmin.upgradeAndCall(vault, Vault 1.2.0, migrate(2)) through the timelock, after 48 h.",
          "Preconditions: not after 2026-11-25 14:00 UTC; chain 31337; code hash of the new implementation.",
          "Rollback prepared: to Vault 1.1.3, valid for 7 days after execution.",
        ],
      },
    ],
    pictures: [],
    actions: [
      {
        label: "Approve",
        command: "approve",
        options: { ceremony: "UP-1" },
        style: "primary",
        confirm: "Approve package 8F2A 5594 as it is? Any later edit voids your approval.",
      },
      { label: "Show the difference", command: "show", options: { ceremony: "UP-1" }, style: "plain" },
      { label: "Deny", command: "deny", options: { ceremony: "UP-1" }, style: "danger" },
    ],
    footer: "Revision 1 · audit head 4f1c…9a02 · policy version 3",
    mentions: ["caro", "dev"],
    ...change,
  };
}

/** A small line chart with axes, as the bot draws them. */
export function chart(): string {
  const points = Array.from(
    { length: 40 },
    (_, at) => `${40 + at * 14},${120 - Math.sin(at / 5) * 22 - (at > 31 ? (at - 31) * 7 : 0)}`,
  );
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 200" font-family="sans-serif" font-size="11">' +
    '<rect width="620" height="200" fill="#fff"/><line x1="40" y1="62" x2="600" y2="62" stroke="#c0392b" stroke-dasharray="5 4"/>' +
    '<text x="44" y="57" fill="#c0392b">limit 0.50 %</text><line x1="40" y1="170" x2="600" y2="170" stroke="#999"/>' +
    `<polyline points="${points.join(" ")}" fill="none" stroke="#4a43d6" stroke-width="2"/>` +
    '<text x="40" y="186" fill="#666">block 1,201</text><text x="548" y="186" fill="#666">block 1,241</text></svg>'
  );
}

const none = { facts: [], sections: [], pictures: [], actions: [], mentions: [] };

/** One card for each state that a ceremony can be in, and what surrounds them. */
export const gallery: Card[] = [
  card(),
  card({
    ...none,
    key: "UP-2",
    tone: "neutral",
    status: "drafted",
    title: "UP-2 · Oracle adapter: new heartbeat",
    summary: "The checks have not run yet.",
    footer: "Revision 1",
  }),
  card({
    ...none,
    key: "UP-3",
    tone: "good",
    status: "approved",
    title: "UP-3 · Fee switch to 8 bp",
    summary: "Three signatures are wanted from the council.",
    mentions: ["ben", "caro", "dev"],
    actions: [{ label: "Sign", command: "sign", options: { ceremony: "UP-3" }, style: "primary" }],
  }),
  card({
    ...none,
    key: "UP-4",
    tone: "progress",
    status: "scheduled",
    title: "UP-4 · Guard limits",
    summary: "Ready in 31 h 12 min, at 2026-11-23 14:00:00 UTC.",
    facts: [{ label: "Operation id", value: packageHash, code: true }],
  }),
  card({
    ...none,
    key: "UP-5",
    tone: "warning",
    status: "held",
    title: "UP-5 · Router allow-list",
    summary: "Dev holds the ceremony: the audit of commit 3f2c is not published.",
  }),
  card({
    ...none,
    key: "UP-6",
    tone: "bad",
    status: "rolled back",
    title: "UP-6 · Share price oracle",
    summary: "The rollback was executed in block 1,239. Resuming needs two people other than Finn and Ada.",
  }),
  card({
    ...none,
    key: "UP-7",
    tone: "good",
    status: "closed",
    title: "UP-7 · Pause guardian rotation",
    summary: "Both canary phases passed; the rollback was cancelled on-chain.",
    footer: "Closed 2026-11-20 09:31 UTC",
  }),
  card({
    ...none,
    key: "UP-1/checked",
    audience: { kind: "thread", of: "UP-1" },
    tone: "good",
    status: "checked",
    title: "11 of 11 gates passed",
    summary: "Simulated at block 1,204 on a fork, rollback rehearsed.",
    sections: [
      {
        title: "Gates",
        style: "list",
        lines: [
          "envelope: 1 call, CALL only",
          "decode: every selector known",
          "preflight: implementation slot as expected",
          "artefact: bytecode equals the build",
          "layout: 2 variables appended, none moved",
          "opcodes: no SELFDESTRUCT, no DELEGATECALL",
          "authority: unchanged",
          "simulation: outcome as declared",
          "rehearsal: rollback restores the code hash",
          "timelock: delay 48 h",
          "text: nothing invisible",
        ],
      },
    ],
  }),
  card({
    ...none,
    key: "UP-1/ben",
    audience: { kind: "thread", of: "UP-1" },
    tone: "good",
    status: "approved by Ben",
    title: "Ben approved",
    summary: "“Layout and initialiser checked against the audit.”",
  }),
  card({
    ...none,
    key: "UP-8",
    tone: "progress",
    status: "canary, phase 1 of 2",
    title: "UP-8 · Vault 1.2.0: pilot pool",
    summary: "Measured for 41 of 60 blocks; at most 250,000 USDC are exposed.",
    facts: [
      { label: "Share price deviation", value: "0.31 % (limit 0.50 %)" },
      { label: "Solvency", value: "100.4 % (at least 100 %)" },
      { label: "Failed withdrawals", value: "0 of 38 (at most 1)" },
      { label: "Samples", value: "41 of 60 wanted" },
      { label: "Oldest sample", value: "2 s" },
      { label: "Budget used", value: "112,040 of 250,000 USDC" },
      { label: "Phase began", value: "2026-11-21 13:20:11 UTC" },
      { label: "Phase may end", value: "2026-11-21 14:20:11 UTC" },
      { label: "Rollback valid until", value: "2026-11-28 13:20:11 UTC" },
      { label: "Operation", value: "Done" },
      { label: "Timelock", value: timelock, code: true },
      { label: "Transaction", value: packageHash, code: true },
    ],
    pictures: [
      {
        title: "Share price deviation, last 40 blocks",
        alt: "A line chart: the deviation stays below 0.5 % and rises in the last eight blocks, up to 0.47 %.",
        svg: chart(),
      },
    ],
  }),
  card({
    ...none,
    key: "UP-8/breach-1",
    tone: "bad",
    status: "SEV1 BREACH",
    title: "UP-8 · Solvency below 100 %",
    summary: "The vault owes more than it holds: 99.2 % in block 1,246. Containment is prepared: pause the vault.",
    facts: [
      { label: "Metric", value: "solvency" },
      { label: "Measured", value: "99.2 %" },
      { label: "Limit", value: "at least 100 %" },
      { label: "Since", value: "2026-11-21 14:02:25 UTC, 2 blocks" },
    ],
    sections: [
      {
        title: "Without the bot",
        style: "code",
        lines: [
          `cast send ${safe} "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)" ${vault} 0 0x8456cb59 0 0 0 0 ${`0x${"0".repeat(40)}`} ${`0x${"0".repeat(40)}`} $SIGNATURES`,
          "cast call $VAULT 'paused()(bool)'",
        ],
      },
    ],
    mentions: ["finn", "gia"],
    actions: [
      {
        label: "Contain: pause the vault",
        command: "contain",
        options: { ceremony: "UP-8" },
        style: "danger",
        confirm: "Pause the vault now? Users cannot withdraw until two other people resume.",
      },
      { label: "Acknowledge", command: "status", options: {}, style: "plain" },
    ],
  }),
];

/** What somebody might type to mislead a reader. */
export const hostile = {
  markup: '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>',
  bidi: "pay to \u202Etnatsissa\u202C now",
  zeroWidth: "ad\u200Bmin\u2060 and \u3164",
  hebrew: "שדרוג הכספת לגרסה 1.2",
  long: "x".repeat(600),
};

export const hostileCard = card({
  ...none,
  key: "UP-9",
  tone: "warning",
  status: "in review",
  title: `UP-9 · ${hostile.hebrew} ${hostile.markup}`,
  summary: `${hostile.bidi}; ${hostile.zeroWidth}`,
  facts: [
    { label: hostile.bidi, value: hostile.long },
    { label: "Emoji stay whole", value: "👩‍🚀 launches 🇨🇭" },
    { label: "Data", value: `0x${"ab".repeat(300)}`, code: true },
  ],
  sections: [
    { title: hostile.markup, style: "plain", lines: [hostile.hebrew, hostile.markup] },
    {
      title: "Trace",
      style: "code",
      lines: Array.from({ length: 14 }, (_, at) => `${at}: ${hostile.markup}${"-".repeat(80)}`),
    },
  ],
  actions: [{ label: `Press ${hostile.bidi}`, command: "status", options: {}, style: "plain" }],
});
