/** Who approves what: the Safe, the Safes that own it, their owners and thresholds, as they were read from the chain. */

import type { BoundSafe, NestedSafe } from "../../domain/events.ts";
import { approvalsIn, type SafeApproval, samePath, silentChildren } from "../../domain/nested-safes.ts";
import type { Address } from "../../domain/primitives.ts";
import type { Item } from "./release.ts";
import { Hash } from "./values.tsx";
import { Words } from "./words.tsx";

interface TreeProps {
  item: Item;
  tree: BoundSafe;
  /** Where this signer signs. */
  place: SafeApproval | undefined;
  account: Address | undefined;
}

/** Nothing where no Safe owns the Safe: there is one level, and the check above names it. */
export function ApprovalTree(props: TreeProps) {
  if (props.tree.nested.length === 0) return null;
  const approvals = approvalsIn(props.item.transaction.tx, props.tree);
  const [root] = approvals;
  return (
    <>
      <h4>Who approves it</h4>
      <p>
        Read from the chain. An owner that is a Safe counts as one, and only once enough of its own owners have signed
        its message.
      </p>
      <ul class="tree">{root !== undefined && <SafeNode {...props} approvals={approvals} approval={root} />}</ul>
    </>
  );
}

type NodeProps = TreeProps & { approvals: readonly SafeApproval[]; approval: SafeApproval };

function SafeNode(props: NodeProps) {
  const { approval, approvals, item, place, tree } = props;
  const { safe, via } = approval;
  const mine = place !== undefined && samePath(place.via, via);
  const below = (owner: Address) => approvals.find((one) => samePath(one.via, [...via, owner]));
  return (
    <li class={mine ? "safe mine" : "safe"}>
      <p>
        <strong>{via.length === 0 ? <Words>{item.safeName.replace(/^the /, "The ")}</Words> : "Safe "}</strong>
        {via.length > 0 && <code>{safe.address}</code>} <span class="muted">{safe.version}</span>{" "}
        <span class="needed">
          {safe.threshold} of {safe.owners.length} must sign
        </span>
        {mine && <span class="tag">you sign here</span>}
      </p>
      <details>
        <summary>What its owners sign{mine ? " (compare it below)" : ""}</summary>
        <dl class="hashes">
          <Hash label="Domain hash" note="which Safe on which chain" value={approval.domainHash} />
          <Hash
            label="Message hash"
            note={via.length === 0 ? "which transaction" : "which message (SafeMessage)"}
            value={approval.messageHash}
          />
          <Hash
            label={via.length === 0 ? "safeTxHash" : "Signed hash"}
            note="both together: what is signed"
            value={approval.hash}
          />
        </dl>
      </details>
      <ul>
        {safe.owners.map((owner) => {
          const child = below(owner);
          if (child !== undefined) return <SafeNode key={owner} {...props} approval={child} />;
          return (
            <Owner
              key={owner}
              owner={owner}
              you={mine && owner === props.account}
              silent={silentAt(tree, safe, owner)}
            />
          );
        })}
      </ul>
    </li>
  );
}

function silentAt(tree: BoundSafe, parent: NestedSafe, owner: Address): boolean {
  return silentChildren(tree).some((one) => one.parent.address === parent.address && one.child.address === owner);
}

function Owner({ owner, you, silent }: { owner: Address; you: boolean; silent: boolean }) {
  return (
    <li>
      <code>{owner}</code>
      {you && <span class="tag">you</span>}
      {silent && (
        <span class="note"> a Safe that cannot sign for this one; it can only approve on the chain (approveHash)</span>
      )}
    </li>
  );
}
