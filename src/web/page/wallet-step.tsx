/** Choosing the wallet, and seeing which account and chain it is on. */

import { useEffect, useState } from "preact/hooks";
import { chainNumber } from "../../domain/primitives.ts";
import { type Desk, type DeskState, isBusy } from "./desk.ts";
import { Icon } from "./icon.tsx";
import { Notice } from "./notice.tsx";
import { inert } from "./plain-words.ts";
import { type Wallet, watchWallets } from "./wallets.ts";
import type { Work } from "./work.ts";

export function WalletStep({ work, state, desk }: { work: Work; state: DeskState; desk: Desk }) {
  const [wallets, setWallets] = useState<Wallet[]>([]);
  useEffect(() => watchWallets(setWallets), []);
  const { signer, wallet, connecting, fault } = state;
  return (
    <section class="panel" aria-labelledby="wallet-title">
      <h2 id="wallet-title">
        <span class="step">1</span> Your wallet
      </h2>
      {signer !== undefined && wallet !== undefined ? (
        <dl class="facts">
          <div class="fact">
            <dt>Wallet</dt>
            <dd>{wallet.name}</dd>
          </div>
          <div class="fact">
            <dt>Account</dt>
            <dd>
              <code>{signer.account}</code>
            </dd>
          </div>
          <div class="fact">
            <dt>Chain</dt>
            <dd>{String(chainNumber(signer.chain))}</dd>
          </div>
        </dl>
      ) : (
        <p>
          Connect the wallet of one of these accounts, which are {inert(work.person.name)}'s:{" "}
          {work.person.wallets.map((address) => (
            <code key={address}>{address} </code>
          ))}
        </p>
      )}
      {wallets.length === 0 && (
        <Notice
          tone="warning"
          title="No wallet was found in this browser."
          sentences={[
            "Unlock or install your wallet's extension and load this page again, or open the link inside your wallet's own browser.",
          ]}
        />
      )}
      <ul class="wallets">
        {wallets.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              class={one.id === wallet?.id && signer !== undefined ? "button plain" : "button primary"}
              disabled={isBusy(state)}
              onClick={() => void desk.connect(one)}
            >
              {one.icon === "" ? <Icon name="wallet" /> : <img src={one.icon} alt="" width="20" height="20" />}
              {one.id === wallet?.id && signer !== undefined ? `Connect ${one.name} again` : `Connect ${one.name}`}
            </button>
            {one.id === "fallback" && (
              <p class="note">
                It did not announce itself (EIP-6963): make sure that it is yours before you {work.words.verb}.
              </p>
            )}
          </li>
        ))}
      </ul>
      {connecting && <p class="note">Answer in the wallet…</p>}
      {fault !== undefined && (
        <Notice tone="bad" title={fault} sentences={[`Nothing was ${work.words.past}. Try to connect again.`]} />
      )}
    </section>
  );
}
