import type { Report } from '../report.ts';
import type { ReportSection } from '../section.ts';
import { attainableSection } from './attainable.ts';
import { calibrationSection, refusalSection } from './calibration.ts';
import { changeSection, dataSection, parameterSection } from './changes.ts';
import { confusionSection } from './confusion.ts';
import { costSection } from './cost.ts';
import { curveSection } from './curves.ts';
import { errorSection } from './errors.ts';
import { fairnessSection } from './fairness.ts';
import { findingSection } from './findings.ts';
import { flipSection } from './flips.ts';
import { failedGateSection, passedGateSection } from './gates.ts';
import { importanceSection } from './importance.ts';
import { labelSection } from './labels.ts';
import { metricSection } from './metrics.ts';
import { nearDuplicateSection } from './near-duplicates.ts';
import { provenanceSection } from './provenance.ts';
import { rankingSection } from './ranking.ts';
import { reviewSection } from './review.ts';
import { seedSection } from './seeds.ts';
import { servingSection } from './serving.ts';
import { sliceSection } from './slices.ts';
import { moreValidationSection, validationSection } from './validation.ts';
import { weakSpotSection } from './weak-spots.ts';
import { worseSection } from './worse.ts';

/**
 * The parts of a report in reading order; empty ones are left out. What decides stands open and comes first, what
 * explains is folded.
 */
export function composeSections(report: Report): ReportSection[] {
  const sections = [
    failedGateSection(report),
    changeSection(report),
    validationSection(report),
    metricSection(report),
    seedSection(report),
    worseSection(report),
    passedGateSection(report),
    moreValidationSection(report),
    attainableSection(report),
    flipSection(report),
    errorSection(report),
    confusionSection(report),
    sliceSection(report),
    weakSpotSection(report),
    fairnessSection(report),
    labelSection(report),
    calibrationSection(report),
    refusalSection(report),
    dataSection(report),
    reviewSection(report),
    nearDuplicateSection(report),
    findingSection(report),
    rankingSection(report),
    importanceSection(report),
    servingSection(report),
    costSection(report),
    parameterSection(report),
    curveSection(report),
    provenanceSection(report),
  ];
  return sections.filter((section) => section !== null);
}
