/** A node with a WebSocket beside http: heads are pushed, and as long as it cannot be reached that way they are asked for. */

import type { HeadLink } from "../block-reads.ts";
import type { Evaluator } from "../evaluator.ts";
import { ChainFault } from "../ports.ts";
import { type EvaluateOptions, evaluator } from "./evaluate.ts";
import { type FaultListener, type HeadListener, pollHeads, subscribeHeads } from "./heads.ts";
import type { Rpc } from "./rpc.ts";
import type { WsEndpoint } from "./ws-endpoint.ts";

export interface PushedHeads extends Evaluator {
  follow(listener: HeadListener, onFault: FaultListener): () => void;
  link(): HeadLink | undefined;
}

interface BesideParts {
  /** Over the WebSocket. */
  headRpc: Rpc;
  pushed: WsEndpoint;
  /** Over http. */
  rpc: Rpc;
  pollMs: number;
  /** Over another WebSocket. */
  second: Rpc;
}

export function headsBeside(parts: BesideParts, judging: EvaluateOptions): PushedHeads {
  const { headRpc, pushed, rpc, pollMs, second } = parts;
  const quick = evaluator(headRpc, { ...judging, beside: second });
  // Two messages over http have two connections of themselves.
  const usual = evaluator(rpc, { ...judging, beside: rpc });
  let endPolling: (() => void) | undefined;
  let link: HeadLink | undefined;
  const stopPolling = () => {
    endPolling?.();
    endPolling = undefined;
    link = { by: "push", reason: "" };
  };
  return {
    follow(listener, onFault) {
      /** Told once: each further attempt that fails is no news. */
      const fallBack = (fault: Error) => {
        if (endPolling !== undefined) return;
        const sentence = `${fault.message} Until it is there again, new blocks are asked for every ${pollMs} ms over http.`;
        onFault(new ChainFault("unreachable", sentence, { cause: fault }));
        link = { by: "polling", reason: sentence };
        const asked: HeadListener = (head) => {
          link = { by: "polling", reason: sentence };
          listener(head);
        };
        const silent: FaultListener = (error) => {
          link = { by: "nothing", reason: error.message };
          onFault(error);
        };
        endPolling = pollHeads(rpc, pollMs, asked, silent);
      };
      const end = subscribeHeads(headRpc, pushed, listener, fallBack, stopPolling);
      return () => {
        end();
        stopPolling();
        link = undefined;
      };
    },
    link: () => link,
    evaluate: (...asked) => (endPolling === undefined ? quick : usual).evaluate(...asked),
  };
}

/** Heads that only a WebSocket brings, or only questions: there is nothing to fall back to. */
export function headsAlone(rpc: Rpc, pushed: WsEndpoint | undefined, pollMs: number): Omit<PushedHeads, "evaluate"> {
  let link: HeadLink | undefined;
  return {
    follow(listener, onFault) {
      if (pushed === undefined) {
        link = { by: "polling", reason: "" };
        return pollHeads(rpc, pollMs, listener, onFault);
      }
      const cut = (fault: Error) => {
        link = { by: "nothing", reason: fault.message };
        onFault(fault);
      };
      const subscribed = () => {
        link = { by: "push", reason: "" };
      };
      return subscribeHeads(rpc, pushed, listener, cut, subscribed);
    },
    link: () => link,
  };
}
