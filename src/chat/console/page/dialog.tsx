/** A window over the page: the browser keeps the focus inside it and closes it on Escape. `data-first` gets the focus. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "./icon.tsx";
import { Text } from "./text.tsx";

export function Dialog(props: {
  title: string;
  size?: "small" | "medium" | "large";
  onClose: () => void;
  children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    element.current?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog class={`dialog ${props.size ?? "medium"}`} ref={element} aria-labelledby={title} onClose={props.onClose}>
      <header class="dialog-head">
        <h2 id={title}>
          <Text>{props.title}</Text>
        </h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => element.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      {props.children}
    </dialog>
  );
}
