/**
 * The commented job file that `bagfleet init` writes: every field with its default, what it means and what
 * may stand there, read from the schema.
 * In: the job's JSON Schema, values for fields without default. Out: YAML that parses to a valid job.
 */
import { fieldsBelow, type JobField, nodeAt, type SchemaNode } from '@bagfleet/proto';
import { stringify } from 'yaml';

const COMMENT_WIDTH = 100;

const HEADER = [
  'A bagfleet job: which bags, which model, how it is trained, where the run is kept.',
  'Every field stands here with its default: delete what you do not change.',
  'Check it with `bagfleet validate FILE`; override a field with `--set train.batch=16`.',
];

/** `given` holds values by dotted path, such as `data.manifest`. */
export function commentedJob(schema: SchemaNode, given: Readonly<Record<string, unknown>>): string {
  const blocks = fieldsBelow(schema)
    .filter((field) => !isInsideOptional(schema, field))
    .map((field) => fieldLines(field, given[field.path] ?? field.default));
  return `${[HEADER.map((line) => `# ${line}`), ...blocks].map((lines) => lines.join('\n')).join('\n')}\n`;
}

/** Fields of `null or {…}` are told in the comment of their holder, which is null by default. */
function isInsideOptional(schema: SchemaNode, field: JobField): boolean {
  const holder = nodeAt(schema, field.path.split('.').slice(0, -1));
  return holder?.properties === undefined;
}

function fieldLines(field: JobField, value: unknown): string[] {
  const parts = field.path.split('.');
  const name = parts.at(-1) ?? '';
  const indent = '  '.repeat(parts.length - 1);
  const told = field.section || field.allowed === 'text';
  const comment = told ? field.description : `${field.description} [${field.allowed}]`;
  const lines = wrapWords(comment, COMMENT_WIDTH - indent.length - 2).map((line) => `${indent}# ${line}`);
  const text = field.section ? '' : ` ${inlineYaml(value)}`;
  return [...(parts.length === 1 ? [''] : []), ...lines, `${indent}${name}:${text}`];
}

function inlineYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}

/** Words in lines of at most `width` characters; a longer word has a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
