export { exportOnnx, onnxNames } from './onnx/export-onnx.ts';
export { type PackageInputs, packageStage } from './package.ts';
