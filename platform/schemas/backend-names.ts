/**
 * Every tensor backend, the fastest first: the order in which `auto` asks. Each has a driver of its name in
 * pipeline/backends. Without imports, so that the command line can name them before it loads any schema.
 */
export const backendNames = ['tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm'] as const;
export type BackendName = (typeof backendNames)[number];

/** Those that compute on a graphics processor. */
export const gpuBackends: ReadonlySet<string> = new Set<BackendName>(['tensorflow-gpu', 'webgpu']);

/** What may be asked for: a backend by name, or the first that can be used. */
export const backendChoices = ['auto', ...backendNames] as const;
export type BackendChoice = (typeof backendChoices)[number];
