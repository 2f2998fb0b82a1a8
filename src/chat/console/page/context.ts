/** What every part of the page needs: who one is, and how to ask for things. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Action, Form, WalletRequest } from "../../../view.ts";
import type { ReplyEntry, ShownPerson, Wire } from "../wire.ts";

export interface Desk {
  me: ShownPerson;
  people: ShownPerson[];
  actAs(person: ShownPerson): void;
  /** Sends a typed line. */
  say(text: string): void;
  /** Presses a button, after its confirmation. */
  press(action: Action): void;
  openForm(entry: ReplyEntry, form: Form): void;
  openWallet(entry: ReplyEntry, request: Wire<WalletRequest>): void;
  openThread(key: string): void;
  openPicture(picture: { title: string; alt: string; svg: string }): void;
  /** Puts a line into the composer, to be sent by the person. */
  suggest(line: string): void;
  dismiss(id: string): void;
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("the desk is used outside the page");
  return desk;
}
