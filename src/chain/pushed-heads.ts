/** A node with a WebSocket beside http: heads are pushed, and as long as it cannot be reached that way they are asked for. */

import type { Evaluator } from "../evaluator.ts";
import { ChainFault } from "../ports.ts";
import { type EvaluateOptions, evaluator } from "./evaluate.ts";
import { type FaultListener, type HeadListener, pollHeads, subscribeHeads } from "./heads.ts";
import type { Rpc } from "./rpc.ts";
import type { WsEndpoint } from "./ws-endpoint.ts";

export interface PushedHeads extends Evaluator {
  follow(listener: HeadListener, onFault: FaultListener): () => void;
}

interface BesideParts {
  /** Over the WebSocket. */
  headRpc: Rpc;
  pushed: WsEndpoint;
  /** Over http. */
  rpc: Rpc;
  pollMs: number;
}

export function headsBeside(parts: BesideParts, judging: EvaluateOptions): PushedHeads {
  const { headRpc, pushed, rpc, pollMs } = parts;
  const [quick, usual] = [evaluator(headRpc, judging), evaluator(rpc, judging)];
  let endPolling: (() => void) | undefined;
  const stopPolling = () => {
    endPolling?.();
    endPolling = undefined;
  };
  return {
    follow(listener, onFault) {
      /** Told once: each further attempt that fails is no news. */
      const fallBack = (fault: Error) => {
        if (endPolling !== undefined) return;
        const sentence = `${fault.message} Until it is there again, new blocks are asked for every ${pollMs} ms over http.`;
        onFault(new ChainFault("unreachable", sentence, { cause: fault }));
        endPolling = pollHeads(rpc, pollMs, listener, onFault);
      };
      const end = subscribeHeads(headRpc, pushed, listener, fallBack, stopPolling);
      return () => {
        end();
        stopPolling();
      };
    },
    evaluate: (...asked) => (endPolling === undefined ? quick : usual).evaluate(...asked),
  };
}
