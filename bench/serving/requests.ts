import { create, toBinary } from '@bufbuild/protobuf';
import sharp from 'sharp';
import { createRandom } from '../../platform/lib/random.ts';
import { ModelInferRequestSchema } from '../../serving/grpc/inference_pb.ts';
import { type HttpRequest, postJson, renderRequest } from '../reliability/requests.ts';
import { side } from './repository.ts';

const boundary = 'bench-serving';
const shape = [1, side, side, 3];

/** A photo of a round thing on a field, with grain as cameras have it. */
export async function makePhoto(width: number, height: number): Promise<Buffer> {
  const random = createRandom(`${width}x${height}`);
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
    const away = Math.hypot(x - width / 2, y - height / 2) / Math.min(width, height);
    const shade = 1 - away + 0.1 * Math.sin(x / 9) + 0.1 * Math.cos(y / 7);
    const colour = away < 0.4 ? [230, 130, 30] : [90, 130, 60];
    return Math.max(0, Math.min(255, (colour[at % 3] ?? 0) * shade + 12 * (random.next() - 0.5)));
  });
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

/** A form with one photo, as a browser or `curl -F` sends it. */
export function postPhoto(path: string, photo: Buffer): Buffer {
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="photo.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`;
  const request: HttpRequest = {
    ...{ method: 'POST', path },
    headers: [['content-type', `multipart/form-data; boundary=${boundary}`]],
    body: Buffer.concat([Buffer.from(head), photo, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
  return renderRequest(request, 'keep-alive');
}

/** A tensor of the network's input as JSON of the Open Inference Protocol, four digits a number. */
export function postTensor(path: string): Buffer {
  const data = Array.from(tensor(), (value) => Number(value.toFixed(4)));
  const inputs = [{ name: 'input', shape, datatype: 'FP32', data }];
  return renderRequest(
    postJson(path, JSON.stringify({ inputs, outputs: [{ name: 'output' }] })),
    'keep-alive',
  );
}

/** The same tensor as bytes after the JSON. */
export function postBinary(path: string): Buffer {
  const bytes = Buffer.from(tensor().buffer);
  const parameters = { binary_data_size: bytes.length };
  const output = { name: 'output', parameters: { binary_data: true } };
  const inputs = [{ name: 'input', shape, datatype: 'FP32', parameters }];
  const json = Buffer.from(JSON.stringify({ inputs, outputs: [output] }));
  const request: HttpRequest = {
    ...{ method: 'POST', path },
    headers: [
      ['content-type', 'application/octet-stream'],
      ['inference-header-content-length', String(json.length)],
    ],
    body: Buffer.concat([json, bytes]),
  };
  return renderRequest(request, 'keep-alive');
}

/** The same tensor as a message of gRPC, as bytes. */
export function grpcMessage(): Buffer {
  const inputs = [{ name: 'input', datatype: 'FP32', shape: shape.map(BigInt) }];
  const rawInputContents = [new Uint8Array(tensor().buffer)];
  const outputs = [{ name: 'output' }];
  const message = { modelName: 'pumpkins', inputs, outputs, rawInputContents };
  return Buffer.from(toBinary(ModelInferRequestSchema, create(ModelInferRequestSchema, message)));
}

function tensor(): Float32Array<ArrayBuffer> {
  const random = createRandom('tensor');
  return Float32Array.from({ length: side * side * 3 }, () => 2 * random.next() - 1);
}
