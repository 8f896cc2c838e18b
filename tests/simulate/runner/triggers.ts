import type { Trigger } from '../github/state.ts';
import type { EventFilter, Workflow } from './workflow.ts';

const defaultTypes: Readonly<Record<string, readonly string[]>> = {
  pull_request: ['opened', 'synchronize', 'reopened'],
  pull_request_target: ['opened', 'synchronize', 'reopened'],
};

/** Whether an event starts a workflow: its name, types, branches, paths, and the workflow that ended. */
export function isTriggered(workflow: Workflow, trigger: Trigger): boolean {
  const { event, action, payload } = trigger;
  if (!(event in workflow.on)) return false;
  if (event === 'schedule') return hasCron(workflow, payload.schedule);
  if (event === 'workflow_dispatch') return payload.workflow === workflow.path;
  const filter = workflow.on[event] ?? {};
  const types = filter.types ?? defaultTypes[event];
  if (types && action !== null && !types.includes(action)) return false;
  return (
    hasWorkflow(filter, payload) && hasReference(filter, trigger) && hasPaths(filter, trigger.paths)
  );
}

function hasCron({ on }: Workflow, cron: unknown): boolean {
  const { schedule } = on;
  return Array.isArray(schedule) && schedule.some((one) => one.cron === cron);
}

function hasWorkflow({ workflows }: EventFilter, payload: Trigger['payload']): boolean {
  if (workflows === undefined) return true;
  const { name } = payload.workflow as { name: string };
  return matchesAny(workflows, name);
}

/** A push is filtered by its branch or tag, everything else by the base branch, workflow_run by the head's. */
function hasReference(filter: EventFilter, { event, ref, baseBranch, head }: Trigger): boolean {
  const { branches, 'branches-ignore': ignored, tags, 'tags-ignore': ignoredTags } = filter;
  if (event === 'push' && ref.startsWith('refs/tags/')) {
    if (!tags && !ignoredTags) return !branches && !ignored;
    return keeps(tags, ignoredTags, ref.slice('refs/tags/'.length));
  }
  if (event === 'push' && (tags || ignoredTags) && !branches && !ignored) return false;
  return keeps(branches, ignored, baseBranch ?? head.branch);
}

function hasPaths(filter: EventFilter, paths: readonly string[] | null): boolean {
  const { paths: wanted, 'paths-ignore': ignored } = filter;
  if (paths === null) return true;
  if (wanted) return paths.some((path) => matchesAny(wanted, path));
  return !ignored || paths.length === 0 || paths.some((path) => !matchesAny(ignored, path));
}

function keeps(
  wanted: readonly string[] | undefined,
  ignored: readonly string[] | undefined,
  name: string,
): boolean {
  if (wanted) return matchesAny(wanted, name);
  return !ignored || !matchesAny(ignored, name);
}

/** Whether a name matches a list of patterns; a later pattern with "!" takes back what earlier ones matched. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.reduce((so, pattern) => {
    if (pattern.startsWith('!')) return so && !toRegExp(pattern.slice(1)).test(name);
    return so || toRegExp(pattern).test(name);
  }, false);
}

/** GitHub's filter patterns: `*` within a folder, `**` across folders, `?` and `+` as in regular expressions. */
function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.^$(){}|\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*/g, (found) =>
      found === '**/' ? '(?:.*/)?' : found === '**' ? '.*' : '[^/]*',
    );
  return new RegExp(`^${source}$`);
}
