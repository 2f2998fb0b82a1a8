/** The wallets of this browser, each with a button that connects it. */

import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";
import { Notice } from "./notice.tsx";
import { type Wallet, watchWallets } from "./wallets.ts";

export function WalletList(props: {
  /** Id of the wallet that is connected. */
  connected: string | undefined;
  busy: boolean;
  /** What is done with it: "sign". */
  verb: string;
  onConnect: (wallet: Wallet) => void;
}) {
  const { connected, busy, verb, onConnect } = props;
  const [wallets, setWallets] = useState<Wallet[]>([]);
  useEffect(() => watchWallets(setWallets), []);
  return (
    <>
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
              class={one.id === connected ? "button plain" : "button primary"}
              disabled={busy}
              onClick={() => onConnect(one)}
            >
              {one.icon === "" ? <Icon name="wallet" /> : <img src={one.icon} alt="" width="20" height="20" />}
              {one.id === connected ? `Connect ${one.name} again` : `Connect ${one.name}`}
            </button>
            {one.id === "fallback" && (
              <p class="note">It did not announce itself (EIP-6963): make sure that it is yours before you {verb}.</p>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
