/** Judges an admin path: the timelock can upgrade, and nobody else can, now or by anything that is under way. */

import type { Finding } from "../domain/events.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { findings } from "./gate.ts";
import type { AdminPath } from "./preflight-path.ts";
import { stranger } from "./simulation/strangers.ts";

const { refuse, flag, info } = findings("preflight");

/** One finding a way past the timelock; one info where there is none. */
export function judgePath(path: AdminPath): Finding[] {
  const found = [...ownership(path), ...underWay(path), ...roles(path), ...manager(path), ...tried(path)];
  if (found.length > 0) return found;
  const { name, timelock, through } = path;
  return [
    path.isExplained
      ? info(
          "path",
          `The contract ${name} is upgraded through ${through} by the timelock ${timelock}, and by nobody else.`,
        )
      : flag(
          "unexplained",
          `Nothing says who may upgrade ${name}, which has no owner, no roles and no authority: of those who were tried only the timelock ${timelock} can.`,
          { evidence: through, fix: "Read how its upgrade is guarded in the source before anybody signs." },
        ),
  ];
}

const meaning: Record<string, string> = {
  "one key": "an account without code: whoever has its one key upgrades alone, at any time",
  "a delegated account": "a person's account that borrows code (EIP-7702): whoever has its key upgrades alone",
  "a Safe": "a Safe: its owners upgrade without the timelock's delay",
  "a contract": "a contract: what it lets through decides",
};

function ownership({ name, timelock, owner, manager: managed, isExplained, passing }: AdminPath): Finding[] {
  if (owner === undefined)
    return isExplained || passing.includes(timelock)
      ? []
      : [
          refuse(
            "owner",
            `The contract ${name} can be upgraded by nobody that owner() names, and not only by the timelock ${timelock}.`,
            { fix: "Find out from its source who may upgrade it; let the timelock be its owner." },
          ),
        ];
  if (owner.account === timelock || owner.account === managed) return [];
  return [
    refuse(
      "owner",
      `The contract ${name} can be upgraded by ${owner.account}, and not only by the timelock ${timelock}.`,
      {
        evidence: `${owner.account} is ${meaning[owner.is]}.`,
        fix: `Have it hand its ownership to the timelock ${timelock} first, in a step of its own.`,
      },
    ),
  ];
}

/** Two-step transfers: whoever is named takes over by one call, at a time of their choosing. */
function underWay({ name, timelock, pending, through }: AdminPath): Finding[] {
  return pending
    .filter((one) => one.account !== timelock)
    .map(({ getter, account }) =>
      refuse(
        "pending",
        `The account ${account} can take over the upgrades of ${name} by one call: a transfer to it is under way.`,
        {
          evidence: `${getter} of ${through} answers ${account}`,
          fix: "Have the transfer withdrawn, or finished and judged, before anything is signed.",
        },
      ),
    );
}

function roles({ name, timelock, holders, manager: managed }: AdminPath): Finding[] {
  return holders.map(({ account, why, role, contract }) =>
    refuse(
      contract === managed ? "manager-role" : "role",
      `The account ${account} holds ${why} on ${contract} and so can upgrade ${name}, or let itself upgrade it, past the timelock ${timelock}.`,
      { evidence: `hasRole(${role}, ${account})`, fix: `Have the role revoked from ${account}.` },
    ),
  );
}

function manager({ name, manager: account, managerIsOpen }: AdminPath): Finding[] {
  if (!managerIsOpen) return [];
  return [
    refuse(
      "manager-open",
      `The AccessManager ${account} lets everybody upgrade ${name}: the call has its PUBLIC_ROLE.`,
      {
        evidence: `getTargetFunctionRole on ${account}`,
        fix: "Give the upgrade function a role that the timelock alone holds.",
      },
    ),
  ];
}

/** Whose upgrade would go through at this moment, whatever the contracts say of themselves. */
function tried({ name, timelock, passing, owner, holders, manager: managed, through }: AdminPath): Finding[] {
  const told = [timelock, owner?.account, ...holders.map((one) => one.account)];
  const others = passing.filter((one) => !told.includes(one));
  const evidence = `an upgrade of ${name} through ${through} to the code that it has now was tried from each account`;
  if (others.includes(stranger))
    return [
      refuse("open", `Anybody can upgrade ${name}: a stranger's upgrade would go through at this moment.`, {
        evidence,
        fix: "Treat it as lost: pause what can be paused, and move what it holds.",
      }),
    ];
  if (others.length > 0)
    return others.map((account) =>
      refuse(
        "past-timelock",
        `The account ${account} can upgrade ${name} at this moment, without the timelock ${timelock}.`,
        {
          evidence,
          fix: `Take the right to upgrade from ${account}.`,
        },
      ),
    );
  const isOwned = owner === undefined || owner.account === timelock;
  return isOwned && managed === undefined && !passing.includes(timelock)
    ? [
        refuse("cannot", `The timelock ${timelock} itself cannot upgrade ${name}: its call would revert now.`, {
          evidence,
          fix: "Find out who may upgrade it, and why the timelock may not.",
        }),
      ]
    : [];
}

/** Nothing on this path goes through the timelock. */
export function pathOfProof(account: Address, role: Hex): AdminPath {
  return {
    ...{ name: "proof", timelock: account, through: account, manager: undefined, managerIsOpen: false },
    ...{ owner: undefined, pending: [], isExplained: true, passing: [account] },
    holders: [{ contract: account, role, account: stranger, why: "DEFAULT_ADMIN_ROLE" }],
  };
}
