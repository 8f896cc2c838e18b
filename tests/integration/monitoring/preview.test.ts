import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listDashboards } from '../../../monitoring/dashboards/index.ts';
import { objectives } from '../../../monitoring/objectives.ts';
import { readDashboards } from '../../../monitoring/preview/read-dashboards.ts';
import { renderPreview } from '../../../monitoring/preview/render-preview.ts';
import { chromiumPath, launchBrowser } from '../../helpers/browser.ts';

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/behind/a/proxy`);
}

const sourceAt = (prometheus: URL) => ({ prometheus, model: null, from: 0, to: 3600 });
const fleet = listDashboards(objectives).slice(0, 1);

describe('the preview of the dashboards', () => {
  test.each([
    ['a page instead of an answer', 200, '<html>Log in</html>'],
    ['an answer of something else', 200, '{"items":[]}'],
    ['nothing but null', 200, 'null'],
    ['an error of Prometheus', 400, '{"status":"error","error":"parse error: \\u001b[31mhm"}'],
  ])('says that it cannot read %s', async (_what, status, body) => {
    const prometheus = await serve((_request, response) => response.writeHead(status).end(body));
    const read = readDashboards(fleet, sourceAt(prometheus));
    await expect(read).rejects.toMatchObject({
      code: 'PROMETHEUS_UNREADABLE',
      message: expect.not.stringContaining('\u001b'),
    });
  });

  test('says that nobody listens', async () => {
    const read = readDashboards(fleet, sourceAt(new URL('http://127.0.0.1:9')));
    await expect(read).rejects.toMatchObject({ code: 'PROMETHEUS_UNREADABLE' });
  });

  test('shows what a label holds as text, a gap as a gap, and a panel without a series as empty', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const metric = { model: name, version: name, job: name };
    const paths: string[] = [];
    const prometheus = await serve((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      paths.push(pathname);
      const isRange = pathname.endsWith('_range');
      const values = [
        [0, '1'],
        [15, 'NaN'],
        [30, '+Inf'],
      ];
      const series = isRange ? { metric, values } : { metric, value: values[0] };
      const result = searchParams.get('query')?.includes('ALERTS') ? [] : [series];
      response.end(JSON.stringify({ status: 'success', data: { result } }));
    });
    const source = sourceAt(prometheus);
    const read = await readDashboards(fleet, source);
    const page = renderPreview(read, source, objectives.runbook);
    expect(page).not.toContain('<img');
    expect(page).toContain('[[0,1],[15,null],[30,null]]');
    expect(page).toContain('No data');
    expect(new Set(paths)).toEqual(
      new Set(['/behind/a/proxy/api/v1/query', '/behind/a/proxy/api/v1/query_range']),
    );
  });

  test.skipIf(!chromiumPath)(
    'shows numbers as people say them, in the unit of the panel',
    async () => {
      const panel = { description: '', kind: 'stat', runbook: 'x', queries: [] } as const;
      const shown = { short: '50 k', s: '13.9 h', bytes: '48.8 KiB', percentunit: '5000000 %' };
      const panels = Object.keys(shown).map((unit) => ({
        panel: { ...panel, title: unit, unit },
        lines: [{ name: unit, points: [[0, 50_000]] as const }],
      }));
      const [dashboard] = fleet;
      if (!dashboard) throw new Error('there is a dashboard');
      const read = [{ dashboard, sections: [{ title: 'x', panels }] }];
      const page = renderPreview(read, sourceAt(new URL('http://127.0.0.1:9')), objectives.runbook);
      const browser = await launchBrowser();
      onTestFinished(() => browser.close());
      const tab = await browser.newPage();
      await tab.setContent(page);
      expect(await tab.locator('dd').allTextContents()).toEqual(Object.values(shown));
    },
  );
});
