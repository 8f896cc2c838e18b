export { buildReport, type ReportInputs } from './build-report.ts';
export { renderCorrections } from './render/corrections.ts';
export { type HtmlOptions, photosOf, renderHtml, renderSweepHtml } from './render/html.ts';
export { renderMarkdown, renderSweepMarkdown } from './render/markdown.ts';
export { renderSweepTerminal, renderTerminal, type TerminalOptions } from './render/terminal.ts';
export { Report } from './report.ts';
export { SweepReport } from './sweep-report.ts';
