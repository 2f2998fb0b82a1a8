/** Asks before something that cannot be undone. */

import type { Action } from "../../../view.ts";
import { Avatar } from "./avatar.tsx";
import { useDesk } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { Text } from "./text.tsx";

export function ConfirmDialog(props: { action: Action; onConfirm: () => void; onClose: () => void }) {
  const desk = useDesk();
  return (
    <Dialog title={props.action.label} size="small" onClose={props.onClose}>
      <div class="dialog-body">
        <p>
          <Text>{props.action.confirm ?? ""}</Text>
        </p>
        <p class="as-whom">
          <Avatar person={desk.me} people={desk.people} />
          <span>
            You do this as <strong>{desk.me.name}</strong>, {desk.me.title}
          </span>
        </p>
      </div>
      <footer class="dialog-foot">
        {/* The safe answer has the focus, so that a second Enter does no harm. */}
        <button type="button" class="button plain" data-first onClick={props.onClose}>
          Cancel
        </button>
        <button
          type="button"
          class={`button ${props.action.style === "danger" ? "danger" : "primary"}`}
          onClick={props.onConfirm}
        >
          <Text>{props.action.label}</Text>
        </button>
      </footer>
    </Dialog>
  );
}
