/**
 * What is said of a wrong job field: its name, what was given, what is allowed, what was probably meant.
 * In: the job's JSON Schema, the values, zod's first issue. Out: a BagfleetError.
 */
import type { z } from 'zod';
import { BagfleetError } from './errors.js';
import { allowedText, fieldsBelow, nodeAt, objectOf, type SchemaNode } from './job-fields.js';
import { nearestWord } from './nearest-word.js';

/** The culprit of an error about a field of a job that came from `source`. */
export function fieldCulprit(source: string, path: readonly string[]): string {
  return `${source}, field ${path.join('.') || '(the whole file)'}`;
}

/** The way back: the dotted field that such a culprit names, if it is one of `source`. */
export function fieldOfCulprit(source: string, culprit: string | undefined): string | undefined {
  const prefix = `${source}, field `;
  return culprit?.startsWith(prefix) ? culprit.slice(prefix.length) : undefined;
}

export function wrongField(
  schema: SchemaNode,
  value: unknown,
  issue: z.core.$ZodIssue,
  source: string,
): BagfleetError {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return unknownField(schema, path, issue.keys[0], source);
  const given = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
  const node = nodeAt(schema, path);
  const culprit = fieldCulprit(source, path);
  const hint = node?.description ?? 'See `bagfleet init` for a commented job file.';
  if (!node || (node.properties && !isObject(given)))
    return new BagfleetError('job-invalid', `must hold ${contentOf(node)}, but ${show(given)} was given`, {
      culprit,
      hint,
    });
  const allowed = allowedText(node);
  const message =
    given === undefined
      ? `is missing: it must be ${allowed}`
      : `must be ${allowed}, but ${show(given)} was given`;
  return new BagfleetError('job-invalid', message, { culprit, hint });
}

function unknownField(
  schema: SchemaNode,
  path: readonly string[],
  key: string,
  source: string,
): BagfleetError {
  const holder = nodeAt(schema, path);
  const siblings = Object.keys((holder && objectOf(holder))?.properties ?? {});
  const elsewhere = fieldsBelow(schema).find((field) => field.path.split('.').at(-1) === key)?.path;
  const meant = nearestWord(key, siblings) ?? elsewhere;
  return new BagfleetError('job-invalid', 'there is no such field', {
    culprit: fieldCulprit(source, [...path, key]),
    hint: `${meant ? `Did you mean ${meant}? ` : ''}Fields here: ${siblings.join(', ')}.`,
  });
}

function contentOf(node: SchemaNode | undefined): string {
  return node?.required?.length ? `at least ${node.required.join(', ')}` : 'fields';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(given: unknown): string {
  if (given === undefined || given === null) return 'nothing';
  const text = typeof given === 'number' ? String(given) : JSON.stringify(given);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
