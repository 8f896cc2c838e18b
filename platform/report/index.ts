export { buildReport, type ReportInputs } from './build-report.ts';
export { keepCorrections, renderCorrections, suspectsOf } from './render/corrections.ts';
export {
  type HtmlOptions,
  isHtmlReport,
  photosOf,
  renderHtml,
  renderSweepHtml,
} from './render/html.ts';
export { renderMarkdown, renderSweepMarkdown } from './render/markdown.ts';
export {
  renderRanking,
  renderSweepTerminal,
  renderTerminal,
  type TerminalOptions,
} from './render/terminal.ts';
export { buildWholePage, readChartJs, type WholePage } from './render/whole-page.ts';
export { Report } from './report.ts';
export { SweepReport } from './sweep-report.ts';
