/**
 * What a pax header says of the entry after it: `27 path=…\n`, one record per line, lengths in bytes.
 */
import type { BagFile } from '../bag-file.js';
import { tarWrong } from './tar-errors.js';

/** Later records of one key count. */
export function readPaxRecords(bytes: Uint8Array, file: BagFile): ReadonlyMap<string, string> {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const [, digits = ''] = /^([0-9]{1,6}) /.exec(content.toString('latin1', at, at + 7)) ?? [];
    const end = at + Number(digits);
    const record = content.toString('utf8', at + digits.length + 1, end - 1);
    const equals = record.indexOf('=');
    if (digits === '' || end > content.length || content[end - 1] !== 0x0a || equals < 1)
      throw tarWrong(file, 'a pax header in its tar archive is not readable');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return records;
}
