import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, errorCodes } from '../../../platform/lib/error-codes.ts';
import { isMainstemError, MainstemError } from '../../../platform/lib/errors.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { buildJob, nameLabel, type Site, type Task } from '../../cluster/index.ts';
import type { Condition, Kubectl, Seen, SeenJob, SeenPod } from './kubectl.ts';

/** Has tasks run as Jobs. */
export interface Dispatcher {
  /**
   * Submits a task, unless its Job is there from before, and returns when it has ended well.
   *
   * @throws MainstemError JOB_FAILED, JOB_GONE, TRIAL_FAILED, MEMORY_EXHAUSTED, KUBECTL_*, INTERRUPTED
   */
  run(task: Task): Promise<void>;
}

/** What Jobs are submitted with. */
export interface DispatchOptions {
  readonly workspace: Pick<Workspace, 'reporter' | 'signal'>;
  readonly site: Site;
  readonly kubectl: Kubectl;
  /** A Job that failed before is submitted again. */
  readonly restart: boolean;
}

/** Between two looks at the cluster: a tenth of how long nothing was submitted, within these. */
const [leastMs, mostMs] = [500, 10_000];

/** Opens a dispatcher, whose tasks share each look at the cluster. */
export function createDispatcher(options: DispatchOptions): Dispatcher {
  const { workspace, site, kubectl, restart } = options;
  const selector = `mainstem.project=${nameLabel(site.project.name, 63)}`;
  let looking: Promise<Seen> | null = null;
  let submitted = performance.now();
  const look = () => {
    looking ??= (async () => {
      const pause = Math.min(mostMs, Math.max(leastMs, (performance.now() - submitted) / 10));
      await sleep(pause, undefined, { signal: workspace.signal }).catch(() => {});
      workspace.signal.throwIfAborted();
      return lookPatiently(kubectl, selector, workspace);
    })().finally(() => {
      // Also after one that failed: the next task looks for itself.
      looking = null;
    });
    return looking;
  };
  return {
    async run(task) {
      const job = buildJob(site, task);
      const { name } = job.metadata;
      let isFresh = await kubectl.create(job);
      submitted = performance.now();
      workspace.reporter.info(isFresh ? `Submitted ${name}` : `${name} was submitted before`);
      const told = new Set<string>();
      for (;;) {
        const seen = await look();
        const pods = podsOf(seen, name);
        for (const words of troublesOf(pods)) tellOnce(told, `${name}: ${words}`, workspace);
        const end = endOf(seen.jobs.find(({ metadata }) => metadata.name === name));
        if (end === 'complete') return;
        if (end === 'gone') throw new MainstemError('JOB_GONE', { job: name });
        if (end === 'running') continue;
        if (isFresh || !restart) throw explainFailure(name, end, pods);
        await kubectl.remove(name);
        isFresh = await kubectl.create(job);
      }
    },
  };
}

/** So many looks may fail one after the other: a cluster that is upgraded does not answer for a while. */
const mostFailures = 5;

async function lookPatiently(
  kubectl: Kubectl,
  selector: string,
  { reporter, signal }: DispatchOptions['workspace'],
): Promise<Seen> {
  for (let failures = 1; ; failures++) {
    try {
      return await kubectl.look(selector);
    } catch (error) {
      if (failures === mostFailures || !isMainstemError(error, 'KUBECTL_FAILED')) throw error;
      reporter.warn(error.message);
      await sleep(leastMs * 2 ** failures, undefined, { signal }).catch(() => {});
    }
  }
}

function tellOnce(told: Set<string>, words: string, { reporter }: DispatchOptions['workspace']) {
  if (!told.has(words)) reporter.warn(words);
  told.add(words);
}

/** The pods of a Job, the youngest first. */
function podsOf({ pods }: Seen, job: string): SeenPod[] {
  const made = ({ metadata }: SeenPod) => metadata.creationTimestamp ?? '';
  return pods
    .filter(({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-name'] === job)
    .sort((a, b) => (made(a) < made(b) ? 1 : -1));
}

/** How a Job stands; the condition with which it failed. */
function endOf(job: SeenJob | undefined): 'complete' | 'running' | 'gone' | Condition {
  if (!job) return 'gone';
  const holds = (type: string) =>
    job.status?.conditions?.find((one) => one.type === type && one.status === 'True');
  if (holds('Complete')) return 'complete';
  return holds('Failed') ?? 'running';
}

/** Why a container may not start before somebody does something. */
const stuck =
  /^(ErrImagePull|ImagePullBackOff|InvalidImageName|CreateContainerConfigError|CreateContainerError)$/;

/** What keeps pods from starting, in words; some of it ends by itself. */
function troublesOf(pods: readonly SeenPod[]): string[] {
  return pods.flatMap(({ status }) => {
    const waiting = (status?.containerStatuses ?? []).flatMap(({ state }) => state?.waiting ?? []);
    const unscheduled = (status?.conditions ?? []).filter(
      ({ type, status: holds, reason }) =>
        type === 'PodScheduled' && holds === 'False' && reason === 'Unschedulable',
    );
    return [...waiting.filter(({ reason = '' }) => stuck.test(reason)), ...unscheduled].map(
      // Messages tell for how long they wait, and would be another one each time.
      ({ reason, message = '' }) => `${reason}: ${message.replace(/^Back-off \S+ /, 'Back-off ')}`,
    );
  });
}

/** The error of a Job that failed: what its last container said, where it said anything. */
function explainFailure(
  job: string,
  { reason = 'Failed', message = '' }: Condition,
  [pod]: readonly SeenPod[],
): MainstemError {
  const ended = pod?.status?.containerStatuses?.[0]?.state?.terminated;
  if (ended?.reason === 'OOMKilled') {
    return new MainstemError('MEMORY_EXHAUSTED', { reason: `the cluster ended ${job} for it` });
  }
  const said = errorIn(ended?.message ?? '');
  const trial = said?.code === 'TRIAL_FAILED' ? trialFault.exec(said.message) : null;
  if (trial) return new MainstemError('TRIAL_FAILED', { code: trial[1], reason: trial[2] });
  const words = said ? `${said.code} ${said.message}` : `${reason}: ${message}`;
  return new MainstemError('JOB_FAILED', { job, reason: words.replace(/\.$/, '') });
}

const trialFault = /^The trial failed with ([A-Z_]+): (.*)$/;

/** The last error that a command's output shows. */
function errorIn(text: string): { readonly code: ErrorCode; readonly message: string } | null {
  const found = [...text.matchAll(/^([A-Z][A-Z_]+) (.+)$/gm)].findLast(([, code = '']) =>
    isErrorCode(code),
  );
  const [, code = '', message = ''] = found ?? [];
  return isErrorCode(code) ? { code, message } : null;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
