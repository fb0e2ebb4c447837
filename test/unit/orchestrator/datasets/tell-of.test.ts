/** Names that say who somebody is, and names that do not. */
import assert from 'node:assert/strict';
import { tellOf } from '@bagfleet/orchestrator/datasets/warnings/tell-of';

const TELLING: Readonly<Record<string, readonly string[]>> = {
  'a date': ['scan_1962-03-14', '14.03.1962', '03-14-1962', 'slide 20190314', '2019_12_31_a', 'x19620314y'],
  'the name of a person': [
    'Mustermann_Erika',
    'Smith, John',
    'slide_Jane Roe',
    'Dr_Miller',
    'Herr Maier',
    'Øster_Åse',
  ],
  'a record number': ['MRN123456', 'mrn_0042', 'pid-99812', '1234567', 'case 87654321'],
  'an accession number': ['S19-12345', 'HS21.1234', 'slide S07-123'],
  'a social security number': ['078-05-1120', 'p 078-05-1120'],
};

const HARMLESS = [
  'TCGA-AA-3494-01Z-00-DX1.5a0c1c1b-3b6c-4f0e-8d9b-0b6f0a0a1b2c',
  'TCGA-2J-AAB1',
  '0005f7aaab2800f6170c399693a96917',
  '5a0c1c1b-3b6c-4f0e-8d9b-0b6f0a0a1b2c',
  ...[
    'slide_001',
    'normal_001',
    'test_012',
    'tumor_110',
    'patient_000_node_0',
    'BRACS_1228',
    'train-12',
    'b7',
  ],
  ...[
    'C3L-00001-21',
    'GTEX-1117F-0126',
    'Tumor_Normal',
    'Slide_Left',
    'Breast_Biopsy',
    'Gleason_Grade',
    'ucsb-3',
  ],
  ...[
    '10077',
    'case_0000123',
    '0000001',
    'h5_files',
    'features_uni_v1',
    '20x_256px_0px_overlap',
    'mnist-0005',
  ],
];

describe('a name that tells who somebody is', () => {
  for (const [look, names] of Object.entries(TELLING))
    for (const name of names) it(`${name}: ${look}`, () => assert.equal(tellOf(name), look));

  for (const name of HARMLESS) it(`not ${name}`, () => assert.equal(tellOf(name), null));
});
