/** The focus goes where the news is: to the verdict when it is there, to the next item after one is done. */

import { useEffect, useRef } from "preact/hooks";
import { type DeskState, isDone, maySign } from "./desk.ts";

export function useVerdictFocus(state: DeskState) {
  const verdict = useRef<HTMLDivElement>(null);
  const done = [...state.progress.values()].filter(isDone).length;
  const compared = state.checks !== undefined;
  useEffect(() => {
    if (compared && done === 0) verdict.current?.focus();
  }, [compared]);
  useEffect(() => {
    if (state.stopped !== undefined) verdict.current?.focus();
  }, [state.stopped]);
  useEffect(() => {
    if (compared && !maySign(state.checks)) verdict.current?.focus();
  }, [state.checks]);
  useEffect(() => {
    if (done === 0) return;
    const next = document.querySelector<HTMLElement>(".item:not(.done) h3");
    (next ?? verdict.current)?.focus();
  }, [done]);
  return verdict;
}
