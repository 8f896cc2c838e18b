import type { Command } from 'commander';
import type { Digest } from '../../../platform/lib/hash.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import type { AddedBackbone, BackboneRequest } from '../../operations/add-backbone.ts';
import type { ListedBackbone } from '../../operations/backbones/list-backbones.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseColumn, parseDigest, parseText } from '../options.ts';

interface AddOptions extends CommonOptions {
  readonly name?: string;
  readonly features?: string;
  readonly digest?: Digest;
  readonly licence?: string;
}

/** `backbone add`, `backbone list`: networks whose features a project can learn from. */
export function registerBackbone(program: Command): void {
  const backbone = program
    .command('backbone')
    .description('use a network that others trained on many pictures, or a promoted model');
  backbone
    .command('add')
    .description(
      'check a network (an ONNX file, its address, a name of the catalogue, or a promoted model), put it into data/backbones, and print what names it',
    )
    .argument('<from>', 'the file, its address, or its name', parseText)
    .option('--name <name>', 'what to call it; default: its own name', parseText)
    .option('--features <tensor>', 'default: what its last Gemm or MatMul reads', parseColumn)
    .option('--digest <digest>', 'what its bytes must be: sha256:<hex>', parseDigest)
    .option('--licence <licence>', 'its licence, where that is not known', parseText)
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExamples:\n  npx mainstem backbone add ~/efficientnet-lite0.onnx\n  npx mainstem backbone add mobilenetv2-12' +
        '\n  npx mainstem backbone add https://example.org/net.onnx --digest sha256:… --licence MIT' +
        '\n  npx mainstem backbone add pumpkins@production',
    )
    .action(runAdd);
  backbone
    .command('list')
    .description('print what can be added by name: the catalogue, and the models that serve')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem backbone list')
    .action(runList);
}

async function runAdd(from: string, options: AddOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { addBackbone } = await import('../../operations/add-backbone.ts');
  const { backboneCode } = await import('../../template/init/index.ts');
  const { name, features, digest, licence } = options;
  const request: BackboneRequest = {
    from,
    ...(name !== undefined && { name }),
    ...(features !== undefined && { features }),
    ...(digest !== undefined && { digest }),
    ...(licence !== undefined && { licence }),
  };
  const added = await addBackbone(workspace, request);
  printResult(options, added, renderAdded(added, backboneCode(added)));
}

function renderAdded(added: AddedBackbone, code: readonly string[]): string {
  const { definition, bytes, digest, size, width, features, known, learnt, notes } = added;
  return [
    `${definition.path}: ${renderBytes(bytes)}, ${digest}`,
    `It makes ${width} features (${features}) of a picture of ${size} pixels.`,
    ...renderBlocks(added.tunable),
    ...(learnt === undefined
      ? []
      : [
          `It has learnt from ${learnt} photos; "validate" says which of a project's test photos are among them.`,
        ]),
    ...(known ? [] : [renderPixels(added)]),
    ...notes,
    'In project.ts:',
    ...code,
    `In params.json: "imageSize": ${size}. The network in model.ts then takes ${width} numbers; then lock and experiment.`,
  ].join('\n');
}

function renderPixels({ takesBytes }: AddedBackbone): string {
  return takesBytes
    ? 'It takes whole numbers from 0 to 255, so pixels as they are.'
    : 'How it takes pixels is not known: the numbers below are those of ImageNet; check them.';
}

/** What "fineTune" in params.json could say. */
function renderBlocks({ blocks, reason }: AddedBackbone['tunable']): string[] {
  const why = reason === null ? '' : `: ${reason}`;
  if (blocks.length === 0) return [`None of its blocks can be trained further${why}.`];
  return [
    'Its last blocks can be trained, too ("fineTune" in params.json):',
    ...blocks.map(({ from, photoBytes }, at) => {
      return `  "blocks": ${at + 1}, from ${from} on (${renderBytes(photoBytes)} a photo)`;
    }),
    ...(reason === null ? [] : [`  No more of them${why}.`]),
  ];
}

async function runList(options: CommonOptions): Promise<void> {
  const { listBackbones } = await import('../../operations/backbones/list-backbones.ts');
  const backbones = await listBackbones(openWorkspace(options));
  printResult(options, backbones, backbones.map(renderListed).join('\n'));
}

function renderListed({ name, kind, bytes, licence, source, address, digest }: ListedBackbone) {
  const how = kind === 'catalogue' && address === null ? '; no address: give the file' : '';
  const whose = licence === null ? 'licence of its data' : licence;
  return `${name}  ${renderBytes(bytes)}, ${whose}\n  ${source}${how}\n  ${digest}`;
}
