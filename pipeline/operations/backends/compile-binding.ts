import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { nativeFiles } from '../../backends/index.ts';
import type { Installation } from './fetch-parts.ts';
import { runToEnd } from './run-tool.ts';

/** The version of Node-API whose functions the binding uses; later ones of Node keep it. */
const nodeApi = 8;

/**
 * Compiles tfjs-node's binding against the headers of the library that was unpacked, and deletes what only compiling
 * needs.
 *
 * @throws MainstemError BACKEND_INSTALL_FAILED with the compiler's first error
 */
export async function compileBinding(installation: Installation): Promise<void> {
  const { name, folder, scratch, tools, environment, reporter, signal } = installation;
  const sources = join(folder, nativeFiles.package, 'binding');
  const output = join(folder, nativeFiles.binding);
  await makeFolder(dirname(output));
  reporter.info('Compiling the binding …');
  await runToEnd(name, 'Compiling the binding', {
    program: tools.compiler,
    args: [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-pthread', '-w'],
      ...[`-DNAPI_VERSION=${nodeApi}`, '-DBUILDING_NODE_EXTENSION'],
      ...['-I', join(folder, 'node-api-headers', 'include')],
      ...['-I', join(folder, 'tensorflow', 'include')],
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(sources, file)),
      ...['-o', output, '-L', join(folder, 'tensorflow')],
      ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
      // The folder may be moved as a whole.
      '-Wl,-rpath,$ORIGIN/../tensorflow',
      // Those of the GPU build name libraries that are only looked for when a GPU is used.
      '-Wl,--allow-shlib-undefined',
    ],
    ...{ cwd: scratch, environment, signal },
  });
  const needless = ['node-api-headers', 'tensorflow/include'];
  const ofPackage = ['binding', 'src', 'scripts', 'python'].map((each) =>
    join(nativeFiles.package, each),
  );
  for (const path of [...needless, ...ofPackage])
    await rm(join(folder, path), { recursive: true, force: true });
}
