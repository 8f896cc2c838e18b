import { buildReport, type Report, type ReportInputs } from '../../platform/report/index.ts';
import type { ProjectContext } from '../context.ts';
import { countHeldBack } from '../count-held-back.ts';
import { dataSince } from './data-since.ts';
import { reviewSince } from './review-since.ts';

/** What is known of a candidate; the rest of a report follows from its project and its data. */
export type ReportParts = Omit<
  ReportInputs,
  'project' | 'slices' | 'dataDiff' | 'review' | 'heldBack' | 'prices'
>;

/** Builds the report on a candidate of a project, with what changed in the data since the champion. */
export async function buildProjectReport(
  context: ProjectContext,
  parts: ReportParts,
): Promise<Report> {
  const { name, page, task, slices, prices } = context.project.definition;
  return buildReport({
    ...parts,
    heldBack: countHeldBack(context),
    slices,
    ...(prices && { prices }),
    project: { name, title: page.title, task, classes: parts.candidate.classes },
    dataDiff: parts.champion && (await dataSince(context, parts.champion)),
    review: parts.champion && (await reviewSince(context, parts.champion)),
  });
}
