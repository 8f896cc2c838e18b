import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import {
  gpuModels,
  whyNoDevice,
  whyNoGpu,
} from '../../../../../pipeline/backends/native/why-no-gpu.ts';
import { test } from '../../../../helpers/folder.ts';

async function put(root: string, path: string, text = ''): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

test('a machine is asked for the driver first, then for a GPU', async ({ folder }) => {
  expect(whyNoDevice(folder)).toBe('this machine has no NVIDIA driver');
  await put(folder, 'proc/driver/nvidia/version');
  expect(whyNoDevice(folder)).toContain('docker: --gpus all');
  await put(folder, 'dev/nvidia0');
  expect(whyNoDevice(folder)).toBeNull();
});

test('Windows’ Linux has its GPU in another place', async ({ folder }) => {
  await put(folder, 'dev/dxg');
  expect(whyNoDevice(folder)).toBeNull();
});

test('every library that TensorFlow would miss is named, and cuDNN alone where only that is gone', async ({
  folder,
}) => {
  await put(folder, 'proc/driver/nvidia/version');
  await put(folder, 'dev/nvidia0');
  const native = join(folder, 'native');
  expect(whyNoGpu(native, folder)).toMatch(/CUDA runtime, cuBLAS, cuDNN, .* is missing: install/);
  const others = ['cuda_runtime/lib/libcudart.so.12', 'cublas/lib/libcublas.so.12'];
  const more = ['cufft/lib/libcufft.so.11', 'cusolver/lib/libcusolver.so.11'];
  for (const path of [...others, ...more, 'cusparse/lib/libcusparse.so.12'])
    await put(native, `nvidia/${path}`);
  expect(whyNoGpu(native, folder)).toBe('cuDNN is missing: install the backend again');
  await put(native, 'nvidia/cudnn/lib/libcudnn.so.9');
  expect(whyNoGpu(native, folder)).toContain('driver may be older');
  expect(whyNoGpu(null, folder)).toContain('cuDNN 8.1');
});

test('the models of GPUs are what the driver says of them', async ({ folder }) => {
  expect(gpuModels(folder)).toEqual([]);
  const text = 'Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 18\n';
  await put(folder, 'proc/driver/nvidia/gpus/0000:18:00.0/information', text);
  expect(gpuModels(folder)).toEqual(['NVIDIA H100 80GB HBM3']);
});
