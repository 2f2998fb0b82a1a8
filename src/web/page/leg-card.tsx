/** One leg to send: its batch call by call, before and after, the transaction itself, and the button. */

import { chainNumber } from "../../domain/primitives.ts";
import { BeforeAfter } from "./before-after.tsx";
import { CallList } from "./call-list.tsx";
import { type DeskState, isDone } from "./desk.ts";
import type { ExecutionPlan, LegCall } from "./execution.ts";
import type { ExecutionDesk } from "./execution-desk.ts";
import { inert } from "./plain-words.ts";
import { SendArea } from "./send-area.tsx";
import { StatusPill } from "./status-pill.tsx";
import { Fact, Hash, LongText } from "./values.tsx";
import { Words } from "./words.tsx";

export interface LegProps {
  plan: ExecutionPlan;
  call: LegCall;
  number: number;
  state: DeskState;
  /** Undefined where nothing may be sent at all. */
  desk: ExecutionDesk | undefined;
  /** Whether those before it have run. */
  turn: boolean;
}

export function LegCard(props: LegProps) {
  const { plan, call, number, state, turn } = props;
  const back = plan.brief.purpose === "rollback";
  const progress = state.progress.get(call.id) ?? { step: "open" };
  const label = `item-${number}`;
  return (
    <article class={`panel item ${isDone(progress) ? "done" : ""}`} aria-labelledby={label}>
      <header class="item-head">
        <p class="muted">
          {number} of {plan.calls.length} · {call.id} · chain {String(chainNumber(call.call.chain))}
        </p>
        <StatusPill progress={progress} nothing="Not sent" />
        <h3 id={label} tabIndex={-1}>
          {back ? "Roll back" : "Execute"} {inert(call.id)}
        </h3>
      </header>
      <details class="item-body" open={turn}>
        <summary>What runs, and what changes</summary>
        <h4>What runs</h4>
        <p>
          <Words>{call.does.sentence}</Words>
        </p>
        <CallList calls={call.does.nested} />
        <BeforeAfter leg={call.leg} back={back} upgraded facts={state.facts} />
        <Transaction call={call} />
      </details>
      <SendArea {...props} progress={progress} />
    </article>
  );
}

function Transaction({ call: { call, operationId, calldataDigest } }: { call: LegCall }) {
  return (
    <>
      <h4>The transaction your wallet sends</h4>
      <dl class="facts">
        <Fact label="To" code>
          {call.to}
        </Fact>
        <Fact label="Value">{`${call.value} wei`}</Fact>
        <Fact label="Data">{`${(call.data.length - 2) / 2} bytes, in full below`}</Fact>
      </dl>
      <dl class="hashes">
        <Hash
          label="Operation id"
          note="under which the timelock knows it; the message in chat shows the same"
          value={operationId}
          strong
        />
        <Hash label="Calldata digest" note="ERC-8213: the hash of the data and its length" value={calldataDigest} />
      </dl>
      <details>
        <summary>The calldata, and the same from a terminal</summary>
        <LongText label="Calldata" value={call.data} />
        <p>With Foundry's cast and a hardware wallet, without this page:</p>
        <LongText
          label="Command"
          value={`cast send ${call.to} ${call.data} --value ${call.value} --chain ${chainNumber(call.chain)} --rpc-url YOUR-RPC --ledger`}
        />
      </details>
    </>
  );
}
