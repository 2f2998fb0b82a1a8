/** What a wallet is asked for: everything that the person must compare with the wallet's own screen. */

import type { MessageItem, SignatureItem, TransactionItem, WalletItem, WalletRequest } from "../../../view.ts";
import type { ReplyEntry, Signing, Wire } from "../wire.ts";
import { Avatar } from "./avatar.tsx";
import { Body, Facts, Status } from "./body.tsx";
import { useDesk } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { Icon } from "./icon.tsx";
import { Working } from "./reply.tsx";
import { Copy, Text } from "./text.tsx";

type Item = Wire<WalletItem>;

const untouched: Signing = { state: "open", progress: [], answer: null };

export function WalletDialog(props: {
  request: Wire<WalletRequest>;
  entry: ReplyEntry;
  onSign: () => void;
  onClose: () => void;
}) {
  const desk = useDesk();
  const { message } = props.request;
  const items: Item[] = [...props.request.items, ...(message === undefined ? [] : [message])];
  const signing = items.map((_, at) => props.entry.signing[at] ?? untouched);
  const done = signing.filter((each) => each.state === "done").length;
  const working = signing.some((each) => each.state === "working");
  const verb = items.every((item) => item.kind === "transaction") ? "Send" : "Sign";
  return (
    <Dialog title={props.request.title} size="large" onClose={props.onClose}>
      <div class="dialog-body" tabIndex={-1} data-first>
        <p>
          <Text>{props.request.summary}</Text>
        </p>
        {items.map((item, at) => (
          <ItemBlock item={item} number={at + 1} count={items.length} state={signing[at] ?? untouched} key={at} />
        ))}
      </div>
      <footer class="dialog-foot">
        <span class="as-whom" role="status">
          <Avatar person={desk.me} people={desk.people} />
          {done} of {items.length} done
        </span>
        <button type="button" class="button plain" onClick={props.onClose}>
          {done === items.length ? "Close" : "Not now"}
        </button>
        {done < items.length && (
          <button type="button" class="button primary" disabled={working} onClick={props.onSign}>
            {working ? "Waiting for the wallet…" : `${verb} with ${desk.me.name}'s wallet`}
          </button>
        )}
      </footer>
    </Dialog>
  );
}

const stateWord = {
  open: ["neutral", "not signed"],
  working: ["progress", "in the wallet"],
  done: ["good", "done"],
  failed: ["bad", "not accepted"],
} as const;

function ItemBlock({ item, number, count, state }: { item: Item; number: number; count: number; state: Signing }) {
  const [tone, word] = stateWord[state.state];
  return (
    <section class="wallet-item" aria-label={`${number} of ${count}: ${item.purpose}`}>
      <header>
        <span class="wallet-number">
          {number} of {count}
        </span>
        <h3>
          <Text>{item.purpose}</Text>
        </h3>
        <Status tone={tone}>{item.kind === "transaction" && state.state === "open" ? "not sent" : word}</Status>
      </header>
      <ul class="sentences">
        {item.sentences.map((sentence, at) => (
          <li key={at} class={/^\d+\. /.test(sentence) ? "numbered" : undefined}>
            <Text>{sentence}</Text>
          </li>
        ))}
      </ul>
      {item.kind === "signature" && <SignatureFacts item={item} />}
      {item.kind === "transaction" && <TransactionFacts item={item} />}
      {item.kind === "message" && <MessageText item={item} />}
      {state.state === "working" && <Working lines={state.progress} />}
      {state.answer?.kind === "notice" && (
        <div class={`notice tone-${state.answer.tone}`}>
          <p class="notice-text">
            <Icon name={state.answer.tone} />
            <Text>{state.answer.text}</Text>
          </p>
          <Body {...state.answer} />
        </div>
      )}
    </section>
  );
}

function SignatureFacts({ item }: { item: Wire<SignatureItem> }) {
  const { tx, hashes } = item;
  return (
    <>
      <Facts
        facts={[
          { label: "Chain", value: tx.chain },
          { label: "Safe nonce", value: tx.nonce },
          { label: "Safe", value: tx.safe, code: true },
        ]}
      />
      <dl class="hashes">
        <DeviceHash label="Domain hash" value={hashes.domainHash} />
        <DeviceHash label="Message hash" value={hashes.messageHash} />
        <DeviceHash label="safeTxHash" value={hashes.safeTxHash} />
      </dl>
      <details class="steps">
        <summary>All fields of the Safe transaction</summary>
        <Facts
          facts={[
            { label: "Safe version", value: tx.safeVersion },
            { label: "Operation", value: tx.operation === 0 ? "0 (CALL)" : "1 (DELEGATECALL)" },
            { label: "To", value: tx.to, code: true },
            { label: "Value (wei)", value: tx.value },
            { label: "safeTxGas", value: tx.safeTxGas },
            { label: "baseGas", value: tx.baseGas },
            { label: "gasPrice", value: tx.gasPrice },
            { label: "gasToken", value: tx.gasToken, code: true },
            { label: "refundReceiver", value: tx.refundReceiver, code: true },
            { label: "Data", value: tx.data, code: true },
          ]}
        />
      </details>
    </>
  );
}

/** Signed as it stands, so it is shown as it stands: whole, and no line longer than the eye sees. */
function MessageText({ item }: { item: Wire<MessageItem> }) {
  return (
    <>
      <Facts facts={[{ label: "Wallet", value: item.wallet, code: true }]} />
      <section class="section">
        <h4>
          The text <Copy value={item.text} label="the text" />
        </h4>
        <pre class="signed-text">
          <Text>{item.text}</Text>
        </pre>
      </section>
    </>
  );
}

function TransactionFacts({ item }: { item: Wire<TransactionItem> }) {
  const { call } = item;
  return (
    <Facts
      facts={[
        { label: "Chain", value: call.chain },
        { label: "Value (wei)", value: call.value },
        { label: "To", value: call.to, code: true },
        { label: item.from.length === 1 ? "From" : "From one of", value: item.from.join(" "), code: true },
        { label: "Operation id", value: item.operationId, code: true },
        { label: "Data", value: call.data, code: true },
      ]}
    />
  );
}

/** As hardware wallets show a hash: upper case, here in fours so that an eye can keep its place. The whole of it. */
function DeviceHash({ label, value }: { label: string; value: string }) {
  const groups =
    value
      .slice(2)
      .toUpperCase()
      .match(/.{1,4}/g) ?? [];
  return (
    <div class="hash">
      <dt>{label}</dt>
      <dd>
        <code class="device-hash">
          {groups.map((group, at) => (
            <span key={at}>{group}</span>
          ))}
        </code>
        <Copy value={value} label={label} />
      </dd>
    </div>
  );
}
