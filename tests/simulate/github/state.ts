export type Access = 'read' | 'write';

/** What a token may do, by scope (`contents`, `pull-requests`, …). A scope that is absent is refused. */
export type Permissions = Readonly<Record<string, Access>>;

/**
 * A credential; `signed` is what an app signs with its key. A job's token is limited to what the job declares, and what it
 * pushes starts no workflow.
 */
export interface Token {
  readonly value: string;
  readonly kind: 'job' | 'app' | 'user' | 'signed';
  readonly login: string;
  readonly permissions: Permissions | 'all';
  /** The only repository that it may write to; null for a user's. */
  readonly repository: string | null;
}

export interface EnvironmentSettings {
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Whether a person has to approve before a job starts. */
  readonly reviewers?: boolean;
}

/** An installed app, as actions/create-github-app-token signs in. */
export interface AppSettings {
  readonly clientId: string;
  readonly privateKey: string;
  readonly slug: string;
  readonly permissions: Permissions;
}

/** What a person sets on GitHub's pages and no file of the repository holds. */
export interface Settings {
  vars: Record<string, string>;
  secrets: Record<string, string>;
  environments: Record<string, EnvironmentSettings>;
  /** Contexts that the default branch requires; null means no ruleset. */
  required: string[] | null;
  app: AppSettings | null;
}

export interface Repository {
  readonly fullName: string;
  readonly owner: string;
  readonly name: string;
  /** The git folder. */
  readonly folder: string;
  readonly fork: boolean;
  readonly defaultBranch: string;
}

/** A pull request. What a test need not plant is optional. */
export interface Pull {
  number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  /** `label` is owner:branch; `repo` is the full name of another repository than the base's. */
  head: { ref: string; sha: string; label: string; repo?: string };
  base: { ref: string };
  user?: string;
  labels?: string[];
  /** The merge of head and base that workflows check out; null when they conflict. */
  mergeSha?: string | null;
  /** The commit that merging left on the base. */
  merged?: string;
}

export interface Comment {
  id: number;
  issue: number;
  body: string;
  user: { login: string };
  html_url: string;
  /** Earlier texts, oldest first. */
  edits?: string[];
}

export interface Status {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly description: string | null;
  readonly target_url: string | null;
  readonly creator: string;
}

export interface CheckRun {
  readonly id: number;
  readonly sha: string;
  readonly name: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: Conclusion | null;
  /** Whether a ruleset looks at it: only what events of the pull request, the queue or a push started. */
  readonly counts: boolean;
}

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface StepResult {
  readonly name: string;
  conclusion: Conclusion;
  log: string;
}

export interface JobResult {
  readonly id: number;
  readonly name: string;
  /** Its key in the workflow file. */
  readonly key: string;
  readonly permissions: Permissions;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: Conclusion | null;
  outputs: Record<string, string>;
  readonly steps: StepResult[];
  summary: string;
  readonly check: CheckRun;
}

export interface Run {
  readonly id: number;
  readonly workflow: { readonly name: string; readonly path: string };
  readonly text: string;
  readonly trigger: Trigger;
  attempt: number;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: Conclusion | null;
  jobs: JobResult[];
  readonly createdAt: string;
}

export interface Artifact {
  readonly id: number;
  readonly run: number;
  readonly attempt: number;
  readonly name: string;
  readonly folder: string;
  readonly bytes: number;
}

/** Something that may start workflows. */
export interface Trigger {
  readonly event: string;
  readonly action: string | null;
  /** What becomes github.event. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** github.sha and github.ref. */
  readonly sha: string;
  readonly ref: string;
  /** Where the workflow files are read. */
  readonly files: string;
  readonly head: { readonly sha: string; readonly branch: string; readonly repository: string };
  readonly baseBranch?: string;
  /** Paths that changed, for filters; null where the event has none. */
  readonly paths: readonly string[] | null;
  readonly actor: string;
  /** From a fork: a read-only token, no variables, no secrets. */
  readonly fork: boolean;
  /** How many workflow_run events led here. */
  readonly depth: number;
  readonly pulls: readonly number[];
}

export type EntryKind =
  | 'push'
  | 'pull'
  | 'merge'
  | 'run'
  | 'job'
  | 'comment'
  | 'status'
  | 'refused'
  | 'deployment'
  | 'package'
  | 'note';

/** A package of the forge's registry. */
export interface Package {
  readonly name: string;
  /** The repository whose jobs may use it; null if it is linked to none. */
  readonly repository: string | null;
}

/** One line of what happened, in order. */
export interface Entry {
  readonly at: number;
  readonly kind: EntryKind;
  readonly text: string;
  /** Longer text to unfold: a comment's body, a log. */
  readonly detail?: string;
  readonly pull?: number;
}

/** An answer in place of a route. */
export interface Fault {
  readonly matches: RegExp;
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Everything that the stand-in knows. */
export interface Forge {
  url: string;
  readonly home: Repository;
  readonly folder: string;
  readonly settings: Settings;
  readonly repositories: Map<string, Repository>;
  readonly tokens: Map<string, Token>;
  /** Login of every request whose token nobody issued; null refuses them. */
  readonly anyToken: string | null;
  readonly pulls: Pull[];
  readonly comments: Comment[];
  readonly statuses: Status[];
  readonly checkRuns: CheckRun[];
  readonly runs: Run[];
  readonly artifacts: Artifact[];
  readonly deployments: Deployment[];
  readonly packages: Map<string, Package>;
  readonly timeline: Entry[];
  /** Every request as `METHOD /path`. */
  readonly requests: string[];
  /** Requests and answers that GitHub's description does not allow, and addresses that the stand-in lacks. */
  readonly violations: string[];
  readonly listeners: ((trigger: Trigger) => void)[];
  readonly commands: { rerun(run: Run, failedOnly: boolean): void; cancel(run: Run): void };
  /** Answers in place of a route, once each, to try how a client bears it. */
  readonly faults: Fault[];
  nextId: number;
}

export interface Deployment {
  readonly id: number;
  readonly environment: string;
  readonly sha: string;
  readonly ref: string;
  state: string;
  url: string | null;
}

/** Adds a line to the timeline. */
export function record(
  forge: Forge,
  kind: EntryKind,
  text: string,
  more: Pick<Entry, 'detail' | 'pull'> = {},
): void {
  forge.timeline.push({ at: Date.now(), kind, text, ...more });
}

/** The next number for whatever needs one. */
export function nextId(forge: Forge): number {
  forge.nextId += 1;
  return forge.nextId;
}
