import { isMainstemError } from '../../platform/lib/errors.ts';
import { plural } from '../../platform/lib/plural.ts';
import { describeHeldBack } from '../../platform/quality/index.ts';
import {
  buildLook,
  findHeldBackFaults,
  lookPath,
  looksAt,
  pastLooks,
  pointerPath,
  renderJson,
  withLooks,
} from '../../platform/registry/index.ts';
import type { ModelPointer, ModelRecord } from '../../platform/schemas/index.ts';
import type { Champion } from '../champion.ts';
import type { ProjectContext } from '../context.ts';
import { countHeldBack } from '../count-held-back.ts';
import { measureHeldBack } from '../measure-held-back.ts';
import type { Settled } from './judged-outcome.ts';
import { type JudgedState, passed, stopped } from './judged-state.ts';

/** What is looked at, and for which pointer. */
export interface HeldBackCase {
  /** The commits, and whether somebody has asked for the promotion. */
  readonly change: { readonly base: string; readonly head: string; readonly asked: boolean };
  readonly candidate: ModelRecord;
  readonly champion: Champion;
  /** The pointer that is due. */
  readonly due: ModelPointer;
  /** The pointer that the change itself brings; null if it brings none. */
  readonly brought: ModelPointer | null;
}

/**
 * Looks at what is held back where a promotion is due and somebody has asked for it, and checks what a pointer that the change
 * brings says of it. Everything else is settled without a look.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT
 */
export async function settleHeldBack(
  context: ProjectContext,
  settled: Settled,
  asked: HeldBackCase,
): Promise<Settled> {
  const examples = countHeldBack(context);
  if (examples === null) return settled;
  try {
    if (Object.keys(settled.files).length > 0) {
      return asked.change.asked
        ? await look(context, settled, asked)
        : { ...settled, files: {}, promotion: waiting(examples) };
    }
    const isBrought = asked.brought !== null && settled.promotion.state === 'success';
    return isBrought ? await check(context, settled, asked) : settled;
  } catch (error) {
    if (!isMainstemError(error) || error.code.startsWith('STORE_')) throw error;
    const description = `${error.code}: ${error.message}`;
    return { ...settled, files: {}, promotion: stopped(description) };
  }
}

function waiting(examples: number): JudgedState {
  const description = `${plural(examples, 'example')} held back. To promote, add the label "promote" and run the judge again.`;
  return passed(description);
}

async function look(
  context: ProjectContext,
  settled: Settled,
  { change, candidate, champion, due }: HeldBackCase,
): Promise<Settled> {
  const { model, run } = candidate;
  const figures = await measureHeldBack(context, candidate, champion);
  const { here, looks } = await looksOf(context, model, change);
  const heldBack = withLooks(figures, looks, run);
  const isNoted = here.some((one) => one.run === run);
  const note = isNoted ? {} : { [lookPath(model, run)]: renderJson(buildLook(candidate, figures)) };
  const failed = heldBack.gates.filter(({ passed }) => !passed);
  if (failed.length > 0) {
    const why = failed.map(({ message }) => message).join('; ');
    const description = `Refused by what is held back: ${why}`;
    return { ...settled, files: note, promotion: stopped(description) };
  }
  const pointer = renderJson({ ...due, heldBack });
  const { state, description } = settled.promotion;
  return {
    ...settled,
    files: { ...settled.files, ...note, [pointerPath(model, 'production')]: pointer },
    promotion: { state, description: `${description} ${describeHeldBack(heldBack)}` },
  };
}

/** A pointer that somebody promoted elsewhere, or that waits in a merge queue: its look is repeated, which tells nothing new. */
async function check(
  context: ProjectContext,
  settled: Settled,
  { change, candidate, champion, brought }: HeldBackCase,
): Promise<Settled> {
  if (!brought) return settled;
  const figures = await measureHeldBack(context, candidate, champion);
  const { looks } = await looksOf(context, candidate.model, change);
  const [fault] = findHeldBackFaults(brought, figures, looks);
  if (fault === undefined) return settled;
  return { ...settled, promotion: stopped(`The pointer ${fault}.`) };
}

/** The looks that are noted at both ends of a change, and with those that were noted before. */
async function looksOf(
  { workspace: { root } }: ProjectContext,
  model: string,
  { base, head }: HeldBackCase['change'],
) {
  const here = await looksAt(root, model, [base, head]);
  return { here, looks: [...here, ...(await pastLooks(root, model, base))] };
}
