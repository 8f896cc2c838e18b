import type { Command } from 'commander';
import { renderBytes } from '../../../platform/lib/text.ts';
import type { AddedBackbone, BackboneRequest } from '../../operations/add-backbone.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseColumn, parseText } from '../options.ts';

interface AddOptions extends CommonOptions {
  readonly name?: string;
  readonly features?: string;
}

/** `backbone add`: puts a network that others trained where a project can name it. */
export function registerBackbone(program: Command): void {
  program
    .command('backbone')
    .description('use a network that others trained on many pictures')
    .command('add <from>')
    .description('check an ONNX file, put it into data/backbones, and print what names it')
    .option('--name <name>', 'what to call it; default: its own name', parseText)
    .option('--features <tensor>', 'default: what its last Gemm or MatMul reads', parseColumn)
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExamples:\n  npx mainstem backbone add ~/efficientnet-lite0.onnx\n  npx mainstem backbone add mobilenetv2-12',
    )
    .action(runAdd);
}

async function runAdd(from: string, options: AddOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { addBackbone } = await import('../../operations/add-backbone.ts');
  const { backboneCode } = await import('../../template/init/index.ts');
  const { name, features } = options;
  const request: BackboneRequest = {
    from,
    ...(name !== undefined && { name }),
    ...(features !== undefined && { features }),
  };
  const added = await addBackbone(workspace, request);
  printResult(options, added, renderAdded(added, backboneCode(added)));
}

function renderAdded(added: AddedBackbone, code: readonly string[]): string {
  const { definition, bytes, digest, size, width, features, known } = added;
  return [
    `${definition.path}: ${renderBytes(bytes)}, ${digest}`,
    `It makes ${width} features (${features}) of a picture of ${size} pixels.`,
    ...(known
      ? []
      : ['How it takes pixels is not known: the numbers below are those of ImageNet; check them.']),
    'In project.ts:',
    ...code,
    `In params.json: "imageSize": ${size}. The network in model.ts then takes ${width} numbers; then lock and experiment.`,
  ].join('\n');
}
