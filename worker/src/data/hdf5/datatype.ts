/**
 * The type of a dataset's values.
 * In: a datatype message. Out: a type of number and its byte order; an error that names it for all others.
 */
import type { NumberType } from '../formats/stored-array.js';
import type { Fields } from './fields.js';
import { hdf5Unread } from './hdf5-errors.js';

export interface Datatype {
  readonly type: NumberType;
  readonly bigEndian: boolean;
}

const CLASSES = [
  'integers',
  'floats',
  'times',
  'strings',
  'bit fields',
  'opaque',
  'compound',
  'references',
  'enumerations',
  'lists or strings of variable length',
  'arrays',
  'complex',
];
const [INTEGER, FLOAT, BIT_FIELD, ENUMERATION] = [0, 1, 4, 8];

/** [bytes, sign, exponent from, its bits, mantissa from, its bits, bias] of what IEEE 754 and others define. */
const FLOATS: readonly (readonly [NumberType, string])[] = [
  ['float16', '2,15,10,5,0,10,15'],
  ['bfloat16', '2,15,7,8,0,7,127'],
  ['float32', '4,31,23,8,0,23,127'],
  ['float64', '8,63,52,11,0,52,1023'],
];
const INTEGERS: { readonly [bytes: number]: readonly [signed: NumberType, unsigned: NumberType] } = {
  1: ['int8', 'uint8'],
  2: ['int16', 'uint16'],
  4: ['int32', 'uint32'],
  8: ['int64', 'uint64'],
};

/** `name` of the dataset, for messages. */
export function readDatatype(fields: Fields, name: string): Datatype {
  const kind = fields.u8() & 0x0f;
  const bits = fields.uint(3);
  const bytes = fields.u32();
  const known = { [INTEGER]: integer, [FLOAT]: float, [BIT_FIELD]: bitField, [ENUMERATION]: enumeration }[
    kind
  ];
  const datatype = known?.(fields, bits, bytes, name);
  if (datatype) return datatype;
  throw hdf5Unread(
    fields.file,
    `its ${name} holds ${CLASSES[kind] ?? `values of class ${kind}`} of ${bytes} bytes, in a form that is not read`,
    'Save it as one of float16, float32, float64, uint8, int32, int64.',
  );
}

function integer(fields: Fields, bits: number, bytes: number): Datatype | undefined {
  const [from, precision] = [fields.u16(), fields.u16()];
  if (from !== 0 || precision !== 8 * bytes || !Object.hasOwn(INTEGERS, bytes)) return undefined;
  const [signed, unsigned] = INTEGERS[bytes];
  return { type: bits & 0x08 ? signed : unsigned, bigEndian: (bits & 1) !== 0 };
}

function float(fields: Fields, bits: number, bytes: number): Datatype | undefined {
  const [from, precision] = [fields.u16(), fields.u16()];
  const parts = [fields.u8(), fields.u8(), fields.u8(), fields.u8(), fields.u32()];
  const form = [bytes, (bits >> 8) & 0xff, ...parts].join();
  const known = FLOATS.find(([, wanted]) => wanted === form);
  const whole = from === 0 && precision === 8 * bytes && (bits & 0x70) === 0x20; // 0x20: the mantissa's 1 is implied
  return known && whole ? { type: known[0], bigEndian: (bits & 1) !== 0 } : undefined;
}

/** PyTables stores bool so. */
function bitField(_: Fields, __: number, bytes: number): Datatype | undefined {
  return bytes === 1 ? { type: 'bool', bigEndian: false } : undefined;
}

/** Two members of one byte, FALSE and TRUE, are NumPy's bool; of others the numbers count. */
function enumeration(fields: Fields, members: number, bytes: number, name: string): Datatype | undefined {
  const base = fields.part(12, fields.what);
  if ((base.bytes[0] & 0x0f) !== INTEGER) return undefined;
  const of = readDatatype(base, name);
  const names = Buffer.from(fields.take(Math.min(fields.left, 16))).toString('latin1');
  const bool = (members & 0xffff) === 2 && bytes === 1 && /^FALSE\0+TRUE\0/.test(names);
  return bool ? { ...of, type: 'bool' } : of;
}
