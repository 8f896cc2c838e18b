import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { drivers } from '../../../../pipeline/backends/index.ts';
import type { PackageOutput, TrainOutput } from '../../../../platform/schemas/index.ts';
import { hasTensorFlow, nativeBackends } from '../../../helpers/native-backend.ts';

/** What `exercise-native.ts` prints. */
interface Exercise {
  readonly gradients: readonly { network: string; loss: number; gradients: number }[];
  readonly trained: TrainOutput;
  readonly parity: PackageOutput['parity'];
}

const program = join(import.meta.dirname, 'exercise-native.ts');

async function exercise(backend: string): Promise<Exercise> {
  const env = { ...process.env, MAINSTEM_BACKENDS: nativeBackends };
  const { stdout } = await promisify(execFile)(process.execPath, [program, backend], { env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const lossesOf = ({ trained }: Exercise) =>
  trained.epochs.flatMap(({ trainLoss, validationLoss }) => [trainLoss, validationLoss]);

describe.skipIf(!hasTensorFlow)('TensorFlow’s C library (needs `npm run test:setup`)', () => {
  const { tolerance = { gradients: 0, losses: 0 } } = drivers.tensorflow;
  let ours: Exercise;
  let wasm: Exercise;
  beforeAll(async () => {
    ours = await exercise('tensorflow');
    wasm = await exercise('wasm');
  });

  test('all gradients equal those of the cpu backend within the tolerance of its record', () => {
    expect(ours.gradients).toHaveLength(3);
    for (const { network, loss, gradients } of ours.gradients) {
      expect(loss, network).toBeLessThanOrEqual(tolerance.gradients);
      expect(gradients, network).toBeLessThanOrEqual(tolerance.gradients);
    }
  });

  test('the same training has the losses of the wasm backend within that tolerance, and separates the classes', () => {
    const [found, expected] = [lossesOf(ours), lossesOf(wasm)];
    expect(found).toHaveLength(6);
    const gaps = found.map((loss, at) => Math.abs(loss - (expected[at] ?? Number.NaN)));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(tolerance.losses);
    expect(ours.trained.epochs.at(-1)?.validationMetric).toBeGreaterThan(0.9);
  });

  test('what training leaves says the backend, its class and its tolerance', () => {
    expect(ours.trained.backend).toEqual({
      name: 'tensorflow',
      class: expect.stringMatching(/^tensorflow-2\.\d+\.\d+$/),
      deterministic: false,
      tolerance,
      reason: expect.stringMatching(/works \(TensorFlow 2\.\d+\.\d+ on the CPU\)$/),
    });
    expect(wasm.trained.backend).not.toHaveProperty('tolerance');
  });

  test('its network becomes an ONNX file that is proved equal', () => {
    expect(ours.parity).toMatchObject({ examples: 40, classesDiffer: 0 });
    expect(ours.parity.maxDifference).toBeLessThanOrEqual(1e-5);
  });
});
