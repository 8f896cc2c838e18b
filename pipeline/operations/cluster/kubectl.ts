import { spawn } from 'node:child_process';
import { type Static, type TSchema, Type } from 'typebox';
import { collectOutput } from '../../../platform/lib/collect-output.ts';
import { dictionary } from '../../../platform/lib/dictionary.ts';
import { endGroup } from '../../../platform/lib/end-group.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { parseJson, parseValue } from '../../../platform/lib/json.ts';
import { shorten } from '../../../platform/lib/text.ts';

const Condition = Type.Object({
  type: Type.String(),
  status: Type.String(),
  reason: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
});
/** Something that holds of a Job or a pod, or does not. */
export type Condition = Static<typeof Condition>;

const SeenJob = Type.Object({
  metadata: Type.Object({ name: Type.String() }),
  status: Type.Optional(Type.Object({ conditions: Type.Optional(Type.Array(Condition)) })),
});
/** A Job as far as it is looked at. */
export type SeenJob = Static<typeof SeenJob>;

const Reason = { reason: Type.Optional(Type.String()), message: Type.Optional(Type.String()) };
const ContainerState = Type.Object({
  waiting: Type.Optional(Type.Object(Reason)),
  terminated: Type.Optional(Type.Object({ exitCode: Type.Integer(), ...Reason })),
});
const SeenPod = Type.Object({
  metadata: Type.Object({
    name: Type.String(),
    creationTimestamp: Type.Optional(Type.String()),
    labels: Type.Optional(dictionary(Type.String())),
  }),
  status: Type.Optional(
    Type.Object({
      conditions: Type.Optional(Type.Array(Condition)),
      containerStatuses: Type.Optional(
        Type.Array(Type.Object({ state: Type.Optional(ContainerState) })),
      ),
    }),
  ),
});
/** A pod as far as it is looked at. */
export type SeenPod = Static<typeof SeenPod>;

const Kind = Type.Object({ kind: Type.String() });
const List = Type.Object({ items: Type.Array(Kind) });

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
      const { code, stdout, stderr } = await run(args, JSON.stringify(manifest));
      if (code === 0 && /^job[\w.]*\/\S+\s*$/m.test(stdout)) return true;
      if (stderr.includes('(AlreadyExists)')) return false;
      throw failure(args, code === 0 ? strange(stdout) : stderr);
    },
    async look(selector) {
      const args = ['get', 'jobs,pods', '--selector', selector, '--output', 'json'];
      const { code, stdout, stderr } = await run(args);
      if (code !== 0) throw failure(args, stderr);
      try {
        const { items } = parseJson(stdout, List, 'the list');
        const of = <T extends TSchema>(kind: string, schema: T) =>
          items.filter((item) => item.kind === kind).map((item) => parseValue(item, schema, kind));
        return { jobs: of('Job', SeenJob), pods: of('Pod', SeenPod) };
      } catch {
        throw failure(args, strange(stdout));
      }
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

/** How long kubectl may take: to delete, it waits for pods to end. */
const patienceMs = 10 * 60_000;

function runKubectl(args: readonly string[], input: string, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    // In a group of its own, so that Ctrl-C does not end it in the middle of its work.
    const child = spawn('kubectl', [...args], { stdio: 'pipe', detached: true });
    const stop = (reason: string) => {
      endGroup(child);
      reject(failure(args, reason));
    };
    const tooMuch = () => stop('it says more than anybody can read, without an end');
    const late = setTimeout(() => stop('it has not ended for ten minutes'), patienceMs);
    const [stdout, stderr] = [
      collectOutput(child.stdout, tooMuch),
      collectOutput(child.stderr, tooMuch),
    ];
    child.on('error', (cause) => reject(new MainstemError('KUBECTL_MISSING', {}, { cause })));
    child.on('close', (code) => {
      clearTimeout(late);
      resolve({ code, stdout: stdout.text(), stderr: stderr.text() });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** An answer that is none of kubectl's: of a plugin, a wrapper or an old version. */
function strange(stdout: string): string {
  return `it answered ${JSON.stringify(shorten(stdout.trim(), 200))}`;
}

/** What kubectl said, without the words that every answer of the server begins with. */
function failure([verb]: readonly string[], stderr: string): MainstemError {
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const reason = said.replace(/^(error: |Error from server )/i, '') || 'it said nothing';
  return new MainstemError('KUBECTL_FAILED', { verb, reason });
}
