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

export const TASKS = ['classification', 'ordinal', 'multilabel', 'survival', 'regression'] as const;
export type Task = (typeof TASKS)[number];

/** One object of the store, and which content of it is meant. */
const objectShape = {
  key: z.string().min(1).describe("Where its bytes lie, relative to the manifest's folder."),
  bytes: z.int().positive().describe('Size of the object in bytes.'),
  etag: z.string().min(1).optional().describe('Opaque version of the content, as the store names it.'),
  checksum: z
    .string()
    .regex(/^(sha256:[0-9a-f]{64}|crc32:[0-9a-f]{8})$/)
    .optional()
    .describe('Digest of the whole content: sha256:HEX or crc32:HEX.'),
};
const objectSchema = z.strictObject(objectShape);

/** One file of instances, with what lies beside it in files of its own. */
const partShape = {
  ...objectShape,
  instances: z.int().positive().describe('Number of instances (patches, tiles).'),
  coords: objectSchema.optional().describe('File of coordinates, where they are not in the file itself.'),
  instanceLabels: objectSchema.optional().describe('File of instance labels, likewise.'),
  edges: objectSchema.optional().describe('File of the graph, likewise.'),
};
const partSchema = z.strictObject(partShape);

const bagSchema = z.strictObject({
  id: z.string().min(1).max(200).describe('The only name of the bag that logs, ledgers and reports carry.'),
  ...partShape,
  parts: z
    .array(partSchema)
    .min(1)
    .optional()
    .describe(
      'The files of a bag that has several (the slides of a patient, the tiles of a slide), in order; key is then what their keys begin with, bytes and instances are sums.',
    ),
  label: z
    .int()
    .nonnegative()
    .describe(
      'Class index, 0 … classes-1. Of other tasks the stratum by which splits are balanced: event, label combination, quartile.',
    ),
  targets: z
    .array(z.number())
    .min(1)
    .optional()
    .describe('multilabel: 0 or 1 per class. survival: [time, event]. regression: one value per target.'),
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
  task: z.enum(TASKS).optional().describe('What the labels are; classification where it is left out.'),
  classes: z
    .array(z.string())
    .min(1)
    .describe(
      'Class names in the order of the label indices (ordinal: ascending); of regression the names of the targets, of survival those of the events.',
    ),
  pseudonymized: z
    .literal(true)
    .optional()
    .describe('Ids are pseudonyms, and keys are told to nobody: errors and logs name objects by their bag.'),
  bags: z.array(bagSchema).min(1),
});

export type ObjectEntry = z.infer<typeof objectSchema>;
export type BagPart = z.infer<typeof partSchema>;
export type BagEntry = z.infer<typeof bagSchema>;
export type DatasetManifest = z.infer<typeof manifestSchema>;

/** The files of a bag, in order; the bag's own where there is one. */
export function partsOf(bag: BagEntry): readonly BagPart[] {
  return bag.parts ?? [bag];
}

/** All objects that a bag is read from. */
export function objectsOf(bag: BagEntry): ObjectEntry[] {
  return partsOf(bag).flatMap((part) => [
    part,
    ...[part.coords, part.instanceLabels, part.edges].filter((object) => object !== undefined),
  ]);
}

/** A class index per bag; two classes are one logit (positive = class 1), more are one logit each. */
export function outputsOf({ classes }: Pick<DatasetManifest, 'classes'>): number {
  return classes.length === 2 ? 1 : classes.length;
}

export function taskOf({ task }: DatasetManifest): Task {
  return task ?? 'classification';
}

/** Whether each bag's label is one of the classes. */
export function isOfClasses(manifest: DatasetManifest): boolean {
  return ['classification', 'ordinal'].includes(taskOf(manifest));
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
    if (isOfClasses(manifest) && bag.label >= manifest.classes.length)
      throw invalid(
        source,
        `bag ${bag.id} has label ${bag.label}, but there are ${manifest.classes.length} classes`,
      );
    for (const { key } of [bag, ...objectsOf(bag)])
      if (key.startsWith('/') || key.split('/').includes('..'))
        throw invalid(source, `bag ${bag.id} has key ${key}, which leaves the dataset's folder`);
    refuseSums(bag, source);
    refuseTargets(bag, manifest, source);
  }
  if (manifest.classes.length < 2 && !['regression', 'multilabel'].includes(taskOf(manifest)))
    throw invalid(source, `classes: ${taskOf(manifest)} needs two at least`);
  return manifest;
}

function refuseSums(bag: BagEntry, source: string): void {
  for (const what of ['bytes', 'instances'] as const) {
    const sum = partsOf(bag).reduce((total, part) => total + part[what], 0);
    if (sum !== bag[what])
      throw invalid(source, `bag ${bag.id}, field ${what}: it is ${bag[what]}, its parts have ${sum}`);
  }
}

function refuseTargets({ id, targets }: BagEntry, manifest: DatasetManifest, source: string): void {
  const task = taskOf(manifest);
  const { classes } = manifest;
  const wanted = {
    classification: 0,
    ordinal: 0,
    survival: 2,
    multilabel: classes.length,
    regression: classes.length,
  };
  const given = targets?.length ?? 0;
  if (given !== wanted[task])
    throw invalid(
      source,
      `bag ${id}, field targets: ${task} takes ${wanted[task]} values, given are ${given}`,
    );
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
