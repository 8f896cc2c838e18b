import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a machine with a GPU that CUDA can use has, below its root. */
const driverFiles = ['proc/driver/nvidia/version', 'dev/dxg'];
const deviceFiles = ['dev/nvidia[0-9]*', 'dev/dxg'];

/** The libraries without which TensorFlow leaves the GPU alone, by what people call them. */
const libraries: Readonly<Record<string, string>> = {
  'the CUDA runtime': 'cuda_runtime/lib/libcudart.so.12',
  cuBLAS: 'cublas/lib/libcublas.so.12',
  cuDNN: 'cudnn/lib/libcudnn.so.9',
  cuFFT: 'cufft/lib/libcufft.so.11',
  cuSOLVER: 'cusolver/lib/libcusolver.so.11',
  cuSPARSE: 'cusparse/lib/libcusparse.so.12',
};

/** Why CUDA can see no GPU on this machine, as a clause; null if it should. @param root of the file system */
export function whyNoDevice(root = '/'): string | null {
  if (!driverFiles.some((path) => existsSync(join(root, path))))
    return 'this machine has no NVIDIA driver';
  if (deviceFiles.every((pattern) => globSync(join(root, pattern)).length === 0))
    return 'the NVIDIA driver is there, but no GPU, or none that this container may use (docker: --gpus all)';
  return null;
}

/**
 * Why TensorFlow left the GPU alone, as a clause.
 *
 * @param folder of the native part; null for a package in node_modules, which looks for the system's CUDA
 */
export function whyNoGpu(folder: string | null, root = '/'): string {
  const noDevice = whyNoDevice(root);
  if (noDevice) return noDevice;
  if (folder === null)
    return 'the library found no CUDA device, or not CUDA 11.2 and cuDNN 8.1, which the package in node_modules needs';
  const missing = Object.entries(libraries)
    .filter(([, path]) => !existsSync(join(folder, 'nvidia', path)))
    .map(([name]) => name);
  if (missing.length > 0) return `${missing.join(', ')} is missing: install the backend again`;
  return 'the library found no CUDA device; the driver may be older than CUDA 12 needs (525)';
}

/** The models of the GPUs that the driver shows, for example `NVIDIA H100 80GB HBM3`. */
export function gpuModels(root = '/'): string[] {
  return globSync(join(root, 'proc/driver/nvidia/gpus/*/information')).flatMap((path) => {
    const model = /^Model:\s*(.+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
    return model === undefined ? [] : [model.trim()];
  });
}
