/** One sentence for each event: the thread below a ceremony's card, the rehearsal's output and the history come from it. */

import type { CeremonyState } from "../../domain/ceremony.ts";
import { type LoggedEvent, system } from "../../domain/events.ts";
import { type Policy, personById } from "../../domain/policy.ts";
import { siblingSentence } from "../../domain/siblings.ts";
import type { Tone } from "../../view.ts";
import { utc } from "./sentences.ts";

export interface EventSentence {
  tone: Tone;
  text: string;
}

/** What happened, as told to the channel. Text of people is quoted as it is; adapters make it inert. */
export function eventSentence(state: CeremonyState, one: LoggedEvent, policy: Policy): EventSentence {
  const name = (id: string) => (id === system.person ? "Quorate" : (personById(policy, id)?.name ?? id));
  const by = "by" in one.data ? name(one.data.by.person) : "Quorate";
  const say = (tone: Tone, text: string): EventSentence => ({ tone, text });
  switch (one.type) {
    case "drafted":
      return say("neutral", `${by} proposed "${one.data.package.title}".`);
    case "revised":
      return say(
        "warning",
        `${by} wrote revision ${one.data.revision}. Every vote is void; signatures given before are void only once their nonce is used.`,
      );
    case "checked":
      return say("good", `The check of revision ${one.data.revision} passed at block ${one.data.block.number}.`);
    case "checkFailed": {
      const refusals = one.data.findings.filter((item) => item.severity === "refuse");
      return say(
        "bad",
        `The check of revision ${one.data.revision} refused it: ${refusals.map((item) => item.message).join(" ")}`,
      );
    }
    case "overridden":
      return say(
        "warning",
        `${by} overrode the refusal ${one.data.code} until ${utc(one.data.expiresAt)}: ${one.data.reason}`,
      );
    case "refusalsOverridden":
      return say("warning", `Every refusal of the check is overridden (${one.data.codes.join(", ")}): it goes on.`);
    case "reviewOpened":
      return say(
        "progress",
        `The review is open: ${one.data.quorum} approvals are needed, and ${one.data.transactions.length} transactions to be signed.`,
      );
    case "approved":
      return say("good", `${by} approved.`);
    case "denied":
      return say("bad", `${by} denied: ${one.data.reason}`);
    case "withdrawn":
      return say("warning", `${by} withdrew the ${one.data.what}.`);
    case "quorumReached":
      return say("good", `The quorum is reached: ${one.data.people.map(name).join(", ")}.`);
    case "quorumLost":
      return say("warning", `The quorum is lost: approvals that count are ${one.data.people.length} now.`);
    case "digestVoided":
      return say(
        "bad",
        `The approval is void: ${one.data.reason}.${one.data.policyHash === undefined ? " Check again." : ""}`,
      );
    case "signed":
      return say("good", `${by} signed ${one.data.tx} with ${one.data.owner}.`);
    case "scheduleRequested":
      return say("progress", `${by} had it sent to the timelock.`);
    case "transactionMined":
      return say("progress", `${one.data.tx} is mined in block ${one.data.block.number}.`);
    case "scheduled":
      return say("progress", "All operations stand in the timelock; the delay is running.");
    default:
      return running(state, one, { by, name });
  }
}

/** Done by somebody whom policy does not know, or nobody at all: the program itself never executes. */
const isSystem = (one: { data: { by: { person: string } } }) => one.data.by.person === system.person;

/** "Eve", "the gas key for Eve", or the address of somebody whom policy does not know. */
function senderOf({ person, account }: { person: string; account: string }, name: string): string {
  if (person === system.person) return `somebody unknown to policy (${account.replace(/^wallet:/, "")})`;
  return account.startsWith("gas-key:") ? `the gas key for ${name}` : name;
}

interface Names {
  by: string;
  name(id: string): string;
}

function running(state: CeremonyState, one: LoggedEvent, { by, name }: Names): EventSentence {
  const phase = (index: number) => state.package.phases[index]?.id ?? String(index);
  const say = (tone: Tone, text: string): EventSentence => ({ tone, text });
  switch (one.type) {
    case "readied":
      return say("progress", `The phase ${phase(one.data.phase)} is ready to be executed.`);
    case "executionStarted":
      return isSystem(one)
        ? say("warning", `The phase ${phase(one.data.phase)} is being executed, and nobody was named for it here.`)
        : say("progress", `${by} is executing the phase ${phase(one.data.phase)}.`);
    case "executionRequested":
      return say("progress", `${by} asked Quorate to send the ${one.data.purpose} of ${one.data.legs.join(", ")}.`);
    case "executorSent": {
      const signer = one.data.sender === "gas-key" ? `For ${by}, the gas key` : `${by}'s wallet`;
      return say("progress", `${signer} signed the ${one.data.purpose} of ${one.data.leg}; it is being sent.`);
    }
    case "executionFailed":
      if (one.data.replacedBy !== undefined)
        return say(
          "bad",
          `Quorate had sent the ${one.data.purpose} of ${one.data.leg}, and stopped it before it ran: nothing changed. ${one.data.reason}`,
        );
      if (one.data.sent === false)
        return say("bad", `Quorate did not send the ${one.data.purpose} of ${one.data.leg}. ${one.data.reason}`);
      return say("bad", `The ${one.data.purpose} of ${one.data.leg} failed on the chain: ${one.data.reason}`);
    case "legExecuted":
      return say(
        isSystem(one) ? "warning" : "good",
        `The ${one.data.purpose} of ${one.data.leg} ran in block ${one.data.block.number}, sent by ${senderOf(one.data.by, by)}.`,
      );
    case "executed":
      return say(
        "good",
        `The phase ${phase(one.data.phase)} is executed. Its canary is measured from block ${one.data.block.number} on.`,
      );
    case "held":
      return say("warning", `${by} put it on hold: ${one.data.reason}`);
    case "released":
      return say("progress", `${by} lifted the hold.`);
    case "breached":
      return say("bad", `SEV${one.data.severity} breach at block ${one.data.block.number}: ${one.data.sentence}.`);
    case "breachCleared":
      return say("good", `${one.data.metric} is within its bounds again at block ${one.data.block.number}.`);
    case "doubted":
      return say("bad", `${one.data.sentence}.`);
    case "doubtOver":
      return one.data.about === "unwatched"
        ? say("good", `${one.data.metrics.join(", ")} can be measured again, from block ${one.data.block.number} on.`)
        : say("good", `No source says any more that ${one.data.metrics.join(", ")} fails.`);
    case "budgetSpent": {
      const { left, reason } = one.data;
      const what = left === 0 ? "is spent" : `is down to ${left} of 100 points`;
      return say(
        left === 0 ? "bad" : "warning",
        `The budget of the phase ${phase(one.data.phase)} ${what}: ${reason}.`,
      );
    }
    case "budgetExtended":
      return say(
        "warning",
        `${one.data.people.map(name).join(", ")} let the phase ${phase(one.data.phase)} go on with a full budget: ${one.data.cause}`,
      );
    case "advanced":
      return say(
        "good",
        `${by} advanced past the phase ${phase(one.data.phase)} after ${one.data.samples} clean blocks.`,
      );
    case "canaryPassed":
      return say(
        "good",
        `${by} accepted the last canary after ${one.data.samples} clean blocks. What is left in the timelock is now to be cancelled.`,
      );
    default:
      return ending(one, by, name);
  }
}

function ending(one: LoggedEvent, by: string, name: (id: string) => string): EventSentence {
  const say = (tone: Tone, text: string): EventSentence => ({ tone, text });
  switch (one.type) {
    case "containmentRequested":
      return say("bad", `${by} gave the word for ${one.data.containment}: ${one.data.reason}`);
    case "containmentFailed":
      return say(
        "bad",
        `NOT contained: the chain refused ${one.data.containment}. ${one.data.reason} Another containment, a rollback or the offline kit has to do.`,
      );
    case "resimulated": {
      const refused = one.data.findings.filter((item) => item.severity === "refuse").length;
      return refused === 0
        ? say("good", `How it goes on was simulated at block ${one.data.block.number}, and nothing stands against it.`)
        : say(
            "bad",
            `How it goes on was simulated at block ${one.data.block.number}, and ${refused} finding${refused === 1 ? "" : "s"} stand${refused === 1 ? "s" : ""} against it.`,
          );
    }
    case "contained":
      return say(
        "warning",
        `Contained: ${one.data.containment} was read back from the chain at block ${one.data.block.number}.`,
      );
    case "rollbackReadied":
      return say("warning", `The rollback of ${one.data.legs.join(", ")} has waited its delay and may be executed.`);
    case "rollbackStarted":
      return say("bad", `${by} is rolling back ${one.data.legs.join(", ")}: ${one.data.reason}`);
    case "rolledBack":
      return say("warning", `Rolled back at block ${one.data.block.number}: the old code runs again.`);
    case "resumeSupported":
      return say("progress", `${by} wants to resume: ${one.data.cause}`);
    case "resumed":
      return say("progress", `Resumed by ${one.data.people.map(name).join(" and ")}.`);
    case "windDownOpened":
      return one.data.transactions.length === 0
        ? say("good", "The Safes are past every nonce that something was signed for: nothing is left to make unusable.")
        : say(
            "progress",
            `${one.data.transactions.length} transactions that make what is left unusable wait for signatures.`,
          );
    case "operationCancelled":
      return say("good", `${one.data.tx} is done: the operation is gone from the timelock.`);
    case "operationRemoved":
      return say(
        "bad",
        `${one.data.tx} is gone from the timelock at block ${one.data.block.number}: a canceller took it out, and nobody had asked for that here.`,
      );
    case "supersededSeen":
      return say(
        "bad",
        `Somebody sent ${one.data.tx} of an earlier revision: it stands in the timelock at block ${one.data.block.number}, and the guardian Safe can cancel it.`,
      );
    case "siblingSeen":
      return say("bad", siblingSentence(one.data));
    case "nonceUsed":
      if (/\/rollback$/.test(one.data.tx))
        return say(
          "bad",
          `The nonce of ${one.data.tx} was used by another transaction: what was signed for it is dead.`,
        );
      return say("good", `${one.data.tx} is done: what was signed for that nonce is dead.`);
    case "expired":
      return say("warning", `Expired: ${one.data.reason}.`);
    case "cancelled":
      return say("warning", `${by} cancelled: ${one.data.reason}`);
    case "closed":
      return say("good", `Closed at block ${one.data.block.number}: nothing is left that could still run.`);
    case "exitLost":
      return say("bad", `No way out by ${one.data.exit} since block ${one.data.block.number}: ${one.data.sentence}`);
    case "exitMended":
      return say("good", `The way out by ${one.data.exit} works again, since block ${one.data.block.number}.`);
    case "refused":
      return say("warning", `Refused to ${by}: ${one.data.sentence}`);
    default:
      return say("neutral", one.type);
  }
}
