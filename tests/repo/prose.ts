import { extname } from 'node:path';
import { parseSync } from 'oxc-parser';

/** A place where prose breaks a rule, as `path:line what to do`. */
export type Finding = string;

/** A phrase that native readers stumble over, and what to write instead. */
interface Phrase {
  readonly found: RegExp;
  readonly instead: string;
}

const maximumColumns = 140;

/** Add a phrase here when a review corrects it for the second time. */
const phrases: readonly Phrase[] = [
  { found: /\banew\b/i, instead: '"again"' },
  { found: /\bmend(s|ed|ing)?\b/i, instead: '"fix"' },
  { found: /\bfor ever\b/i, instead: '"forever"' },
  {
    found:
      /(?<!there )\b(is|are|was|were) no (file|folder|text|photo|picture|list|class|number|remote|error)\b/i,
    instead: '"is not a"',
  },
  { found: /\bthat (is|are) no (JSON|CSV|text|picture|photo|model)\b/i, instead: '"that is not"' },
  { found: /\bof \w+ alone\b/i, instead: '"only of"' },
  { found: /\b(is|are) told\b/i, instead: '"reported", or name who calls whom' },
  { found: /\bexists already\b/i, instead: '"already exists"' },
  { found: /\bsomething else than\b/i, instead: '"something other than"' },
  { found: /\bstrangers?\b/i, instead: '"outliers" for inputs, "untrusted" for data' },
  { found: /\boutsiders?\b/i, instead: '"outliers"' },
  { found: /\bproved to be\b|\bgood and proved\b/i, instead: '"proven" or "checked"' },
  {
    found: /\b(a|one) (line|file|folder|comment|request) a (project|model|stage|class|file)\b/i,
    instead: '"one … per …"',
  },
];

/** Prose of one file: its comments and texts, or its Markdown outside code blocks. */
interface Passage {
  readonly line: number;
  readonly text: string;
}

/**
 * Finds comment and Markdown lines that are too wide. Tables, links and code blocks cannot be wrapped and are left out.
 *
 * @example findWideLines('a.ts', `// ${'a'.repeat(150)}`) // ['a.ts:1 is 153 columns wide; wrap it at 120']
 */
export function findWideLines(path: string, text: string): Finding[] {
  return passagesOf(path, text)
    .flatMap(({ line, text: passage }) =>
      passage.split('\n').map((content, offset) => ({ line: line + offset, content })),
    )
    .filter(({ content }) => content.length > maximumColumns && !/^\s*\||https?:/.test(content))
    .map(
      ({ line, content }) => `${path}:${line} is ${content.length} columns wide; wrap it at 120`,
    );
}

/**
 * Finds phrases of the list in comments and string literals, or in Markdown.
 *
 * @example findPhrases('a.ts', '// Starts anew.') // ['a.ts:1 says "anew"; write "again"']
 */
export function findPhrases(path: string, text: string): Finding[] {
  return [...passagesOf(path, text), ...stringsOf(path, text)].flatMap(({ line, text: passage }) =>
    phrases.flatMap(({ found, instead }) => {
      const match = found.exec(passage);
      if (!match) return [];
      const at = line + passage.slice(0, match.index).split('\n').length - 1;
      return [`${path}:${at} says "${match[0]}"; write ${instead}`];
    }),
  );
}

function passagesOf(path: string, text: string): Passage[] {
  if (extname(path) === '.md') return [{ line: 1, text: withoutCode(text) }];
  return parseSync(path, text).comments.map(({ start, end }) => passageAt(text, start, end));
}

/** Whole lines, so that the width of a comment includes what stands before it. */
function passageAt(text: string, start: number, end: number): Passage {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  return { line: text.slice(0, from).split('\n').length, text: text.slice(from, end) };
}

/** Strings that read like prose: with a space in them. */
function stringsOf(path: string, text: string): Passage[] {
  if (extname(path) === '.md') return [];
  const found: Passage[] = [];
  JSON.stringify(parseSync(path, text).program, (_key, node: unknown) => {
    if (isText(node))
      found.push({
        line: text.slice(0, node.start).split('\n').length,
        text: text.slice(node.start, node.end),
      });
    // JSON has no form for the value of a literal such as `1n`.
    return typeof node === 'bigint' ? null : node;
  });
  return found.filter((passage) => passage.text.includes(' '));
}

interface Text {
  readonly start: number;
  readonly end: number;
}

function isText(node: unknown): node is Text {
  if (typeof node !== 'object' || node === null || !('type' in node)) return false;
  if (node.type === 'TemplateElement') return true;
  return node.type === 'Literal' && 'value' in node && typeof node.value === 'string';
}

/** Markdown with its code blocks blanked, so that line numbers stay. */
function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, ''));
}
