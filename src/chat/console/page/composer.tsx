/** Where one types commands, with suggestions (the combobox pattern of WAI-ARIA: a list box below a text field). */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Completion, Suggestion } from "../completion.ts";
import { complete } from "./api.ts";
import { Avatar, personColour } from "./avatar.tsx";
import { useDesk } from "./context.ts";
import { Icon } from "./icon.tsx";

const noSuggestions: Completion = { from: 0, to: 0, suggestions: [] };

/** A line put in from elsewhere; `count` tells one from the next. */
export interface Draft {
  line: string;
  count: number;
}

export function Composer({ draft, fault }: { draft: Draft; fault: string }) {
  const desk = useDesk();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const history = useHistory();
  const list = useSuggestions(desk.me.account);
  const edit = (line: string, caret = line.length) => {
    setText(line);
    if (line === "") list.close();
    else list.ask(line, caret);
  };
  // Before the next key: who is quick presses it before the page is painted.
  useLayoutEffect(() => {
    if (draft.count === 0) return;
    setText(draft.line);
    input.current?.focus();
  }, [draft]);
  useEffect(() => list.close(), [desk.me.account]);
  useSlashKey(input);

  const send = () => {
    if (text.trim() === "") return;
    history.add(text);
    desk.say(text);
    setText("");
    list.close();
  };
  const accept = (suggestion: Suggestion) => {
    const head = text.slice(0, list.from) + suggestion.insert;
    edit(head + text.slice(list.to).trimStart(), head.length);
    requestAnimationFrame(() => input.current?.setSelectionRange(head.length, head.length));
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = list.suggestions[list.active];
    const first = list.suggestions[0];
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && list.suggestions.length > 0) list.move(1);
    else if (event.key === "ArrowDown" && text === "") list.ask("", 0);
    else if (event.key === "ArrowUp" && list.suggestions.length > 0) list.move(-1);
    else if (event.key === "ArrowUp" && history.back(text) !== undefined) setText(history.back(text) ?? "");
    else if (event.key === "Tab" && !event.shiftKey && first) accept(chosen ?? first);
    else if (event.key === "Enter" && chosen) accept(chosen);
    else if (event.key === "Enter") send();
    else if (event.key === "Escape" && list.suggestions.length > 0) list.close();
    else return;
    event.preventDefault();
  };
  const open = list.suggestions.length > 0;
  return (
    <div class={`composer ${personColour(desk.me, desk.people)}`}>
      {open && <Suggestions suggestions={list.suggestions} active={list.active} onChoose={accept} />}
      {fault && (
        <p class="composer-fault" role="alert">
          <Icon name="warning" /> {fault}
        </p>
      )}
      <div class="composer-box">
        <Avatar person={desk.me} people={desk.people} />
        <input
          ref={input}
          class="composer-input"
          type="text"
          role="combobox"
          aria-label={`Command, as ${desk.me.name}`}
          aria-autocomplete="list"
          aria-expanded={open}
          aria-controls="suggestions"
          aria-activedescendant={list.active >= 0 ? `suggestion-${list.active}` : undefined}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="send"
          placeholder={`Type a command as ${desk.me.name}, such as status`}
          value={text}
          onInput={(event) => edit(event.currentTarget.value, event.currentTarget.selectionStart ?? undefined)}
          onKeyDown={onKeyDown}
          onBlur={list.close}
        />
        <button type="button" class="icon-button send" aria-label="Send" disabled={text.trim() === ""} onClick={send}>
          <Icon name="send" />
        </button>
      </div>
      <p class="composer-hint">
        <span>
          You are <strong>{desk.me.name}</strong>, {desk.me.title}
        </span>
        <span class="keys">
          {open ? "↑ ↓ choose · Tab complete · Esc close" : "Enter send · / focus · ↓ all commands"}
        </span>
      </p>
    </div>
  );
}

function Suggestions(props: { suggestions: Suggestion[]; active: number; onChoose: (suggestion: Suggestion) => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(
    () => box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }),
    [props.active],
  );
  return (
    <div class="suggestions" id="suggestions" role="listbox" aria-label="Suggestions" ref={box}>
      {props.suggestions.map((suggestion, at) => (
        // The focus stays in the text field: the option is reached by its keys (aria-activedescendant).
        <div
          class="suggestion"
          role="option"
          tabIndex={-1}
          id={`suggestion-${at}`}
          aria-selected={at === props.active}
          key={`${suggestion.label} ${at}`}
          onMouseDown={(event) => {
            event.preventDefault();
            props.onChoose(suggestion);
          }}
        >
          <bdi class="suggestion-label">{suggestion.label}</bdi>
          <bdi class="suggestion-detail">{suggestion.detail}</bdi>
        </div>
      ))}
    </div>
  );
}

function useSuggestions(account: string) {
  const [completion, setCompletion] = useState(noSuggestions);
  const [active, setActive] = useState(-1);
  const asked = useRef(0);
  const put = (next: Completion) => {
    setCompletion(next);
    setActive(-1);
  };
  return {
    ...completion,
    active,
    async ask(line: string, caret: number) {
      const turn = ++asked.current;
      const answer = await complete(account, line, caret);
      if (turn === asked.current) put(answer);
    },
    close() {
      asked.current++;
      put(noSuggestions);
    },
    move(step: number) {
      const count = completion.suggestions.length;
      setActive(active < 0 ? (step > 0 ? 0 : count - 1) : (active + step + count) % count);
    },
  };
}

/** Lines sent before, brought back by the arrow up in an empty field. */
function useHistory() {
  const lines = useRef<string[]>([]);
  return {
    add(line: string) {
      lines.current = [...lines.current.filter((each) => each !== line), line];
    },
    /** The line before this one; undefined where there is none, or where something else is being typed. */
    back(line: string): string | undefined {
      const at = line === "" ? lines.current.length : lines.current.indexOf(line);
      return at > 0 ? lines.current[at - 1] : undefined;
    },
  };
}

function useSlashKey(input: { current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { target } = event;
      const typing = target instanceof HTMLElement && target.matches("input:not([type=radio]), textarea, select");
      if (event.key !== "/" || typing || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [input]);
}
