/** For each proxy of a leg: the code it runs now, read from the chain, and the code it is to run. */

import { type ProxyChange, proxyChanges } from "../../domain/release-package.ts";
import type { ChainFacts } from "./chain-reads.ts";
import type { Item } from "./release.ts";

export function BeforeAfter({ item, facts }: { item: Item; facts: ChainFacts | undefined }) {
  const changes = item.leg === undefined ? [] : proxyChanges(item.leg);
  if (changes.length === 0) return null;
  const back = item.transaction.purpose === "rollback";
  return (
    <>
      <h4>{back ? "Before and after the rollback" : "Before and after"}</h4>
      <ul class="changes">
        {changes.map((change) => (
          <li key={change.proxy}>
            <p class="change-name">
              <strong>{change.name}</strong> <span class="muted">{change.proxyKind} proxy</span>{" "}
              <code>{change.proxy}</code>
              {change.proxyKind !== "uups" && (
                <>
                  {" "}
                  <span class="muted">
                    changed through its {change.proxyKind === "beacon" ? "beacon" : "ProxyAdmin"}
                  </span>{" "}
                  <code>{change.admin}</code>
                </>
              )}
            </p>
            <dl class="facts">
              <Now change={change} facts={facts} back={back} />
              <Code
                label={back ? "After it" : "After"}
                address={back ? change.fromImplementation : change.toImplementation}
                hash={back ? change.fromCodeHash : change.toCodeHash}
                facts={facts}
              />
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A rollback starts from what the upgrade will have put there. */
function Now({ change, facts, back }: { change: ProxyChange; facts: ChainFacts | undefined; back: boolean }) {
  if (back) return <Code label="Before it" address={change.toImplementation} hash={change.toCodeHash} facts={facts} />;
  const found = facts?.proxies.get(change.proxy)?.implementation;
  const verdict =
    found === undefined
      ? "not verified: not read from the chain"
      : found === change.fromImplementation
        ? "read from the chain"
        : `the package says ${change.fromImplementation}`;
  return (
    <div class="fact">
      <dt>Now</dt>
      <dd>
        <code>{found ?? change.fromImplementation}</code>{" "}
        <span class={found === change.fromImplementation ? "good-word" : "bad-word"}>{verdict}</span>
      </dd>
    </div>
  );
}

function Code(props: { label: string; address: ProxyChange["proxy"]; hash: string; facts: ChainFacts | undefined }) {
  const found = props.facts?.codeHashes.get(props.address);
  const verdict =
    found === undefined
      ? "not verified"
      : found === props.hash
        ? "the code there has it"
        : `the code there has ${found}`;
  return (
    <div class="fact">
      <dt>{props.label}</dt>
      <dd>
        <code>{props.address}</code>
        <br />
        <span class="note">code hash</span> <code class="small">{props.hash}</code>{" "}
        <span class={found === props.hash ? "good-word" : "bad-word"}>{verdict}</span>
      </dd>
    </div>
  );
}
