/**
 * The secret that pseudonyms are made with. In: a file. Out: its bytes, or an error that says how to make one. As ssh does,
 * it refuses a file that others may read.
 */
import { readFile, stat } from 'node:fs/promises';
import { BagfleetError } from '@bagfleet/proto/errors';

const LEAST_BYTES = 16;

export async function readKeyFile(path: string): Promise<Uint8Array> {
  const make = `Make one: (umask 077; openssl rand -hex 32 > ${path}), and keep it apart from the data.`;
  const refused = (message: string, hint: string, cause?: unknown) =>
    new BagfleetError('usage', message, {
      culprit: `--pseudonymize ${path}`,
      hint,
      ...(cause === undefined ? {} : { cause }),
    });
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw refused('others may read it', `chmod 600 ${path}`);
    const key = Buffer.from((await readFile(path, 'utf8')).trim());
    if (key.length < LEAST_BYTES)
      throw refused(`it has ${key.length} bytes, ${LEAST_BYTES} are the least`, make);
    return key;
  } catch (thrown) {
    if (thrown instanceof BagfleetError) throw thrown;
    throw refused(`it can't be read (${(thrown as NodeJS.ErrnoException).code})`, make, thrown);
  }
}
