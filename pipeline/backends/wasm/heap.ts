import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { getKernel, type KernelFunc, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { joinsVectors } from './compile-kernels.ts';
import type { CompiledKernels, RangeKernel } from './compiled.ts';
import type { Team } from './team.ts';

type Attributes = NonNullable<Parameters<KernelFunc>[0]['attrs']>;

/**
 * The heap of the WASM backend, as kernels use it. What it allocates belongs to no tensor yet: return it from the
 * kernel or release it.
 */
export class Heap {
  readonly backend: BackendWasm;
  /** Our compiled kernels on this heap. */
  readonly compiled: CompiledKernels;
  readonly #memory: WebAssembly.Memory;
  readonly #team: Team;
  readonly #joined: boolean;

  constructor(
    backend: BackendWasm,
    memory: WebAssembly.Memory,
    compiled: CompiledKernels,
    team: Team,
    joined = joinsVectors,
  ) {
    this.backend = backend;
    this.#memory = memory;
    this.compiled = compiled;
    this.#team = team;
    this.#joined = joined;
  }

  /** Whether the kernels are compiled so that two vectors share a register: their tiles are larger then. */
  get joined(): boolean {
    return this.#joined;
  }

  /**
   * Runs one of our kernels over all of its units, on all threads if that is worth it.
   *
   * @param cost in multiply-adds, or what takes as long
   * @param values what the kernel takes after the range
   */
  spread(kernel: RangeKernel, units: number, cost: number, values: readonly number[]): void {
    this.#team.run({ kernel, units, values }, cost);
  }

  /** The byte address of a tensor's values. */
  address(tensor: TensorInfo): number {
    return this.backend.getMemoryOffset(tensor.dataId);
  }

  /** Allocates float32 values with arbitrary content. Earlier views become invalid: the heap may grow. */
  allocate(shape: readonly number[]): TensorInfo {
    return this.backend.makeOutput([...shape], 'float32');
  }

  /** Allocates float32 values, all 0. */
  allocateZeros(shape: readonly number[]): TensorInfo {
    const made = this.allocate(shape);
    this.view(made).fill(0);
    return made;
  }

  /** Allocates float32 values with this content. */
  allocateFrom(values: Float32Array): TensorInfo {
    return this.backend.makeOutput([values.length], 'float32', undefined, values);
  }

  /** A view of a tensor's values; invalid as soon as anything is allocated. */
  view({ dataId, shape }: TensorInfo): Float32Array {
    const address = this.backend.getMemoryOffset(dataId);
    return new Float32Array(this.#memory.buffer, address, util.sizeFromShape(shape));
  }

  /** The same values with another shape, without a copy. */
  share({ dataId, dtype }: TensorInfo, shape: readonly number[]): TensorInfo {
    this.backend.incRef(dataId);
    return { dataId, dtype, shape: [...shape] };
  }

  /** Releases values. */
  release(...tensors: TensorInfo[]): void {
    for (const { dataId } of tensors) this.backend.disposeData(dataId);
  }

  /** Runs another kernel of this backend directly: the engine neither records nor tracks it. */
  run(name: string, inputs: Record<string, TensorInfo>, attrs: Attributes): TensorInfo {
    const { kernelFunc } = getKernel(name, 'wasm');
    const [first] = [kernelFunc({ inputs, attrs, backend: this.backend })].flat();
    if (!first) throw new Error(`kernel ${name} gave no output`);
    return first;
  }
}

/** The memory of the Emscripten module, which its types do not name. */
export function memoryOf(backend: BackendWasm): WebAssembly.Memory {
  const { wasm } = backend;
  const exports: unknown = 'asm' in wasm ? wasm.asm : undefined;
  if (typeof exports === 'object' && exports !== null && 'memory' in exports) {
    if (exports.memory instanceof WebAssembly.Memory) return exports.memory;
  }
  throw new Error('this version of @tensorflow/tfjs-backend-wasm hides its memory');
}

/** The current backend, if it is the WASM one. */
export function asWasm(backend: object): BackendWasm {
  if (backend instanceof BackendWasm) return backend;
  throw new Error('the current backend is not wasm');
}
