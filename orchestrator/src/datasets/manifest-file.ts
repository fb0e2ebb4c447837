/**
 * The manifest as a file: checked once more, one bag per line, the same bytes for the same dataset.
 */
import { type DatasetManifest, parseDatasetManifest } from '@bagfleet/proto/dataset-manifest';

export function manifestBytes(manifest: DatasetManifest): Uint8Array {
  const { bags, ...head } = parseDatasetManifest(manifest, manifest.name);
  const fields = Object.entries(head).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`,
  );
  const rows = bags.map((bag) => `    ${JSON.stringify(bag)}`);
  return Buffer.from(`{\n${fields.join('')}  "bags": [\n${rows.join(',\n')}\n  ]\n}\n`);
}
