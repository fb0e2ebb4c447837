/** The table of labels, wherever it lies. In: its URI or path. Out: its rows, or an error that names it. */
import { BagfleetError, type StoreOptions } from '@bagfleet/proto';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { splitUri } from '@bagfleet/worker/storage/store-uri';
import { type LabelTable, readLabels } from '../datasets/labels/labels-csv.js';

export async function readLabelsAt(uri: string, access: StoreOptions): Promise<LabelTable> {
  const { store: folder, key } = splitUri(uri);
  const store = await openStore(folder, access);
  try {
    const { bytes } = await store.get(key);
    return readLabels(new TextDecoder().decode(bytes), uri);
  } catch (thrown) {
    if (codeOf(thrown) !== 'store-missing') throw thrown;
    throw new BagfleetError('store-missing', 'there is no table of labels', {
      culprit: uri,
      hint: 'A CSV file with the columns id and label; say where it lies with `cron apply … --labels`.',
      cause: thrown,
    });
  } finally {
    store.close();
  }
}
