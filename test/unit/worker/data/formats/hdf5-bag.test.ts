/** Bags in HDF5 files, as CLAM, TRIDENT and h5py write them; and such as nobody should write. */
import { hdf5Bag } from '@bagfleet/worker/data/formats/hdf5-bag';
import { bagFixtures } from '../../../../support/bag-fixtures.js';
import { bagFormatContract } from '../../../../support/bag-format-contract.js';

const { bags } = bagFixtures('hdf5', '.h5');

bagFormatContract(hdf5Bag, bags, { headerReads: 1, cut: /^bag-truncated$/, noisyRuns: 3000 });
