/** What spans policy files: names that point nowhere, or to two things; quorums nobody can reach; what cannot be called. */

import { accountProblems } from "./account-problems.ts";
import { catalogueProblems } from "./catalogue-problems.ts";
import { containmentProblems } from "./containment-problems.ts";
import { onCallProblems } from "./on-call-problems.ts";
import type { PolicyFiles } from "./policy-files.ts";
import { signatureProblems } from "./signature-problems.ts";

/** Each problem as `FILE: path: reason`; empty where there is none. */
export function policyProblems(files: PolicyFiles): string[] {
  return [
    ...roles(files),
    ...lanes(files),
    ...chains(files),
    ...files.targets.flatMap((one) => target(one, files)),
    ...files.canaries.flatMap((one, index) => canary(one, files, index)),
    ...invariants(files),
    ...onCallProblems(files),
    ...accountProblems(files),
    ...signatureProblems(files),
    ...catalogueProblems(files),
    ...containmentProblems(files),
  ];
}

const knows = ({ council }: PolicyFiles, id: string) => council.value.people.some((one) => one.id === id);

/** Names that stand twice in a list. */
function repeated(ids: readonly string[]): string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}

function roles(files: PolicyFiles): string[] {
  const { file, value } = files.roles;
  const strangers = Object.entries(value).flatMap(([role, members]) =>
    members.filter((id) => !knows(files, id)).map((id) => `${file}: ${role}: nobody in council.yaml is called ${id}`),
  );
  const needed = ["proposer", "approver", "executor", "guardian"] as const;
  const empty = needed.filter((role) => value[role].length === 0);
  return [...strangers, ...empty.map((role) => `${file}: ${role}: without one no upgrade can be run`)];
}

/** With any one of the proposers left out, enough approvers must remain, and an executor who is none of them. */
function lanes(files: PolicyFiles): string[] {
  const { proposer, approver, executor } = files.roles.value;
  const people = files.council.value.people;
  return (["routine", "emergency"] as const).flatMap((lane) => {
    const { quorum } = files.lanes.value[lane];
    const stuck = people.filter(({ id }) => {
      if (!proposer.includes(id)) return false;
      const approvers = people.filter((one) => approver.includes(one.id) && one.id !== id);
      const executors = people.filter((one) => executor.includes(one.id) && one.id !== id);
      const onlyApprovers = approvers.filter((one) => !executors.includes(one));
      return (
        approvers.length < quorum ||
        executors.length === 0 ||
        (onlyApprovers.length < quorum && executors.length <= quorum - onlyApprovers.length)
      );
    });
    return stuck.map(
      (one) =>
        `${files.lanes.file}: ${lane}.quorum: ${quorum} cannot be reached when ${one.name} proposes: too few approvers and executors remain`,
    );
  });
}

function chains({ chains: { file, value } }: PolicyFiles): string[] {
  return repeated(value.chains.map((one) => one.id)).map(
    (id) => `${file}: chains.${id}: this chain stands there twice`,
  );
}

function target({ file, value }: PolicyFiles["targets"][number], files: PolicyFiles): string[] {
  const names = value.contracts.map((one) => one.name);
  const phases = files.canaries.filter((one) => one.value.target === value.id).flatMap((one) => one.value.phases);
  return [
    ...(files.chains.value.chains.some((one) => one.id === value.chain)
      ? []
      : [`${file}: chain: chains.yaml has no ${value.chain}`]),
    ...(files.targets.filter((one) => one.value.id === value.id).length > 1
      ? [`${file}: id: two targets are called ${value.id}`]
      : []),
    ...(phases.length === 0 ? [`${file}: id: no file in canary/ says the phases of ${value.id}`] : []),
    ...repeated(names).map((name) => `${file}: contracts.${name}: two contracts have this name`),
    ...repeated(value.releases.map((one) => one.id)).map((id) => `${file}: releases.${id}: two releases have this id`),
    ...repeated(value.containment.map((one) => one.id)).map(
      (id) => `${file}: containment.${id}: two containments have this id`,
    ),
    ...value.releases.flatMap((release) =>
      [...new Set([...Object.keys(release.implementations), ...Object.keys(release.initData)])]
        .filter((name) => !names.includes(name))
        .map((name) => `${file}: releases.${release.id}: the target has no contract ${name}`),
    ),
    ...names
      .filter((name) => phases.length > 0 && phases.filter((one) => one.contracts.includes(name)).length !== 1)
      .map((name) => `${file}: contracts.${name}: it must stand in exactly one phase in canary/`),
  ];
}

function canary({ file, value }: PolicyFiles["canaries"][number], files: PolicyFiles, index: number): string[] {
  const of = files.targets.find((one) => one.value.id === value.target)?.value;
  if (of === undefined) return [`${file}: target: no file in targets/ has the id ${value.target}`];
  const metrics = files.invariants.flatMap((one) => one.value.metrics);
  const first = files.canaries.findIndex((one) => one.value.target === value.target);
  return [
    ...(first === index
      ? []
      : [`${file}: target: ${files.canaries[first]?.file} says the phases of ${value.target} already`]),
    ...repeated(value.phases.map((one) => one.id)).map((id) => `${file}: phases.${id}: two phases have this id`),
    ...value.phases.flatMap((phase) => [
      ...phase.contracts
        .filter((name) => !of.contracts.some((one) => one.name === name))
        .map((name) => `${file}: phases.${phase.id}: the target has no contract ${name}`),
      ...[...new Set([...phase.metrics, ...phase.stopOn])].flatMap((id) => {
        const metric = metrics.find((one) => one.id === id);
        if (metric === undefined) return [`${file}: phases.${phase.id}: there is no invariant ${id}`];
        return metric.chain === of.chain
          ? []
          : [
              `${file}: phases.${phase.id}: the invariant ${id} is read on ${metric.chain}, and the target is on ${of.chain}`,
            ];
      }),
    ]),
  ];
}

/** An invariant without owner or action is not a control (MISSION 2). */
function invariants(files: PolicyFiles): string[] {
  const containments = files.targets.flatMap((one) => one.value.containment.map((item) => item.id));
  const twice = repeated(files.invariants.flatMap((one) => one.value.metrics.map((metric) => metric.id)));
  return files.invariants.flatMap(({ file, value }) =>
    value.metrics.flatMap((metric) => [
      ...(containments.includes(metric.containment)
        ? []
        : [
            `${file}: metrics.${metric.id}: no target prepares the containment ${metric.containment}; an invariant without one is not a control`,
          ]),
      ...(knows(files, metric.owner)
        ? []
        : [`${file}: metrics.${metric.id}: nobody in council.yaml is called ${metric.owner}`]),
      ...(files.chains.value.chains.some((one) => one.id === metric.chain)
        ? []
        : [`${file}: metrics.${metric.id}: chains.yaml has no ${metric.chain}`]),
      ...(twice.includes(metric.id) ? [`${file}: metrics.${metric.id}: two invariants have this id`] : []),
    ]),
  );
}
