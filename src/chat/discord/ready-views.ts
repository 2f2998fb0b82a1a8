/** Views made ready for a private answer: buttons kept in the store, pictures drawn. */

import { ButtonStyle } from "discord.js";
import type { StoredButton } from "../../ports.ts";
import type { Form, View } from "../../view.ts";
import { notice } from "../../view.ts";
import type { AdapterParts } from "../adapter.ts";
import { button, rowsOf } from "./action-rows.ts";
import { cardMessage } from "./card-message.ts";
import type { Drawing, Drawn } from "./drawn.ts";
import { limits } from "./limits.ts";
import { nobody } from "./mentions.ts";
import { formRow } from "./modal.ts";
import { noticeMessage } from "./notice-message.ts";
import { drawPictures, filesOf } from "./picture-files.ts";
import type { Ready } from "./reply.ts";
import { walletMessages } from "./wallet-messages.ts";

export type ViewParts = Pick<AdapterParts, "store" | "clock" | "png" | "onFault">;

/** `again`: the form that led here, offered once more with what was typed. Rejects where the store does not take buttons. */
export async function readyView(view: View, parts: ViewParts, drawing: Drawing, again?: Form): Promise<Ready[]> {
  const onFault = (fault: unknown) => parts.onFault("discord picture", fault);
  const pages: Ready[] = [];
  switch (view.kind) {
    case "card":
    case "notice": {
      const { view: shown, bytes } = await drawPictures(view, parts.png, onFault);
      const drawn = shown.kind === "card" ? cardMessage(shown, nobody, drawing) : noticeMessage(shown, drawing);
      const whole = shown.kind === "card" ? { ...drawn, body: { ...drawn.body, content: "" } } : drawn;
      const offered = again === undefined ? whole : withForm(whole, again, "Change and send again", drawing);
      pages.push({ drawn: offered, files: filesOf(offered, bytes) });
      break;
    }
    case "form": {
      const asked = noticeMessage(notice("progress", `One more step: ${view.title}.`), drawing);
      pages.push({ drawn: withForm(asked, view, view.submit, drawing), files: [] });
      break;
    }
    case "wallet":
      for (const drawn of walletMessages(view, drawing)) pages.push({ drawn, files: filesOf(drawn, new Map()) });
  }
  await keep(
    pages.flatMap((one) => one.drawn.buttons),
    parts,
  );
  return pages;
}

/** An answer that needs neither store nor pictures. */
export function readyNotice(text: string, drawing: Drawing): Ready[] {
  return [{ drawn: noticeMessage(notice("bad", text), drawing), files: [] }];
}

/** The question before something that cannot be undone. */
export function readyQuestion(row: StoredButton, no: string, drawing: Drawing): Ready[] {
  const question = noticeMessage(notice("warning", row.confirm ?? ""), drawing);
  const components = rowsOf([
    button(`Yes, ${row.label}`, ButtonStyle.Danger, drawing.token(row, "do")),
    button("No", ButtonStyle.Secondary, no),
  ]);
  return [{ drawn: { ...question, body: { ...question.body, components } }, files: [] }];
}

function withForm(drawn: Drawn, form: Form, label: string, drawing: Drawing): Drawn {
  const row = formRow(form);
  const open = rowsOf([button(label, ButtonStyle.Primary, drawing.token(row, "open"))]);
  const components = [...open, ...drawn.body.components.slice(0, limits.rows - 1)];
  return { ...drawn, body: { ...drawn.body, components }, buttons: [...drawn.buttons, row] };
}

export async function keep(
  buttons: StoredButton[],
  { store, clock }: Pick<ViewParts, "store" | "clock">,
): Promise<void> {
  if (buttons.length > 0) await store.keepButtons(buttons, clock.now());
}
