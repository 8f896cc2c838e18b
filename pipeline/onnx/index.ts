/* ONNX files: writing and reading them, and running them with ONNX Runtime. */
export { type Attribute, type AxisSize, OnnxGraph } from './graph.ts';
export { type Observed, observeTensors } from './observe-tensors.ts';
export {
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  type ValueInfoProto,
} from './onnx_pb.ts';
export { onnxNames } from './onnx-names.ts';
export { openSession, type Session, type SessionResult } from './open-session.ts';
export { runRows } from './run-rows.ts';
export { spreadSession } from './spread-session.ts';
