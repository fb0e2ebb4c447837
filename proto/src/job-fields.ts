/**
 * The job file's fields as a flat list, read from its JSON Schema: for error messages, the commented job
 * file and the reference page, so that all three say the same.
 * In: a JSON Schema as zod writes it. Out: path, what is allowed, default and meaning of each field.
 */

/** The part of JSON Schema that the job schema uses. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode | false;
  /** Of fields whose names are free. */
  readonly additionalProperties?: SchemaNode | boolean;
  readonly prefixItems?: readonly SchemaNode[];
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly pattern?: string;
  readonly format?: string;
}

export interface JobField {
  /** Dotted, as `--set` takes it. */
  readonly path: string;
  readonly description: string;
  /** What may stand there, as words: `a whole number from 1 to 256`. */
  readonly allowed: string;
  /** undefined for a field without default and for a section. */
  readonly default: unknown;
  readonly required: boolean;
  /** A section only groups other fields; a field inside `null or {…}` is optional as a whole. */
  readonly section: boolean;
}

/** All fields below a node in the schema's order, sections before what they hold. */
export function fieldsBelow(node: SchemaNode, prefix = ''): JobField[] {
  const holder = objectOf(node);
  return Object.entries(holder?.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix + name;
    const section = child.properties !== undefined;
    const field: JobField = {
      path,
      description: child.description ?? '',
      allowed: section ? 'a section' : allowedText(child),
      default: section ? undefined : child.default,
      required: !section && (holder?.required ?? []).includes(name),
      section,
    };
    return [field, ...fieldsBelow(child, `${path}.`)];
  });
}

/** The node at a path such as ['train', 'optimizer', 'betas', '0']; undefined when there is none. */
export function nodeAt(root: SchemaNode, path: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const key of path) {
    const options: readonly SchemaNode[] = node ? [node, ...(node.anyOf ?? [])] : [];
    const list: SchemaNode | undefined = options.find((option) => option.type === 'array');
    const entry: SchemaNode | undefined = list?.prefixItems?.[Number(key)] ?? (list?.items || undefined);
    node = node && (objectOf(node)?.properties?.[key] ?? entry);
  }
  return node;
}

/** The node itself or, for `null or {…}`, the object in it. */
export function objectOf(node: SchemaNode): SchemaNode | undefined {
  return node.properties ? node : node.anyOf?.find((option) => option.properties);
}

/** What may stand at a node, in words that fit after "must be". */
export function allowedText(node: SchemaNode): string {
  const options = optionsOf(node);
  if (options.length > 1) return listOf([...new Set(options.map(allowedText))]);
  if (node.const !== undefined) return String(node.const);
  if (node.properties) return objectText(node);
  if (typeof node.additionalProperties === 'object')
    return `{ name: ${allowedText(node.additionalProperties)}, … }`;
  switch (node.type) {
    case 'integer':
      return `a whole number${rangeText(node)}`;
    case 'number':
      return `a number${rangeText(node)}`;
    case 'array':
      return arrayText(node);
    case 'null':
      return 'null';
    default:
      return textText(node);
  }
}

/** The alternatives at a node, one by one, as `anyOf`, `enum` and a list of types spell them. */
function optionsOf(node: SchemaNode): SchemaNode[] {
  if (node.anyOf) return node.anyOf.flatMap(optionsOf);
  if (node.enum) return node.enum.map((value) => ({ const: value }));
  if (node.type === 'boolean') return [{ const: true }, { const: false }];
  if (typeof node.type === 'object') return node.type.flatMap((type) => optionsOf({ ...node, type }));
  return [node];
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function objectText(node: SchemaNode): string {
  const entries = Object.entries(node.properties ?? {}).map(([name, child]) => {
    const optional = node.required?.includes(name) ? '' : '?';
    return `${name}${optional}: ${allowedText(child)}`;
  });
  return `{ ${entries.join(', ')} }`;
}

function arrayText(node: SchemaNode): string {
  if (node.prefixItems)
    return `a list of ${node.prefixItems.length}: ${node.prefixItems.map(allowedText).join(', ')}`;
  return `a list, each ${allowedText(node.items || {})}`;
}

function rangeText(node: SchemaNode): string {
  const whole = node.type === 'integer';
  const above = node.exclusiveMinimum;
  const low = node.minimum ?? (whole && above !== undefined ? above + 1 : undefined);
  const high = node.maximum === Number.MAX_SAFE_INTEGER ? undefined : node.maximum;
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`;
  const below = node.exclusiveMaximum === undefined ? '' : ` < ${node.exclusiveMaximum}`;
  const lowest = low !== undefined ? ` ≥ ${low}` : above !== undefined ? ` > ${above}` : '';
  const bounds = [lowest, high === undefined ? below : ` ≤ ${high}`];
  return bounds.filter(Boolean).join(' and');
}

function textText(node: SchemaNode): string {
  if (node.format === 'uri') return 'a URL';
  if (node.pattern) return `text that matches ${node.pattern}`;
  return 'text';
}
