/**
 * The reference page of the job file, docs/job-file.md: made from the schema, so it can't fall behind.
 * In: the job's JSON Schema. Out: Markdown.
 */
import { fieldsBelow, type JobField, type SchemaNode } from '@bagfleet/proto';

const INTRODUCTION = `# The job file

A job is one YAML (or JSON) file. Only \`data.manifest\` must be given; all else has a default.
\`bagfleet init\` writes a file with every field and its meaning, \`bagfleet validate job.yaml\` checks one,
\`bagfleet schema > job.schema.json\` exports a JSON Schema for editors.

\`\`\`yaml
name: mnist-bags
data:
  manifest: data/mnist-bags/manifest.json
model:
  name: lenet_abmil
train:
  epochs: 30
  batch: 8
fleet:
  workers: 2
\`\`\`

**Overrides.** Every field can be set on the command line, as often as needed: \`--set train.batch=16\`. The
value is read as YAML: \`null\`, \`true\`, \`[0.9, 0.99]\` and \`{ sensitivity: 0.9 }\` mean what they mean in
the file. \`--name\`, \`--seed\`, \`--epochs\`, \`--batch\`, \`--workers\`, \`--store\` and the S3 flags are short for
their fields and win over \`--set\`.

**Relative places.** \`data.manifest\` is relative to the job file's folder: job and data can be moved and used
from anywhere. \`store.uri\` is relative to the folder in which the command is typed, as \`--store\` is for
\`list\`, \`status\` and the others. A place given by a flag is always relative to where it is typed.

**The store.** A flag wins over the file, the file over the environment variable \`BAGFLEET_STORE\`, and that
over the default. Credentials never stand here: they come from the environment, a profile, SSO or a web
identity; a key pasted into a job file is refused.

**The batch is global.** More workers change neither batch nor learning rate nor result, only the time.
`;

export function referencePage(schema: SchemaNode): string {
  const fields = fieldsBelow(schema);
  const sections = fields.filter((field) => field.section);
  const top = fields.filter((field) => !field.section && !field.path.includes('.'));
  const parts = [
    INTRODUCTION,
    '## Top level\n',
    table(top),
    ...sections.flatMap((section) => chapter(section, fields)),
  ];
  return `${parts.join('\n')}`;
}

function chapter(section: JobField, fields: readonly JobField[]): string[] {
  const prefix = `${section.path}.`;
  const inner = fields.filter((field) => field.path.startsWith(prefix) && !field.section);
  const own = inner.filter((field) => !isInDeeperSection(field, section, fields));
  return [`## ${section.path}\n`, `${section.description}\n`, table(own)];
}

function isInDeeperSection(field: JobField, section: JobField, fields: readonly JobField[]): boolean {
  return fields.some(
    (other) =>
      other.section && other.path.startsWith(`${section.path}.`) && field.path.startsWith(`${other.path}.`),
  );
}

function table(fields: readonly JobField[]): string {
  const rows = fields.map((field) => {
    const cells = [`\`${field.path}\``, field.allowed, defaultText(field), field.description];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| field | allowed | default | meaning |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

function defaultText(field: JobField): string {
  return field.required ? '(must be given)' : `\`${JSON.stringify(field.default)}\``;
}
