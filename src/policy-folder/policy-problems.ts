/** What spans policy files: names that point nowhere, people who are two, quorums nobody can reach. */

import type { Policy } from "../domain/policy.ts";

/** Each problem as `policies/FILE: path: reason`; empty where there is none. */
export function policyProblems(policy: Policy, roles: Readonly<Record<string, readonly string[]>>): string[] {
  return [...people(policy, roles), ...lanes(policy), ...targets(policy), ...metrics(policy), ...onCall(policy)];
}

function people(policy: Policy, roles: Readonly<Record<string, readonly string[]>>): string[] {
  const ids = policy.people.map((one) => one.id);
  const strangers = Object.entries(roles).flatMap(([role, members]) =>
    members
      .filter((id) => !ids.includes(id))
      .map((id) => `policies/roles.yaml: ${role}: nobody in council.yaml is called ${id}`),
  );
  const twice = (kind: string, values: { person: string; value: string }[]) =>
    values
      .filter(
        (one, index) => values.findIndex((other) => other.value.toLowerCase() === one.value.toLowerCase()) !== index,
      )
      .map(
        (one) =>
          `policies/council.yaml: people.${one.person}: the ${kind} ${one.value} belongs to somebody else already`,
      );
  return [
    ...strangers,
    ...twice(
      "id",
      policy.people.map((one) => ({ person: one.id, value: one.id })),
    ),
    ...twice(
      "account",
      policy.people.flatMap((one) => one.accounts.map((value) => ({ person: one.id, value }))),
    ),
    ...twice(
      "wallet",
      policy.people.flatMap((one) => one.wallets.map((value) => ({ person: one.id, value }))),
    ),
    ...(ids.includes("quorate") ? ["policies/council.yaml: people: the id quorate is the program's own"] : []),
  ];
}

/** With any one of the proposers left out, enough approvers must remain, and an executor who is none of them. */
function lanes(policy: Policy): string[] {
  const proposers = policy.people.filter((one) => one.roles.includes("proposer"));
  return (["routine", "emergency"] as const).flatMap((lane) => {
    const { quorum } = policy.lanes[lane];
    const stuck = proposers.filter((proposer) => {
      const approvers = policy.people.filter((one) => one.roles.includes("approver") && one.id !== proposer.id);
      const executors = policy.people.filter((one) => one.roles.includes("executor") && one.id !== proposer.id);
      const onlyApprovers = approvers.filter((one) => !executors.includes(one));
      return (
        approvers.length < quorum ||
        executors.length === 0 ||
        (onlyApprovers.length < quorum && executors.length <= quorum - onlyApprovers.length)
      );
    });
    return stuck.map(
      (one) =>
        `policies/lanes.yaml: ${lane}.quorum: ${quorum} cannot be reached when ${one.name} proposes: too few approvers and executors remain`,
    );
  });
}

function targets(policy: Policy): string[] {
  const metricIds = policy.metrics.map((one) => one.id);
  return policy.targets.flatMap((target) => {
    const names = target.contracts.map((one) => one.name);
    const at = `policies/targets/${target.id}.yaml`;
    const canary = `policies/canary/${target.id}.yaml`;
    return [
      ...(policy.chains.some((one) => one.id === target.chain)
        ? []
        : [`${at}: chain: chains.yaml has no ${target.chain}`]),
      ...target.releases.flatMap((release) =>
        Object.keys(release.implementations)
          .filter((name) => !names.includes(name))
          .map((name) => `${at}: releases.${release.id}: the target has no contract ${name}`),
      ),
      ...target.phases.flatMap((phase) => [
        ...phase.contracts
          .filter((name) => !names.includes(name))
          .map((name) => `${canary}: phases.${phase.id}: the target has no contract ${name}`),
        ...[...phase.metrics, ...phase.stopOn]
          .filter((id) => !metricIds.includes(id))
          .map((id) => `${canary}: phases.${phase.id}: there is no invariant ${id}`),
      ]),
    ];
  });
}

/** An invariant without owner or action is not a control (MISSION 2). */
function metrics(policy: Policy): string[] {
  const containments = policy.targets.flatMap((one) => one.containment.map((item) => item.id));
  const ids = policy.people.map((one) => one.id);
  return policy.metrics.flatMap((metric) => [
    ...(containments.includes(metric.containment)
      ? []
      : [
          `policies/invariants: metrics.${metric.id}: no target prepares the containment ${metric.containment}; an invariant without one is not a control`,
        ]),
    ...(ids.includes(metric.owner)
      ? []
      : [`policies/invariants: metrics.${metric.id}: nobody in council.yaml is called ${metric.owner}`]),
    ...(policy.chains.some((one) => one.id === metric.chain)
      ? []
      : [`policies/invariants: metrics.${metric.id}: chains.yaml has no ${metric.chain}`]),
    ...(policy.metrics.filter((other) => other.id === metric.id).length > 1
      ? [`policies/invariants: metrics.${metric.id}: two invariants have this id`]
      : []),
  ]);
}

function onCall(policy: Policy): string[] {
  const ids = policy.people.map((one) => one.id);
  return (["sev1", "sev2", "sev3"] as const).flatMap((level) =>
    policy.onCall[level]
      .filter((id) => !ids.includes(id))
      .map((id) => `policies/on-call.yaml: ${level}: nobody in council.yaml is called ${id}`),
  );
}
