import { digestJson } from '../../platform/lib/hash.ts';
import { abbreviate } from '../../platform/lib/text.ts';
import type { ProjectDefinition } from '../../platform/schemas/define/index.ts';
import { nameLabel } from './name-label.ts';
import type { JobSettings } from './settings.ts';

/** Where a project's tasks run on a cluster, and through which remote they find each other's results. */
export interface Site {
  readonly project: Pick<ProjectDefinition, 'name' | 'limits'>;
  /** With its tag or digest. */
  readonly image: string;
  /** `s3://…` or `oci://…`. */
  readonly remote: string;
  readonly commit: string;
  /** As the command line takes it: a GPU of the cluster is not one of the machine that asks. */
  readonly backend: string;
  /** The digest of what goes into the work from outside, by which a machine with something else refuses; null if it is unknown. */
  readonly recipe: string | null;
  readonly settings: JobSettings;
}

/** What one container does: words after `mainstem`. */
export type Task = readonly string[];

/** Brings one stage up to date. @param to left out, the whole run. */
export function stageTask(site: Site, to?: string): Task {
  const until = to === undefined ? [] : ['--to', to];
  return ['run', site.project.name, ...until, ...sharedWords(site)];
}

/** Runs one trial of a sweep. @param values by dotted keys, or a placeholder for their JSON. */
export function trialTask(
  site: Site,
  values: Readonly<Record<string, unknown>> | string,
  footprint: boolean,
): Task {
  const text = typeof values === 'string' ? values : valuesArgument(values);
  const measured = footprint ? ['--footprint'] : [];
  return ['trial', site.project.name, '--values', text, ...measured, ...sharedWords(site)];
}

function sharedWords({ remote, backend, recipe }: Site): string[] {
  return ['--share', remote, '--backend', backend, ...(recipe ? ['--expect', recipe] : [])];
}

/**
 * Values as JSON in which no `{{` and no `$(` stands: Argo, Kubeflow and Kubernetes would look for something of their own
 * there. Both can only be within a string, where JSON has another way to write them.
 */
export function valuesArgument(values: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(values).replaceAll('{{', '{\\u007b').replaceAll('$(', '$\\u0028');
}

/**
 * The name of a task's Job: that of the project, and digits of all that decides what the Job does, so that the same work is never
 * submitted twice.
 *
 * @example 'mainstem-penguins-0123456789ab'
 */
export function jobName(site: Site, task: Task): string {
  const { image, settings, commit } = site;
  const digits = abbreviate(digestJson({ task, image, settings, commit }));
  return `mainstem-${nameLabel(site.project.name, 40)}-${digits}`;
}
