export { buildReport, type ReportInputs } from './build-report.ts';
export { renderCorrections, suspectsOf } from './render/corrections.ts';
export { type HtmlOptions, photosOf, renderHtml } from './render/html.ts';
export { renderMarkdown } from './render/markdown.ts';
export { renderTerminal, type TerminalOptions } from './render/terminal.ts';
export { Report } from './report.ts';
