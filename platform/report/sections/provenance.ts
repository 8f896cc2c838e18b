import type { Report } from '../report.ts';
import type { Block, ReportSection } from '../section.ts';
import { renderCommit } from './changes.ts';

/** Everything that went into the candidate, and the command that rebuilds it. */
export function provenanceSection(report: Report): ReportSection {
  const { candidate, champion } = report;
  const { run, key, model, backend, data, stages } = candidate;
  const facts: [string, string][] = [
    ['run', run],
    ['run key', key],
    ['champion', champion?.run ?? 'none'],
    ['commit', renderCommit(candidate)],
    ['created', candidate.createdAt],
    ['backend', `${backend.name} (${backend.reason})`],
    ['same bits again', renderBits(backend)],
    ['trained on', `${candidate.trainedRows} examples`],
    ['model', model],
    ...Object.entries(data).map(([name, digest]): [string, string] => [`data ${name}`, digest]),
    ...Object.entries(stages).map(([name, digest]): [string, string] => [`stage ${name}`, digest]),
  ];
  const rows = facts.map(([name, text]) => [name, { text, code: true }]);
  const table = { kind: 'table', head: ['', ''], rows, numeric: [] } as const;
  const [note, command] = reproduction(report);
  const blocks: Block[] = [{ kind: 'text', text: note }, { kind: 'command', text: command }, table];
  return { title: `Provenance: run ${run}, and how to make it again`, folded: true, blocks };
}

/** The one command that makes the model again, and where it works. */
function reproduction({ candidate, project, gates }: Report): [note: string, command: string] {
  const { run, backend } = candidate;
  const same = backend.deterministic ? ', to the same bits' : '';
  if (gates.every(({ passed }) => passed)) {
    return [`Once it is promoted, this makes it again${same}:`, `npx mainstem reproduce ${run}`];
  }
  const note = `With ${renderCommit(candidate)} checked out, this makes it again${same}:`;
  return [note, `npx mainstem run ${project.name}`];
}

function renderBits({ deterministic, tolerance }: Report['candidate']['backend']): string {
  if (deterministic) return 'yes';
  const no = 'no, the backend does not promise it';
  if (!tolerance) return no;
  return `${no}: gradients within ${tolerance.gradients} of the reference, losses of the first epochs within ${tolerance.losses}`;
}
