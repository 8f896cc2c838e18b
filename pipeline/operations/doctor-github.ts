import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Static, type TSchema, Type } from 'typebox';
import { dictionary } from '../../platform/lib/dictionary.ts';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { fetchMoving } from '../../platform/lib/fetch-moving.ts';
import { git, otherwise } from '../../platform/lib/git.ts';
import { parseValue } from '../../platform/lib/json.ts';
import { readJson } from '../../platform/lib/json-file.ts';
import { parsePublicKey } from '../../platform/registry/index.ts';
import { type Diagnosis, failureOf } from './doctor.ts';

/** Reads GitHub's API; the answer's body only if it was asked with success. */
type Ask = <T extends TSchema>(path: string, schema: T) => Promise<Answer<Static<T>>>;
type Answer<T> = { readonly status: 200; readonly body: T } | { readonly status: 401 | 403 | 404 };

interface Hub {
  readonly root: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly ask: Ask;
}

type Finding = Omit<Diagnosis, 'check'>;
type Check = (hub: Hub) => Promise<Finding>;

/** The checks of the repository on GitHub, in the order of the report. */
const checks: Readonly<Record<string, Check>> = {
  ruleset: checkRuleset,
  'workflow permissions': checkPermissions,
  'pinned actions': checkPinning,
  'environment production': (hub) => checkEnvironment(hub, 'production', 'reviewers'),
  'environment production-deploy': (hub) => checkEnvironment(hub, 'production-deploy', 'branches'),
  'environment bot': (hub) => checkEnvironment(hub, 'bot', 'branches'),
  app: checkApp,
  publishing: checkPublishing,
  store: checkPackage,
};

/**
 * Looks at the settings of the repository on GitHub that no file can hold. It reads only.
 *
 * @param environment GH_TOKEN or GITHUB_TOKEN, else the token of `gh`; GITHUB_REPOSITORY, else the remote `origin`
 */
export async function diagnoseGitHub(
  root: string,
  environment: NodeJS.ProcessEnv,
): Promise<Diagnosis[]> {
  const repository = environment.GITHUB_REPOSITORY ?? (await originOf(root));
  const token = environment.GH_TOKEN ?? environment.GITHUB_TOKEN ?? (await tokenOfGh());
  if (!repository) return [unreachable('The remote "origin" is not on GitHub.', 'Push it there.')];
  if (!token) return [unreachable('There is no token.', 'Run "gh auth login", or set GH_TOKEN.')];
  const base = environment.GITHUB_API_URL ?? 'https://api.github.com';
  const hub = { root, repository, ask: createAsk(base, token) };
  const found: Diagnosis[] = [];
  for (const [check, run] of Object.entries(checks)) {
    found.push({ check, ...(await run(hub).catch(failureOf)) });
  }
  return found;
}

function unreachable(message: string, fix: string): Diagnosis {
  return { check: 'GitHub', state: 'failure', message, fix };
}

async function originOf(root: string): Promise<string | null> {
  const url = await git(root, 'config', 'remote.origin.url').catch(otherwise(''));
  return /github\.com[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(url)?.[1] ?? null;
}

async function tokenOfGh(): Promise<string> {
  const answer = await promisify(execFile)('gh', ['auth', 'token']).catch(() => ({ stdout: '' }));
  return answer.stdout.trim();
}

function createAsk(base: string, token: string): Ask {
  return async (path, schema) => {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' };
    const answer = await fetchMoving(`${base}${path}`, { headers }, { place: base });
    const { status } = answer;
    if (status === 401 || status === 403 || status === 404) return { status };
    if (!answer.ok) throw new Error(`GitHub answers ${status} to ${path}.`);
    return { status: 200, body: parseValue(await answer.json(), schema, path) };
  };
}

const ok = (message: string): Finding => ({ state: 'ok', message, fix: '' });
const warning = (message: string, fix: string): Finding => ({ state: 'warning', message, fix });
const failure = (message: string, fix: string): Finding => ({ state: 'failure', message, fix });
/** GitHub says 404, too, where a token may not look. */
const unknown = (status: number, needs: string): Finding => ({
  state: 'unknown',
  message: `GitHub answers ${status}: this token may not see it.`,
  fix: `Use a token with ${needs}.`,
});

const Rules = Type.Array(
  Type.Object({
    type: Type.String(),
    parameters: Type.Optional(dictionary(Type.Unknown())),
  }),
);
type Rules = Static<typeof Rules>;
const Contexts = Type.Array(Type.Object({ context: Type.String() }));

const rulesetFile = '.github/ruleset.json';
const applyRuleset = `gh api repos/{owner}/{repo}/rulesets --method POST --input ${rulesetFile}`;

/** What GitHub applies to the default branch, from whichever rulesets, against the file. */
async function checkRuleset({ root, repository, ask }: Hub): Promise<Finding> {
  const wanted = await readJson(join(root, rulesetFile), Type.Object({ rules: Rules }));
  const about = await ask(`/repos/${repository}`, Type.Object({ default_branch: Type.String() }));
  if (about.status !== 200) return unknown(about.status, 'access to the repository');
  const branch = encodeURIComponent(about.body.default_branch);
  const found = await ask(`/repos/${repository}/rules/branches/${branch}?per_page=100`, Rules);
  if (found.status !== 200) return unknown(found.status, 'access to the repository');
  const types = new Set(found.body.map(({ type }) => type));
  const missing = wanted.rules.filter(({ type }) => !types.has(type)).map(({ type }) => type);
  if (missing.length > 0) {
    return failure(`The default branch lacks the rules ${missing.join(', ')}.`, applyRuleset);
  }
  return compareContexts(wanted.rules, found.body) ?? compareReviews(found.body);
}

function compareContexts(wanted: Rules, found: Rules): Finding | null {
  const [due, set] = [wanted, found].map(contextsOf);
  const lacking = due?.filter((context) => !set?.includes(context)) ?? [];
  if (lacking.length > 0) {
    return failure(`The statuses ${lacking.join(', ')} are not required.`, applyRuleset);
  }
  const extra = set?.filter((context) => !due?.includes(context)) ?? [];
  if (extra.length === 0) return null;
  const message = `${extra.join(', ')} is required, but no trusted job posts it on a promotion commit.`;
  return failure(message, 'Take it out of the ruleset: mainstem/tests mirrors the tests.');
}

function contextsOf(rules: Rules): string[] {
  const checks = rules.filter(({ type }) => type === 'required_status_checks');
  return checks.flatMap(({ parameters }) =>
    parseValue(parameters?.required_status_checks, Contexts, 'the ruleset').map(
      ({ context }) => context,
    ),
  );
}

function compareReviews(rules: Rules): Finding {
  const review = (name: string) => rules.some(({ parameters }) => parameters?.[name] === true);
  const names = ['dismiss_stale_reviews_on_push', 'require_last_push_approval'].filter(review);
  if (names.length === 0) return ok(`The default branch has every rule of ${rulesetFile}.`);
  const message = `${names.join(' and ')}: the promotion commit is pushed after the review.`;
  return warning(message, 'Switch it off in the ruleset, or review again after a promotion.');
}

async function checkPermissions({ repository, ask }: Hub): Promise<Finding> {
  const found = await ask(
    `/repos/${repository}/actions/permissions/workflow`,
    Type.Object({
      default_workflow_permissions: Type.String(),
      can_approve_pull_request_reviews: Type.Boolean(),
    }),
  );
  if (found.status !== 200) return unknown(found.status, 'administration: read');
  const set = 'gh api repos/{owner}/{repo}/actions/permissions/workflow --method PUT';
  if (found.body.default_workflow_permissions !== 'read') {
    const message = 'A workflow that asks for no rights gets a token that can write.';
    return failure(message, `${set} -f default_workflow_permissions=read`);
  }
  if (found.body.can_approve_pull_request_reviews) {
    return ok('Tokens are read-only by default; workflows may open pull requests.');
  }
  const message =
    'Workflows may not open pull requests: without an app, retraining leaves a branch.';
  return warning(
    message,
    `${set} -f default_workflow_permissions=read -F can_approve_pull_request_reviews=true`,
  );
}

async function checkPinning({ repository, ask }: Hub): Promise<Finding> {
  const found = await ask(
    `/repos/${repository}/actions/permissions`,
    Type.Object({ sha_pinning_required: Type.Optional(Type.Boolean()) }),
  );
  if (found.status !== 200) return unknown(found.status, 'administration: read');
  if (found.body.sha_pinning_required) return ok('Actions must be pinned by a full SHA.');
  const fix = 'Settings → Actions → General → Require actions to be pinned to a full-length SHA.';
  return warning('An action may be used by a tag, which can be moved.', fix);
}

const Environment = Type.Object({
  protection_rules: Type.Optional(Type.Array(Type.Object({ type: Type.String() }))),
  deployment_branch_policy: Type.Optional(Type.Unknown()),
});

async function checkEnvironment(
  { repository, ask }: Hub,
  name: string,
  needs: 'reviewers' | 'branches',
): Promise<Finding> {
  const found = await ask(`/repos/${repository}/environments/${name}`, Environment);
  const settings = `Settings → Environments → ${name}`;
  if (found.status === 404) {
    return warning(
      'It does not exist: its first use creates it unprotected.',
      `${settings}: create it.`,
    );
  }
  if (found.status !== 200) return unknown(found.status, 'actions: read');
  const { protection_rules: rules = [], deployment_branch_policy: policy } = found.body;
  if (needs === 'branches') {
    if (policy) return ok('It is restricted to some branches.');
    return warning('Any branch may use it.', `${settings}: restrict it to the default branch.`);
  }
  if (rules.some(({ type }) => type === 'required_reviewers')) return ok('It has reviewers.');
  return warning('Nobody has to approve a deployment.', `${settings}: add reviewers.`);
}

const Named = Type.Object({ name: Type.String() });
const Variable = Type.Object({ name: Type.String(), value: Type.String() });

/** A variable's value, '' where there is none of this name; or why it cannot be said. */
async function findVariable({ repository, ask }: Hub, name: string): Promise<string | Finding> {
  // All of them: asked for one, GitHub answers 404 also where this token may see none.
  const found = await ask(
    `/repos/${repository}/actions/variables?per_page=30`,
    Type.Object({ variables: Type.Array(Variable) }),
  );
  if (found.status !== 200) return unknown(found.status, 'variables: read');
  return found.body.variables.find((variable) => variable.name === name)?.value ?? '';
}

/** Whether an environment has a secret, or why it cannot be said. */
async function hasSecret(
  { repository, ask }: Hub,
  environment: string,
  name: string,
): Promise<boolean | Finding> {
  const found = await ask(
    `/repos/${repository}/environments/${environment}/secrets?per_page=100`,
    Type.Object({ secrets: Type.Array(Named) }),
  );
  if (found.status === 403) return unknown(found.status, 'secrets: read');
  return found.status === 200 && found.body.secrets.some((secret) => secret.name === name);
}

async function checkApp(hub: Hub): Promise<Finding> {
  const variable = await findVariable(hub, 'RETRAIN_APP_CLIENT_ID');
  if (typeof variable !== 'string') return variable;
  if (variable === '') {
    const message = 'No app: a person has to approve the workflows of retraining pull requests.';
    return warning(message, 'See docs/github.md, "The app".');
  }
  const secret = await hasSecret(hub, 'bot', 'RETRAIN_APP_PRIVATE_KEY');
  if (typeof secret !== 'boolean') return secret;
  if (secret) return ok('The app has its key.');
  const fix = 'gh secret set RETRAIN_APP_PRIVATE_KEY --env bot < key.pem';
  return failure('RETRAIN_APP_CLIENT_ID is set, but the environment bot has no key.', fix);
}

/** What the workflow `publish` wants, where it is switched on. */
async function checkPublishing(hub: Hub): Promise<Finding> {
  const key = await findVariable(hub, 'MAINSTEM_FOLLOW_KEY');
  if (typeof key !== 'string') return key;
  if (key === '') return ok('It is switched off: no server follows what is published.');
  try {
    parsePublicKey(key);
  } catch (error) {
    if (!isMainstemError(error, 'FOLLOW_KEY_INVALID')) throw error;
    return failure(`MAINSTEM_FOLLOW_KEY: ${error.message}`, error.hint);
  }
  const environment = 'production-publish';
  const secret = await hasSecret(hub, environment, 'MAINSTEM_PUBLISH_KEY');
  if (typeof secret !== 'boolean') return secret;
  if (secret) return checkEnvironment(hub, environment, 'branches');
  const fix = `gh secret set MAINSTEM_PUBLISH_KEY --env ${environment} < key.pem`;
  const message = `MAINSTEM_FOLLOW_KEY is set, but the environment ${environment} has no key.`;
  return failure(message, fix);
}

/** The default store: a package that belongs to the repository, so that the job's own token may write it. */
async function checkPackage({ repository, ask }: Hub): Promise<Finding> {
  const [owner = '', name = ''] = repository.split('/');
  const about = await ask(
    `/repos/${repository}`,
    Type.Object({ owner: Type.Object({ type: Type.String() }) }),
  );
  if (about.status !== 200) return unknown(about.status, 'access to the repository');
  const kind = about.body.owner.type === 'Organization' ? 'orgs' : 'users';
  const path = `/${kind}/${owner}/packages/container/${encodeURIComponent(`${name}/store`.toLowerCase())}`;
  const Package = Type.Object({
    repository: Type.Optional(Type.Object({ full_name: Type.String() })),
  });
  const found = await ask(path, Package);
  if (found.status === 404) return ok('There is no package yet: the first promotion makes it.');
  if (found.status !== 200)
    return unknown(found.status, 'read:packages ("gh auth refresh -s read:packages")');
  if (found.body.repository?.full_name === repository) return ok('The package belongs to it.');
  const fix =
    'In the package’s settings, connect the repository and give its Actions the role Write.';
  return failure('The package of the store is not connected to this repository.', fix);
}
