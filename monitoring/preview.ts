// Draws the dashboards without a Grafana: one page that can be kept, sent and printed, with what a Prometheus has for each panel.
//   npm run dashboards:preview --
//     --prometheus <address>   default http://127.0.0.1:9090
//     --model <name>           default: all of them
//     --minutes <n>            until now (default 360)
//     --out <file>             default dashboards.html
import { explainSystemError } from '../platform/lib/explain-system-error.ts';
import { writeFileAtomic } from '../platform/lib/files.ts';
import { reportFault } from '../platform/lib/report-fault.ts';
import { tellWaiting } from '../platform/lib/silence.ts';

const args = process.argv.slice(2);
const say = tellWaiting({ info: (text) => process.stderr.write(`${text}\n`) });
try {
  const { listDashboards } = await import('./dashboards/index.ts');
  const { objectives } = await import('./objectives.ts');
  const { readPreviewOptions } = await import('./preview/options.ts');
  const { readDashboards } = await import('./preview/read-dashboards.ts');
  const { renderPreview } = await import('./preview/render-preview.ts');
  const { source, out } = readPreviewOptions(args, Math.floor(Date.now() / 1000));
  const read = await readDashboards(listDashboards(objectives), { ...source, say });
  await writeFileAtomic(out, renderPreview(read, source, objectives.runbook));
  process.stdout.write(`${out}\n`);
} catch (error) {
  const { code, message, hint, exitCode } =
    explainSystemError(error) ??
    reportFault(error, { root: process.cwd(), args: ['dashboards:preview', ...args] });
  process.stderr.write(`${code} ${message}\n  ${hint}\n`);
  process.exitCode = exitCode;
}
