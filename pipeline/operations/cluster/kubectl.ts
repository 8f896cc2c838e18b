import { spawn } from 'node:child_process';
import { MainstemError } from '../../../platform/lib/errors.ts';

/** A Job as far as it is looked at. */
export interface SeenJob {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly Condition[];
  };
}

/** Something that holds of a Job or a pod, or does not. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** A pod as far as it is looked at. */
export interface SeenPod {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly {
      readonly state?: {
        readonly waiting?: { readonly reason?: string; readonly message?: string };
        readonly terminated?: {
          readonly exitCode: number;
          readonly reason?: string;
          readonly message?: string;
        };
      };
    }[];
  };
}

/** What is there of a project's work. */
export interface Seen {
  readonly jobs: readonly SeenJob[];
  readonly pods: readonly SeenPod[];
}

/** The cluster and namespace that the user's kubectl is set up for. */
export interface Kubectl {
  /** Makes a Job. @returns false if one of this name is there @throws MainstemError KUBECTL_MISSING, KUBECTL_FAILED */
  create(manifest: object): Promise<boolean>;
  /** Jobs and pods with a label. @throws as {@link create} */
  look(selector: string): Promise<Seen>;
  /** Deletes a Job with its pods, and waits until it is gone. @throws as {@link create} */
  remove(job: string): Promise<void>;
}

/** @param signal ends what kubectl is doing */
export function openKubectl(signal: AbortSignal): Kubectl {
  const run = (args: readonly string[], input = '') => runKubectl(args, input, signal);
  return {
    async create(manifest) {
      const args = ['create', '--filename', '-', '--output', 'name'];
      const { code, stderr } = await run(args, JSON.stringify(manifest));
      if (code === 0) return true;
      if (stderr.includes('(AlreadyExists)')) return false;
      throw failure(args, stderr);
    },
    async look(selector) {
      const args = ['get', 'jobs,pods', '--selector', selector, '--output', 'json'];
      const { code, stdout, stderr } = await run(args);
      if (code !== 0) throw failure(args, stderr);
      const { items }: { items: (SeenJob & SeenPod & { kind: string })[] } = JSON.parse(stdout);
      const of = (kind: string) => items.filter((item) => item.kind === kind);
      return { jobs: of('Job'), pods: of('Pod') };
    },
    async remove(job) {
      const args = ['delete', 'job', job, '--ignore-not-found', '--wait', '--cascade=foreground'];
      const { code, stderr } = await run(args);
      if (code !== 0) throw failure(args, stderr);
    },
  };
}

interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runKubectl(args: readonly string[], input: string, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    // In a group of its own, so that Ctrl-C does not end it in the middle of its work.
    const child = spawn('kubectl', [...args], { stdio: 'pipe', detached: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (cause) => reject(new MainstemError('KUBECTL_MISSING', {}, { cause })));
    child.on('close', (code) => {
      const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString('utf8');
      resolve({ code, stdout: text(stdout), stderr: text(stderr) });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** What kubectl said, without the words that every answer of the server begins with. */
function failure([verb]: readonly string[], stderr: string): MainstemError {
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const reason = said.replace(/^(error: |Error from server )/i, '') || 'it said nothing';
  return new MainstemError('KUBECTL_FAILED', { verb, reason });
}
