/** The names of the file's ends. */
export const onnxNames = { input: 'input', output: 'output', embedding: 'embedding' } as const;
