/** Sample people and commands. */

import type { Option } from "../../../src/command.ts";

export const people = [
  { id: "ada", name: "Ada", account: "console:ada", title: "proposer" },
  { id: "ben", name: "Ben", account: "console:ben", title: "approver and signer" },
  { id: "caro", name: "Caro", account: "console:caro", title: "approver and signer" },
  { id: "dev", name: "Dev", account: "console:dev", title: "approver and signer" },
  { id: "eve", name: "Eve", account: "console:eve", title: "executor" },
  { id: "finn", name: "Finn", account: "console:finn", title: "guardian, on call" },
  { id: "gia", name: "Gia", account: "console:gia", title: "guardian" },
];

const ceremony: Option = { name: "ceremony", description: "Which ceremony", type: "ceremony", required: true };
const reason: Option = { name: "reason", description: "Why, in a sentence", type: "text", required: false };
const target: Option = { name: "target", description: "What to upgrade", type: "target", required: true };
const lane: Option = {
  name: "lane",
  description: "How fast, and with which quorum",
  type: "choice",
  required: false,
  choices: [
    { value: "routine", label: "3 approvals, 48 hours of delay" },
    { value: "emergency", label: "4 approvals, 1 hour of delay" },
  ],
};

export const commands = [
  {
    name: "propose",
    summary: "Propose an upgrade of a target",
    example: "/upgrade propose target=vault",
    roles: ["proposer"],
    options: [{ ...target, required: false }, lane],
  },
  { name: "show", summary: "Show a ceremony", example: "/upgrade show UP-1", roles: [], options: [ceremony] },
  {
    name: "approve",
    summary: "Approve the package as it is",
    example: '/upgrade approve UP-1 reason="storage layout checked"',
    roles: ["approver"],
    options: [ceremony, reason],
  },
  {
    name: "deny",
    summary: "Deny the package",
    example: "/upgrade deny UP-1",
    roles: ["approver"],
    options: [ceremony, { ...reason, required: true }],
  },
  {
    name: "sign",
    summary: "Sign with your wallet",
    example: "/upgrade sign UP-1",
    roles: ["signer"],
    options: [ceremony],
  },
  {
    name: "execute",
    summary: "Execute when the delay is over",
    example: "/upgrade execute UP-1",
    roles: ["executor"],
    options: [ceremony],
  },
  {
    name: "contain",
    summary: "Run the prepared response",
    example: "/upgrade contain UP-1",
    roles: ["guardian"],
    options: [ceremony],
  },
  { name: "status", summary: "What is going on", example: "/upgrade status", roles: [], options: [] },
  {
    name: "why",
    summary: "What blocks a ceremony, and who can unblock it",
    example: "/upgrade why UP-1",
    roles: [],
    options: [ceremony],
  },
  { name: "help", summary: "What there is to type", example: "/upgrade help", roles: [], options: [] },
];
