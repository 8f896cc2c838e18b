export { buildReport, type ReportInputs } from './build-report.ts';
export { keepCorrections, renderCorrections, suspectsOf } from './render/corrections.ts';
export { type HtmlOptions, isHtmlReport, photosOf, renderHtml } from './render/html.ts';
export { renderMarkdown } from './render/markdown.ts';
export { renderRanking, renderTerminal, type TerminalOptions } from './render/terminal.ts';
export { Report } from './report.ts';
