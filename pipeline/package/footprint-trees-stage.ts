import type { FootprintOutput } from '../../platform/schemas/index.ts';
// Types only: the file does not depend on the engine's code.
import type { StageWork } from '../engine/index.ts';
import type { FootprintInputs } from './footprint.ts';

/** Writes boosted trees as ONNX only to measure their size and latency, as of networks. */
export const footprintTreesStage: StageWork<FootprintInputs, FootprintOutput> = {
  entry: import.meta.filename,
  parameters: [],
  // One at a time: others beside it would slow it down.
  resources: { cpus: 1000, memoryMb: 1024 },
  async run({ store }, inputs) {
    const [{ loadTrees }, { measureFootprint }, { exportTrees }] = await Promise.all([
      import('../trees/index.ts'),
      import('./footprint.ts'),
      import('./onnx/export-trees.ts'),
    ]);
    const trees = await loadTrees(store, inputs.trained);
    return measureFootprint(store, inputs, await exportTrees(trees, {}));
  },
};
