/** For each proxy of a leg: the code it runs now, read from the chain, and the code it is to run. */

import type { Address } from "../../domain/primitives.ts";
import { type Leg, type ProxyChange, proxyChanges } from "../../domain/release-package.ts";
import type { ChainFacts } from "./chain-reads.ts";

export interface BeforeAfterProps {
  leg: Leg;
  /** Whether it is a rollback. */
  back: boolean;
  /** Whether the upgrade has run, so that a rollback's start can be read from the chain. */
  upgraded?: boolean;
  facts: ChainFacts | undefined;
}

export function BeforeAfter({ leg, back, upgraded, facts }: BeforeAfterProps) {
  const changes = proxyChanges(leg);
  if (changes.length === 0) return null;
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
              {back && upgraded !== true ? (
                // A rollback starts from what the upgrade will have put there.
                <Code label="Before it" address={change.toImplementation} hash={change.toCodeHash} facts={facts} />
              ) : (
                <Now
                  proxy={change.proxy}
                  expected={back ? change.toImplementation : change.fromImplementation}
                  facts={facts}
                />
              )}
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

function Now({ proxy, expected, facts }: { proxy: Address; expected: Address; facts: ChainFacts | undefined }) {
  const found = facts?.proxies.get(proxy)?.implementation;
  const verdict =
    found === undefined
      ? "not verified: not read from the chain"
      : found === expected
        ? "read from the chain"
        : `the package says ${expected}`;
  return (
    <div class="fact">
      <dt>Now</dt>
      <dd>
        <code>{found ?? expected}</code> <span class={found === expected ? "good-word" : "bad-word"}>{verdict}</span>
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
