import { isMainstemError } from '../../../platform/lib/errors.ts';
import { escapeHtml } from '../../../platform/lib/html.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import type { ProjectDefinition } from '../../../platform/schemas/define/index.ts';
import { renderThumbnail } from '../../../platform/transforms/index.ts';
import type { AddedPhoto } from './add-photos.ts';
import type { AddedRow } from './add-rows.ts';
import type { Candidate } from './candidates.ts';
import { type LeftOut, type Reason, reasons } from './sort-candidates.ts';

/** What is added or not, for the review sheet. */
export interface Ingested {
  readonly added: readonly (AddedPhoto | AddedRow)[];
  readonly leftOut: readonly LeftOut[];
}

/** So many of a section are shown: a person looks at them one by one. */
const mostShown = 400;

/**
 * A page for whoever reviews what feedback adds to the data: every photo small, every row as it is, with what people said and
 * what the model had answered; first what needs a decision.
 *
 * @returns HTML that needs no network and has no script
 */
export async function renderSheet(
  definition: ProjectDefinition,
  { added, leftOut }: Ingested,
): Promise<string> {
  const columns = Object.keys(definition.table?.features ?? {});
  const open = leftOut.filter(({ reason }) => reason === 'contradicted' || reason === 'differs');
  const others = Map.groupBy(
    leftOut.filter((one) => !open.includes(one)),
    ({ reason }) => reason,
  );
  const byLabel = Map.groupBy(added, ({ labelled }) => labelled.label);
  const parts = [
    await section('To decide: nothing of this was added', open.map(described), columns),
    ...(await Promise.all(
      [...byLabel].map(([label, some]) => {
        const shown = some.map(({ labelled }) => ({ candidate: labelled.candidate, note: '' }));
        return section(`Added as ${label}`, shown, columns);
      }),
    )),
    ...(await Promise.all(
      [...others].map(([reason, some]) =>
        section(`Left out. ${reasons[reason as Reason]}`, some.map(described), columns),
      ),
    )),
  ];
  const title = `Feedback for ${definition.name}`;
  const summary = `${added.length} added, ${open.length} to decide, ${leftOut.length - open.length} left out.`;
  return page(title, `<p>${escapeHtml(summary)}</p>${parts.join('')}`);
}

interface Shown {
  readonly candidate: Candidate;
  readonly note: string;
}

function described({ candidate, known }: LeftOut): Shown {
  const said = candidate.labels.join(' and ');
  return { candidate, note: known === undefined ? said : `${said}; the data says ${known}` };
}

async function section(title: string, all: readonly Shown[], columns: readonly string[]) {
  if (all.length === 0) return '';
  const shown = all.slice(0, mostShown);
  const more = all.length > shown.length ? `<p>and ${all.length - shown.length} more</p>` : '';
  const body = columns.length > 0 ? renderTable(shown, columns) : await renderPhotos(shown);
  return `<h2>${escapeHtml(title)} (${all.length})</h2>${body}${more}`;
}

function renderTable(shown: readonly Shown[], columns: readonly string[]): string {
  const head = [...columns, 'said', 'model', 'when'].map((name) => `<th>${escapeHtml(name)}</th>`);
  const rows = shown.map(({ candidate, note }) => {
    const cells = columns.map((name) => String(ownValue(candidate.row ?? {}, name) ?? ''));
    const all = [
      ...cells,
      note || candidate.labels.join(', '),
      candidate.predicted,
      day(candidate),
    ];
    return `<tr>${all.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  });
  const table = `<table><tr>${head.join('')}</tr>${rows.join('')}</table>`;
  // It may be wider than a phone: then it scrolls, by the keyboard too, and the page does not.
  return `<div class="wide" role="region" aria-label="Rows" tabindex="0">${table}</div>`;
}

async function renderPhotos(shown: readonly Shown[]): Promise<string> {
  const figures: string[] = [];
  for (const { candidate, note } of shown) {
    const source = candidate.photo ? await thumbnail(candidate.photo) : null;
    const picture = source ? `<img src="${source}" alt="">` : '<div>no picture</div>';
    const words = [
      note,
      `model: ${candidate.predicted}`,
      day(candidate),
      candidate.digest.slice(7, 15),
    ];
    const lines = words.filter((word) => word !== '').map((word) => `<br>${escapeHtml(word)}`);
    figures.push(`<figure>${picture}<figcaption>${lines.join('').slice(4)}</figcaption></figure>`);
  }
  return `<div class="sheet">${figures.join('')}</div>`;
}

async function thumbnail(path: string): Promise<string | null> {
  try {
    return await renderThumbnail(await readBytes(path));
  } catch (error) {
    if (isMainstemError(error)) return null;
    throw error;
  }
}

function day({ at }: Candidate): string {
  return at.slice(0, 10);
}

const style = [
  'body{font:15px/1.4 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#222;background:#fff;overflow-wrap:anywhere}',
  '.sheet{display:flex;flex-wrap:wrap;gap:12px}figure{margin:0;width:200px}',
  '.wide{overflow-x:auto;overflow-wrap:normal}td{max-width:30rem;overflow-wrap:break-word}',
  'figure img,figure div{width:200px;height:150px;object-fit:contain;background:#eee;display:block}',
  'figcaption{font-size:12px}table{border-collapse:collapse;font-size:13px}',
  'td,th{border:1px solid #ccc;padding:2px 8px;text-align:left}h2{font-size:1.1rem;margin-top:2rem}',
].join('');

function page(title: string, body: string): string {
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${style}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1>${body}</body></html>\n`,
  ].join('');
}
