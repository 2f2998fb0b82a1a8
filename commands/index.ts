/** Every command there is. A new one is its file, a line here, and its test. */

import type { Command } from "../src/command.ts";
import { ack } from "./ack.ts";
import { approve } from "./approve.ts";
import { canary } from "./canary.ts";
import { cancel } from "./cancel.ts";
import { check } from "./check.ts";
import { contain } from "./contain.ts";
import { deny } from "./deny.ts";
import { diff } from "./diff.ts";
import { execute } from "./execute.ts";
import { exits } from "./exits.ts";
import { freeze } from "./freeze.ts";
import { health } from "./health.ts";
import { help } from "./help.ts";
import { link } from "./link.ts";
import { list } from "./list.ts";
import { oncall } from "./oncall.ts";
import { override } from "./override.ts";
import { propose } from "./propose.ts";
import { rollback } from "./rollback.ts";
import { schedule } from "./schedule.ts";
import { settle } from "./settle.ts";
import { show } from "./show.ts";
import { sign } from "./sign.ts";
import { silence } from "./silence.ts";
import { status } from "./status.ts";
import { testAlert } from "./test-alert.ts";
import { todo } from "./todo.ts";
import { unfreeze } from "./unfreeze.ts";
import { unlink } from "./unlink.ts";
import { whoami } from "./whoami.ts";
import { why } from "./why.ts";
import { withdraw } from "./withdraw.ts";

export const commands: readonly Command[] = [
  propose,
  check,
  override,
  show,
  diff,
  approve,
  deny,
  withdraw,
  sign,
  schedule,
  execute,
  canary,
  contain,
  rollback,
  cancel,
  status,
  list,
  todo,
  why,
  whoami,
  link,
  unlink,
  freeze,
  unfreeze,
  ack,
  silence,
  settle,
  oncall,
  exits,
  testAlert,
  health,
  help,
];
