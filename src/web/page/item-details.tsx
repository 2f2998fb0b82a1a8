/** Everything else of a transaction, folded away: the ten fields, the calldata, and the offline command. */

import type { NestedSafe } from "../../domain/events.ts";
import { chainNumber } from "../../domain/primitives.ts";
import { offlineCommand } from "./offline-command.ts";
import type { Item } from "./release.ts";
import { Fact, Hash, LongText } from "./values.tsx";

/** `through`: the Safes that the signer signs for, from the transaction's Safe's owner down. */
export function ItemDetails({ item, through }: { item: Item; through: readonly NestedSafe[] }) {
  const { tx, operationId } = item.transaction;
  return (
    <>
      <details>
        <summary>All ten fields of the Safe transaction, and its calldata</summary>
        <dl class="facts">
          <Fact label="Chain">{String(chainNumber(tx.chain))}</Fact>
          <Fact label="Safe" code>
            {tx.safe}
          </Fact>
          <Fact label="Safe version">{tx.safeVersion}</Fact>
        </dl>
        <dl class="facts ten">
          <Fact label="to" code>
            {tx.to}
          </Fact>
          <Fact label="value">{`${tx.value} wei`}</Fact>
          <Fact label="data">{`${(tx.data.length - 2) / 2} bytes, in full below`}</Fact>
          <Fact label="operation">{tx.operation === 0 ? "0 (a plain call)" : "1 (DELEGATECALL)"}</Fact>
          <Fact label="safeTxGas">{String(tx.safeTxGas)}</Fact>
          <Fact label="baseGas">{String(tx.baseGas)}</Fact>
          <Fact label="gasPrice">{String(tx.gasPrice)}</Fact>
          <Fact label="gasToken" code>
            {tx.gasToken}
          </Fact>
          <Fact label="refundReceiver" code>
            {tx.refundReceiver}
          </Fact>
          <Fact label="nonce">{String(tx.nonce)}</Fact>
        </dl>
        <dl class="hashes">
          <Hash
            label="Calldata digest"
            note="ERC-8213: the hash of the data and its length"
            value={item.calldataDigest}
          />
          {operationId !== undefined && (
            <Hash label="Operation id" note="under which the timelock knows it" value={operationId} />
          )}
        </dl>
        <LongText label="Calldata" value={tx.data} />
      </details>
      <details>
        <summary>Compute these hashes on another computer, offline</summary>
        <p>
          In a copy of Quorate's source, after npm ci. It reads no file and no network, and prints the three hashes.
        </p>
        <LongText label="Offline command" value={offlineCommand(tx, through)} />
      </details>
    </>
  );
}
