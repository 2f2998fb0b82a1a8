/** The shape of each policy file. The editor's JSON Schemas are made from these. */

import { z } from "zod";
import { onCall } from "../domain/alerts/on-call-shape.ts";
import { chainPolicy } from "../domain/chain-policy.ts";
import { metric } from "../domain/metrics.ts";
import { channels, lane, person, type Role, workspaces } from "../domain/policy.ts";
import { slug } from "../domain/primitives.ts";
import { target } from "../domain/target-policy.ts";

export const councilFile = z.strictObject({
  name: z.string().min(1).max(80),
  /** Rises with every change of authority. */
  version: z.number().int().min(1),
  people: z.array(person.omit({ roles: true, frozen: true })).min(3),
});
const members = z.array(slug);
export const rolesFile = z.strictObject({
  proposer: members,
  approver: members,
  executor: members,
  guardian: members,
  admin: members,
  auditor: members,
} satisfies Record<Role, typeof members>);
export const lanesFile = z.strictObject({ routine: lane, emergency: lane });
export const chainsFile = z.strictObject({ chains: z.array(chainPolicy).min(1) });
export const workspacesFile = workspaces;
export const channelsFile = channels;
export const onCallFile = onCall;
export const targetFile = target.omit({ phases: true, fullExposure: true });
export const canaryFile = z.strictObject({
  target: slug,
  phases: target.shape.phases,
  fullExposure: target.shape.fullExposure,
});
export const invariantsFile = z.strictObject({ metrics: z.array(metric).min(1) });

/** By the schema's file name in policies/schema. */
export const fileShapes = {
  council: councilFile,
  roles: rolesFile,
  lanes: lanesFile,
  chains: chainsFile,
  workspaces: workspacesFile,
  channels: channelsFile,
  "on-call": onCallFile,
  target: targetFile,
  canary: canaryFile,
  invariants: invariantsFile,
} as const;
