import assert from 'node:assert/strict';
import { BagfleetError, fieldsBelow, jobJsonSchema, jobSchema, nodeAt, parseJob } from '@bagfleet/proto';

function refusal(value: unknown): BagfleetError {
  try {
    parseJob(value, 'job.yaml');
  } catch (thrown) {
    assert.ok(thrown instanceof BagfleetError, String(thrown));
    return thrown;
  }
  return assert.fail('it was accepted');
}

const data = { manifest: 'm.json' };

describe('job fields', () => {
  it('describes every field and says what may stand there', () => {
    const fields = fieldsBelow(jobJsonSchema());
    assert.ok(fields.length > 50, `${fields.length} fields`);
    assert.deepEqual(
      fields.filter((field) => field.description === '' || field.allowed === ''),
      [],
    );
  });

  it('lists every field of a resolved job', () => {
    const paths = new Set(fieldsBelow(jobJsonSchema()).map((field) => field.path));
    const job = parseJob({ data: { ...data, normalize: { mean: [0], std: [1] } } }, 'job.yaml');
    const walk = (value: object, prefix: string): string[] =>
      Object.entries(value).flatMap(([name, inner]) =>
        typeof inner === 'object' && inner !== null && !Array.isArray(inner)
          ? [prefix + name, ...walk(inner, `${prefix}${name}.`)]
          : [prefix + name],
      );
    assert.deepEqual(
      walk(job, '').filter((path) => !paths.has(path)),
      [],
    );
  });

  it('gives the defaults that the schema itself fills in', () => {
    const job: unknown = jobSchema.parse({ data });
    for (const field of fieldsBelow(jobJsonSchema())) {
      if (field.default === undefined) continue;
      const parts = field.path.split('.');
      const holder = parts
        .slice(0, -1)
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], job);
      if (typeof holder !== 'object' || holder === null) continue; // inside a section that is null by default
      assert.deepEqual(
        (holder as Record<string, unknown>)[parts.at(-1) as string],
        field.default,
        field.path,
      );
    }
  });

  it('finds the node of entries in lists and of fields in optional sections', () => {
    const schema = jobJsonSchema();
    assert.equal(nodeAt(schema, ['train', 'optimizer', 'betas', '0'])?.type, 'number');
    assert.equal(nodeAt(schema, ['data', 'normalize', 'std', '7'])?.exclusiveMinimum, 0);
    assert.equal(nodeAt(schema, ['validation', 'earlyStop', 'patience'])?.type, 'integer');
    assert.equal(nodeAt(schema, ['validation', 'nothing']), undefined);
  });
});

describe('a wrong job field', () => {
  const cases: [unknown, string, RegExp][] = [
    [null, '(the whole file)', /must hold at least data, but nothing was given/],
    [[], '(the whole file)', /must hold at least data, but \[\] was given/],
    [{}, 'data', /must hold at least manifest, but nothing was given/],
    [{ data: {} }, 'data.manifest', /is missing: it must be text/],
    [{ data, train: { batch: 0 } }, 'train.batch', /must be a whole number from 1 to 4096, but 0 was given/],
    [{ data, train: { batch: Number.NaN } }, 'train.batch', /but NaN was given/],
    [{ data, train: 3 }, 'train', /must hold fields, but 3 was given/],
    [
      { data, validation: { metric: 'aucc' } },
      'validation.metric',
      /must be loss, auc, .* or brier, but "aucc" was given/,
    ],
    [
      { data, validation: { threshold: 0.6 } },
      'validation.threshold',
      /must be 0\.5, youden or \{ sensitivity: a number from 0 to 1 \}, but 0\.6/,
    ],
    [
      { data, train: { optimizer: { betas: [0.9, 2] } } },
      'train.optimizer.betas.1',
      /must be a number from 0 to 1, but 2/,
    ],
    [{ data, store: { endpoint: 'nowhere' } }, 'store.endpoint', /must be a URL or null, but "nowhere"/],
    [
      { data, validation: { earlyStop: {} } },
      'validation.earlyStop.patience',
      /is missing: it must be a whole number ≥ 1/,
    ],
  ];
  for (const [value, field, message] of cases)
    it(`names ${field} and what is allowed there: ${JSON.stringify(value)}`, () => {
      const error = refusal(value);
      assert.equal(error.code, 'job-invalid');
      assert.equal(error.culprit, `job.yaml, field ${field}`);
      assert.match(error.message, message);
    });

  it('suggests the field that was probably meant, here or in another section', () => {
    assert.match(
      refusal({ data, train: { bach: 4 } }).hint ?? '',
      /^Did you mean batch\? Fields here: epochs, batch/,
    );
    assert.match(refusal({ data, batch: 4 }).hint ?? '', /^Did you mean train\.batch\?/);
    assert.match(refusal({ data, zzz: 4 }).hint ?? '', /^Fields here: schemaVersion, name, seed, data/);
    assert.match(
      refusal({ data, model: { name: 'abmli' } }).hint ?? '',
      /^Did you mean abmil\? Known models:/,
    );
  });

  it('takes a threshold of 0.5 without quotes', () => {
    assert.equal(parseJob({ data, validation: { threshold: 0.5 } }, 'job.yaml').validation.threshold, '0.5');
  });
});
