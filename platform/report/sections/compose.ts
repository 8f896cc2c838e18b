import type { Report } from '../report.ts';
import type { ReportSection } from '../section.ts';
import { calibrationSection, refusalSection } from './calibration.ts';
import { changeSection } from './changes.ts';
import { confusionSection } from './confusion.ts';
import { curveSection } from './curves.ts';
import { findingSection } from './findings.ts';
import { flipSection } from './flips.ts';
import { importanceSection } from './importance.ts';
import { gateSection, metricSection } from './metrics.ts';
import { provenanceSection } from './provenance.ts';
import { servingSection } from './serving.ts';
import { sliceSection } from './slices.ts';

/** The parts of a report in reading order; empty ones are left out. */
export function composeSections(report: Report): ReportSection[] {
  const sections = [
    changeSection(report),
    metricSection(report),
    gateSection(report),
    flipSection(report),
    confusionSection(report),
    sliceSection(report),
    calibrationSection(report),
    refusalSection(report),
    findingSection(report),
    importanceSection(report),
    servingSection(report),
    curveSection(report),
    provenanceSection(report),
  ];
  return sections.filter((section) => section !== null);
}
