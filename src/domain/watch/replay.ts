/** What a reorganisation does to a metric's samples and its alert: superseded, replayed from the ancestor, never just resolved. */

import type { Hex } from "../primitives.ts";
import { emptyWindow, fold, inBlockOrder, type MetricWindow, type WatchSample, type WindowSetting } from "./window.ts";

/** A sample of a block that is no longer on the chain says by which block it was superseded. */
export type KeptSample<T extends WatchSample = WatchSample> = T & { supersededBy?: Hex | undefined };

export interface AlertState {
  window: MetricWindow;
  /** Number of the last orphaned block: until the new chain was measured that far, what is open is being rechecked. */
  recheckingTo: bigint | undefined;
}

export const noAlert: AlertState = { window: emptyWindow, recheckingTo: undefined };

/** The samples of orphaned blocks marked, none of them dropped: what was measured once stays evidence. */
export function superseded<T extends WatchSample>(
  samples: readonly KeptSample<T>[],
  orphaned: ReadonlyMap<Hex, Hex>,
): KeptSample<T>[] {
  return samples.map((one) => {
    const by = orphaned.get(one.blockHash);
    return by === undefined || one.supersededBy !== undefined ? one : { ...one, supersededBy: by };
  });
}

/**
 * The alert after a reorganisation, from the samples that are left: the counts are those of the new chain up to the
 * ancestor, and what was open stays open, because absence resolves nothing. `samples` is all of them, marked already.
 * `reopened`: it was cleared by blocks that are gone, so that it never was.
 */
export function reorganised(
  setting: WindowSetting,
  before: AlertState,
  samples: readonly KeptSample[],
  lastOrphaned: bigint,
): { alert: AlertState; reopened: boolean } {
  const { window } = fold(setting, inBlockOrder(samples.filter((one) => one.supersededBy === undefined)));
  const lost = before.window.open && !window.open;
  const to = before.recheckingTo;
  // Passes from before the fork say nothing of what failed after it.
  const after = { ...window, open: before.window.open || window.open, passes: lost ? 0n : window.passes };
  const recheckingTo = to !== undefined && to > lastOrphaned ? to : lastOrphaned;
  return { alert: { window: after, recheckingTo }, reopened: !before.window.open && window.open };
}

/** Whether what is open is being measured again on the new chain. */
export function isRechecking({ window, recheckingTo }: AlertState): boolean {
  return window.open && recheckingTo !== undefined;
}

/**
 * One sample of the chain as it is now. Rechecking ends with the first one as high as the last orphaned block; until then
 * what is open stays open, because what failed may have been in the blocks that are not measured again yet.
 */
export function replayed<T extends WatchSample>(
  setting: WindowSetting,
  alert: AlertState,
  sample: T,
): { alert: AlertState; changes: ReturnType<typeof fold<T>>["changes"] } {
  const { window, changes } = fold(setting, [sample], alert.window);
  const isThere = alert.recheckingTo === undefined || sample.blockNumber >= alert.recheckingTo;
  const stays = !isThere && alert.window.open && !window.open;
  return {
    alert: {
      window: { ...window, open: window.open || stays },
      recheckingTo: isThere ? undefined : alert.recheckingTo,
    },
    changes: stays ? changes.filter((one) => one.kind !== "cleared") : changes,
  };
}
