import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import type {
  EvaluateOutput,
  Preprocessing,
  Task,
  TrainOutput,
} from '../../platform/schemas/index.ts';

interface Described {
  readonly task: Task;
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly evaluation: EvaluateOutput;
  readonly trained: TrainOutput;
  /** More facts, for example dataset digests. */
  readonly provenance: Readonly<Record<string, string>>;
}

/**
 * Builds the ONNX file's metadata_props: all that a runtime needs to use the network without this repository, and the
 * digests of what it was made of. Values that are not text are canonical JSON.
 */
export function buildMetadata(described: Described): Record<string, string> {
  const { task, classes, preprocessing, evaluation, trained, provenance } = described;
  return {
    ...provenance,
    task,
    classes: canonicalJson(classes),
    preprocessing: canonicalJson(preprocessing),
    ...(evaluation.decision && { decision: canonicalJson(evaluation.decision) }),
    ...(evaluation.priorShift && { priorShift: canonicalJson(evaluation.priorShift) }),
    temperature: canonicalJson(evaluation.temperature),
    outOfDistribution: canonicalJson(evaluation.outOfDistribution),
    topology: trained.topology.digest,
    weights: trained.weights.digest,
  };
}
