/** Choosing the wallet, and seeing which account and chain it is on. */

import { chainNumber } from "../../domain/primitives.ts";
import { type Desk, type DeskState, isBusy } from "./desk.ts";
import { Notice } from "./notice.tsx";
import { inert } from "./plain-words.ts";
import { WalletList } from "./wallet-list.tsx";
import type { Work } from "./work.ts";

export function WalletStep({ work, state, desk }: { work: Work; state: DeskState; desk: Desk }) {
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
      <WalletList
        connected={signer === undefined ? undefined : wallet?.id}
        busy={isBusy(state)}
        verb={work.words.verb}
        onConnect={(one) => void desk.connect(one)}
      />
      {connecting && <p class="note">Answer in the wallet…</p>}
      {fault !== undefined && (
        <Notice tone="bad" title={fault} sentences={[`Nothing was ${work.words.past}. Try to connect again.`]} />
      )}
    </section>
  );
}
