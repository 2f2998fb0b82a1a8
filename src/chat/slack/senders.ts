/** Whether a delivery's sender may act, and as which account. Who that is to the council, dispatch decides. */

import { type Policy, personOfAccount, type Workspaces } from "../../domain/policy.ts";
import type { Profile, Profiles } from "./profiles.ts";
import type { SignIn } from "./sign-in.ts";

/** What a delivery says of itself. Never a name or an e-mail: those are anybody's to choose. */
export interface Claim {
  app: string;
  /** The team the delivery names: where the app is installed, or the person's own in a channel shared with it. */
  team: string;
  /** Null: the delivery says that there is none. Undefined: this kind of delivery does not say. */
  enterprise: string | null | undefined;
  user: string;
  userTeam: string;
}

export type Sender = { ok: true; account: string } | { ok: false; sentence: string };

type Workspace = Workspaces["slack"][number];

export class Senders {
  readonly #policy: Policy;
  readonly #teamIds: readonly string[];
  readonly #profiles: Profiles;
  readonly #signIn: SignIn;

  constructor(policy: Policy, teamIds: readonly string[], profiles: Profiles, signIn: SignIn) {
    this.#policy = policy;
    this.#teamIds = teamIds;
    this.#profiles = profiles;
    this.#signIn = signIn;
  }

  /** Never rejects: what cannot be answered is refused. */
  async verify(claim: Claim): Promise<Sender> {
    const { app } = this.#signIn;
    if (app !== undefined && app !== claim.app)
      return refused(
        "This came from another Slack app than Quorate's, so nothing was done. Use the council's own app.",
      );
    const workspace = this.#policy.workspaces.slack.find((one) => one.team === claim.userTeam);
    if (workspace === undefined)
      return refused(
        `Your Slack workspace ${claim.userTeam} is none of the council's, so nothing was done. Ask an admin to list it in the policy.`,
      );
    const problem = this.#teamProblem(claim, workspace) ?? (await this.#profileProblem(claim, workspace));
    if (problem !== undefined) return refused(problem);
    this.#signIn.app ??= claim.app;
    return { ok: true, account: accountOf(workspace, claim.user) };
  }

  #teamProblem({ team, userTeam, enterprise }: Claim, workspace: Workspace): string | undefined {
    const fromOutside = workspace.external && team === userTeam;
    if (!this.#teamIds.includes(team) && !fromOutside)
      return `Quorate is not installed for the Slack workspace ${team}, so nothing was done. Use it in the council's workspace.`;
    if (enterprise !== undefined && !workspace.external && (enterprise ?? undefined) !== workspace.enterprise)
      return "Your workspace belongs to another Slack enterprise than the policy says, so nothing was done. Ask an admin to correct the policy.";
    return undefined;
  }

  async #profileProblem(claim: Claim, workspace: Workspace): Promise<string | undefined> {
    let profile: Profile;
    try {
      profile = await this.#profiles.of(claim.user);
    } catch {
      return "Slack did not say whether your account is in good standing, so nothing was done. Try again in a minute.";
    }
    const problem =
      standing(profile) ?? membership(profile, claim, workspace) ?? this.#outsideProblem(profile, claim, workspace);
    if (problem !== undefined) this.#profiles.forget(claim.user);
    return problem;
  }

  /** People of another organisation act only where their wallet has signed for this very account. */
  #outsideProblem(profile: Profile, { user }: Claim, workspace: Workspace): string | undefined {
    if (!workspace.external)
      return profile.is_stranger === true
        ? "Your account is a stranger's to this workspace, so nothing was done. Ask an admin to list your own workspace as external."
        : undefined;
    const account = accountOf(workspace, user);
    const linked = personOfAccount(this.#policy, account)?.links.some((link) => link.account === account) ?? false;
    return linked
      ? undefined
      : `Your account ${account} is of another organisation and not linked by a wallet's signature, so nothing was done. Ask an admin how to link it.`;
  }
}

function refused(sentence: string): Sender {
  return { ok: false, sentence };
}

function accountOf({ enterprise, team }: Workspace, user: string): string {
  return ["slack", ...(enterprise === undefined ? [] : [enterprise]), team, user].join(":");
}

/** Each flag must be there and false: what Slack leaves unsaid is not assumed. */
function standing({ deleted, is_bot, is_restricted, is_ultra_restricted }: Profile): string | undefined {
  if (deleted !== false)
    return "Your Slack account is deactivated, so nothing was done. Ask an admin of the workspace to restore it.";
  if (is_bot !== false) return "Bots do not act for people here, so nothing was done. Use your own account.";
  if (is_restricted !== false || is_ultra_restricted !== false)
    return "Your Slack account is a guest's, so nothing was done. Ask an admin of the workspace for a full account.";
  return undefined;
}

function membership(profile: Profile, { user, userTeam }: Claim, { enterprise }: Workspace): string | undefined {
  const teams = [profile.team_id, ...(profile.enterprise_user?.teams ?? [])];
  if (profile.id === user && teams.includes(userTeam) && profile.enterprise_user?.enterprise_id === enterprise)
    return undefined;
  return "Slack says that your account belongs to another workspace than this came from, so nothing was done. Use it from your own workspace.";
}
