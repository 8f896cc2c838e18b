import { MainstemError } from '../../platform/lib/errors.ts';
import { explainFetch } from '../../platform/lib/fetch-failure.ts';
import { fetchMoving } from '../../platform/lib/fetch-moving.ts';
import { printable } from '../../platform/lib/printable.ts';
import type { DashboardSpec, PanelSpec, Query } from '../dashboards/index.ts';

/** Where the numbers come from, and of what time. */
export interface PreviewSource {
  /** Address of a Prometheus. */
  readonly prometheus: URL;
  /** A model's name; null for all of them. */
  readonly model: string | null;
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Hears that it is waited for. */
  readonly say?: ((text: string) => void) | undefined;
}

/** One line of a panel, or one number of it. */
export interface Line {
  readonly name: string;
  /** Seconds since 1970, and the value; null where it is not finite. */
  readonly points: readonly (readonly [time: number, value: number | null])[];
}

/** A panel with what a Prometheus has for it. */
export interface ReadPanel {
  readonly panel: PanelSpec;
  readonly lines: readonly Line[];
}

/** A dashboard with what a Prometheus has for it. */
export interface ReadDashboard {
  readonly dashboard: DashboardSpec;
  readonly sections: readonly { readonly title: string; readonly panels: readonly ReadPanel[] }[];
}

/** So many points does a line have at most. */
const points = 240;
/** Grafana's `$__rate_interval` holds four scrapes, of which one comes every 15 seconds. */
const scrapeSeconds = 15;

/**
 * Asks a Prometheus what Grafana would ask it for.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/
 * @throws MainstemError PROMETHEUS_UNREADABLE
 */
export async function readDashboards(
  dashboards: readonly DashboardSpec[],
  source: PreviewSource,
): Promise<ReadDashboard[]> {
  const read: ReadDashboard[] = [];
  for (const dashboard of dashboards) {
    const sections = [];
    for (const { title, panels } of dashboard.sections) {
      const filled = [];
      for (const panel of panels) filled.push({ panel, lines: await readPanel(panel, source) });
      sections.push({ title, panels: filled });
    }
    read.push({ dashboard, sections });
  }
  return read;
}

async function readPanel({ queries, kind }: PanelSpec, source: PreviewSource): Promise<Line[]> {
  const answers = await Promise.all(
    queries.map(async (query) =>
      (await ask(addressOf(query, kind, source), source.say)).map((series) =>
        lineOf(series, query.legend),
      ),
    ),
  );
  return answers.flat();
}

function addressOf({ expression }: Query, kind: PanelSpec['kind'], source: PreviewSource): URL {
  const { prometheus, from, to, model } = source;
  const step = Math.max(1, Math.ceil((to - from) / points));
  const window = Math.max(step + scrapeSeconds, 4 * scrapeSeconds);
  const query = expression
    .replaceAll('$__rate_interval', `${window}s`)
    .replaceAll('$model', model === null ? '.+' : quoted(model));
  const [path, times] =
    kind === 'stat'
      ? (['query', { time: to }] as const)
      : (['query_range', { start: from, end: to, step }] as const);
  const address = new URL(`api/v1/${path}`, withSlash(prometheus));
  address.searchParams.set('query', query);
  for (const [name, value] of Object.entries(times)) address.searchParams.set(name, String(value));
  return address;
}

/** A name within a regular expression within a string of PromQL. */
function quoted(name: string): string {
  return JSON.stringify(name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).slice(1, -1);
}

function withSlash(address: URL): URL {
  return new URL(address.href.replace(/\/?$/, '/'));
}

/** One series of an answer: `value` of an instant, `values` of a range. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

async function ask(address: URL, say: PreviewSource['say']): Promise<readonly Series[]> {
  const unreadable = (reason: string, cause?: unknown) =>
    new MainstemError('PROMETHEUS_UNREADABLE', { address: address.origin, reason }, { cause });
  let text: string;
  try {
    const answer = await fetchMoving(address, {}, { place: address.origin, say });
    text = await answer.text();
  } catch (error) {
    throw unreadable(explainFetch(error).reason, error);
  }
  const body = parse(text);
  if (body?.status === 'error') throw unreadable(`it says: ${printable(String(body.error))}`);
  if (!Array.isArray(body?.data?.result)) throw unreadable('it answers, and not as a Prometheus');
  return body.data.result;
}

function parse(text: string) {
  try {
    return JSON.parse(text) as {
      status?: string;
      error?: string;
      data?: { result?: readonly Series[] };
    } | null;
  } catch {
    return null;
  }
}

function lineOf({ metric, value, values = value ? [value] : [] }: Series, legend: string): Line {
  const name = legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '');
  const points = values.map(([time, text]) => {
    const number = Number(text);
    return [time, Number.isFinite(number) ? number : null] as const;
  });
  return { name, points };
}
