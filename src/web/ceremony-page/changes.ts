/** What a leg changes, contract by contract, before and after. */

import type { Leg } from "../../domain/release-package.ts";
import type { PageFacts } from "./facts.ts";
import { code, type Html, html, said, table } from "./markup.ts";

export function changesTable(leg: Leg, { words }: PageFacts): Html {
  return table(
    "Contracts, before and after",
    ["Contract", "Before", "After"],
    leg.changes.map((one) => row(one, words.nameOf)),
  );
}

function row(one: Leg["changes"][number], nameOf: (address: string) => string): Html[] {
  switch (one.kind) {
    case "proxy":
      return [
        html`${said(one.name)} <span class="note">${one.proxyKind} proxy</span><br>${code(one.proxy)}`,
        codeAt(one.fromImplementation, one.fromCodeHash),
        html`${codeAt(one.toImplementation, one.toCodeHash)}${one.initData === "0x" ? "" : html`<br>and runs ${code(one.initData)}`}`,
      ];
    case "call":
      return [
        html`${said(one.name)}<br>${code(one.contract)}`,
        html`<span class="note">a call</span>`,
        said(one.effect),
      ];
    case "parameter":
      return [html`${said(one.name)}<br>${code(one.contract)}`, said(one.from), said(one.to)];
    case "role":
      return [
        html`${said(one.name)}<br>${code(one.contract)}`,
        html`role ${code(one.role)}`,
        html`${one.grant ? "granted to" : "taken from"} ${said(nameOf(one.account))}`,
      ];
    case "safeOwners":
      return [
        html`${said(one.name)}<br>${said(nameOf(one.safe))}`,
        html`leave: ${said(one.remove.map(nameOf).join(", ") || "nobody")}`,
        html`join: ${said(one.add.map(nameOf).join(", ") || "nobody")}; threshold ${one.threshold}`,
      ];
  }
}

function codeAt(implementation: string, hash: string): Html {
  return html`${code(implementation)}<br><span class="note">code hash</span> ${code(hash)}`;
}
