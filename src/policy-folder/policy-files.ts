/** Every file of a policies folder, each right by itself. */

import type { z } from "zod";
import type {
  canaryFile,
  chainsFile,
  channelsFile,
  councilFile,
  invariantsFile,
  lanesFile,
  onCallFile,
  rolesFile,
  targetFile,
  workspacesFile,
} from "./file-shapes.ts";

export interface PolicyFile<T extends z.ZodType> {
  /** Below the folder: `targets/harbour.yaml`. */
  file: string;
  value: z.output<T>;
}

export interface PolicyFiles {
  council: PolicyFile<typeof councilFile>;
  roles: PolicyFile<typeof rolesFile>;
  lanes: PolicyFile<typeof lanesFile>;
  chains: PolicyFile<typeof chainsFile>;
  workspaces: PolicyFile<typeof workspacesFile>;
  channels: PolicyFile<typeof channelsFile>;
  onCall: PolicyFile<typeof onCallFile>;
  targets: PolicyFile<typeof targetFile>[];
  canaries: PolicyFile<typeof canaryFile>[];
  invariants: PolicyFile<typeof invariantsFile>[];
}
