/**
 * The dataset manifest: which bags there are, where their bytes lie and what they are labelled.
 * In: manifest.json of a dataset folder. Out: a checked DatasetManifest, or an error that names the bag.
 * It is the first word of the data's way; ids and labels stay here, bag ids alone travel on.
 */
import { z } from 'zod';
import { BagfleetError } from './errors.js';
import { SCHEMA_VERSION } from './schema-version.js';

export const SPLITS = ['train', 'val', 'test'] as const;
export type Split = (typeof SPLITS)[number];

const bagSchema = z.strictObject({
  id: z.string().min(1).max(200).describe('The only name of the bag that logs, ledgers and reports carry.'),
  key: z.string().min(1).describe("Where its bytes lie, relative to the manifest's folder."),
  bytes: z.int().positive().describe('Size of the object in bytes.'),
  instances: z.int().positive().describe('Number of instances (patches, tiles) in the bag.'),
  label: z.int().nonnegative().describe('Class index, 0 … classes-1.'),
  split: z.enum(SPLITS),
  fold: z.int().nonnegative().optional().describe('Fold of a cross-validation.'),
  patient: z.string().optional(),
});

const manifestSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  name: z.string().min(1),
  instanceShape: z
    .array(z.int().positive())
    .min(1)
    .max(3)
    .describe('[features] for feature vectors, [height, width, channels] for tiles.'),
  classes: z.array(z.string()).min(2).describe('Class names in the order of the label indices.'),
  bags: z.array(bagSchema).min(1),
});

export type BagEntry = z.infer<typeof bagSchema>;
export type DatasetManifest = z.infer<typeof manifestSchema>;

/** A class index per bag; two classes are one logit (positive = class 1), more are one logit each. */
export function outputsOf(manifest: DatasetManifest): number {
  return manifest.classes.length === 2 ? 1 : manifest.classes.length;
}

/** Parses and checks a manifest; `source` is named in errors. */
export function parseDatasetManifest(value: unknown, source: string): DatasetManifest {
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) throw invalid(source, describeIssue(value, parsed.error.issues[0]));
  const manifest = parsed.data;
  const seen = new Set<string>();
  for (const bag of manifest.bags) {
    if (seen.has(bag.id)) throw invalid(source, `bag ${bag.id} is listed twice`);
    seen.add(bag.id);
    if (bag.label >= manifest.classes.length)
      throw invalid(
        source,
        `bag ${bag.id} has label ${bag.label}, but there are ${manifest.classes.length} classes`,
      );
    if (bag.key.startsWith('/') || bag.key.split('/').includes('..'))
      throw invalid(source, `bag ${bag.id} has key ${bag.key}, which leaves the dataset's folder`);
  }
  return manifest;
}

function describeIssue(value: unknown, issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String);
  const bags = (value as { bags?: { id?: unknown }[] } | null)?.bags;
  const id = path[0] === 'bags' && path[1] !== undefined ? bags?.[Number(path[1])]?.id : undefined;
  const where = typeof id === 'string' ? `bag ${id}, field ${path.slice(2).join('.')}` : path.join('.');
  return `${where || 'the file'}: ${issue.message}`;
}

function invalid(source: string, message: string): BagfleetError {
  return new BagfleetError('manifest-invalid', message, {
    culprit: source,
    hint: 'Build it again with `bagfleet data index`, or mend that entry.',
  });
}
