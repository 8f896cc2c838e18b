import type { Report } from '../report.ts';
import type { ReportSection } from '../section.ts';
import { renderCommit } from './changes.ts';

/** Everything that went into the candidate, and the command that rebuilds it. */
export function provenanceSection({ candidate, champion }: Report): ReportSection {
  const { run, key, model, backend, data, stages } = candidate;
  const facts: [string, string][] = [
    ['run', run],
    ['run key', key],
    ['champion', champion?.run ?? 'none'],
    ['commit', renderCommit(candidate)],
    ['created', candidate.createdAt],
    ['backend', `${backend.name} (${backend.reason})`],
    ['same bits again', backend.deterministic ? 'yes' : 'no, the backend does not promise it'],
    ['trained on', `${candidate.trainedRows} examples`],
    ['model', model],
    ...Object.entries(data).map(([name, digest]): [string, string] => [`data ${name}`, digest]),
    ...Object.entries(stages).map(([name, digest]): [string, string] => [`stage ${name}`, digest]),
  ];
  const rows = facts.map(([name, text]) => [name, { text, code: true }]);
  const table = { kind: 'table', head: ['', ''], rows, numeric: [] } as const;
  const command = { kind: 'command', text: `npx mainstem reproduce ${run}` } as const;
  const note = { kind: 'text', text: 'Once it is promoted, this builds it again:' } as const;
  return { title: 'Provenance', folded: true, blocks: [table, note, command] };
}
