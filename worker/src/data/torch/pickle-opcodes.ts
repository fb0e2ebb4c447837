/**
 * The opcodes that tensors, numbers, text, lists, tuples and dicts need (pickle protocols 2 to 5), and the names of
 * those that are refused. Python's pickletools.py describes them all.
 */
import { neverRun } from './pickle-errors.js';
import type { PickleMachine } from './pickle-machine.js';
import type { PickleValue } from './pickle-values.js';
import { callGlobal, findGlobal, isKind, loadStorage } from './torch-globals.js';

export const STOP = 0x2e;
const NEWEST_PROTOCOL = 5;

type Opcode = (machine: PickleMachine) => void;

export const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  // What it is.
  [0x80, protocol],
  [0x95, (m) => void m.take(8)], // FRAME: a promise about reading in pieces
  // Numbers and text.
  [code('N'), (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [code('K'), (m) => m.push(m.takeByte())],
  [code('M'), (m) => m.push(m.take(2).getUint16(0, true))],
  [code('J'), (m) => m.push(m.take(4).getInt32(0, true))],
  [0x8a, (m) => m.push(longNumber(m, m.takeByte()))],
  [0x8b, (m) => m.push(longNumber(m, m.take(4).getInt32(0, true)))],
  [code('G'), (m) => m.push(m.take(8).getFloat64(0, false))],
  [0x8c, (m) => m.push(m.takeText(m.takeByte()))],
  [code('X'), (m) => m.push(m.takeText(m.take(4).getUint32(0, true)))],
  [0x8d, (m) => m.push(m.takeText(Number(m.take(8).getBigUint64(0, true))))],
  // Lists, tuples, dicts.
  [code('('), (m) => m.mark()],
  [code('0'), (m) => void m.pop()],
  [code('1'), (m) => void m.popToMark()],
  [code(']'), (m) => m.push({ kind: 'list', items: [] })],
  [code('l'), (m) => m.push({ kind: 'list', items: m.popToMark() })],
  [code('a'), (m) => append(m, [m.pop()])],
  [code('e'), (m) => append(m, m.popToMark())],
  [code(')'), (m) => m.push(tupleOf([]))],
  [0x85, (m) => m.push(tupleOf(m.popMany(1)))],
  [0x86, (m) => m.push(tupleOf(m.popMany(2)))],
  [0x87, (m) => m.push(tupleOf(m.popMany(3)))],
  [code('t'), (m) => m.push(tupleOf(m.popToMark()))],
  [code('}'), (m) => m.push({ kind: 'dict', items: [] })],
  [code('d'), (m) => m.push({ kind: 'dict', items: inPairs(m, m.popToMark()) })],
  [code('s'), (m) => setItems(m, m.popMany(2))],
  [code('u'), (m) => setItems(m, m.popToMark())],
  // The memo.
  [code('q'), (m) => m.remember(m.takeByte())],
  [code('r'), (m) => m.remember(m.take(4).getUint32(0, true))],
  [0x94, (m) => m.remember('next')],
  [code('h'), (m) => m.push(m.recall(m.takeByte()))],
  [code('j'), (m) => m.push(m.recall(m.take(4).getUint32(0, true)))],
  // Tensors.
  [code('c'), (m) => m.push(findGlobal(m.takeLine(), m.takeLine(), m.file))],
  [0x93, stackGlobal],
  [code('R'), reduce],
  [code('Q'), (m) => m.push(loadStorage(m.pop(), m.file))],
  [code('b'), build],
  // Calls a name that stands in the pickle itself: told by it.
  [
    code('i'),
    (m) => {
      throw neverRun(m.file, `${m.takeLine()}.${m.takeLine()}`);
    },
  ],
]);

/** Those that would make or change objects, or bring in what is not in the file; others go by their number. */
const REFUSED: ReadonlyMap<number, string> = new Map([
  [code('o'), 'OBJ'],
  [0x81, 'NEWOBJ'],
  [0x92, 'NEWOBJ_EX'],
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
  [code('P'), 'PERSID'],
  [code('2'), 'DUP'],
  [0x97, 'NEXT_BUFFER'],
]);

export function nameOfOpcode(opcode: number): string {
  return REFUSED.get(opcode) ?? `0x${opcode.toString(16).padStart(2, '0')}`;
}

function code(character: string): number {
  return character.charCodeAt(0);
}

function tupleOf(items: readonly PickleValue[]): PickleValue {
  return { kind: 'tuple', items };
}

function protocol(machine: PickleMachine): void {
  const version = machine.takeByte();
  if (version < 2 || version > NEWEST_PROTOCOL) throw machine.wrong(`the pickle is of protocol ${version}`);
}

/** Little-endian two's complement; what needs more than 8 bytes counts nothing here. */
function longNumber(machine: PickleMachine, length: number): number {
  if (length < 0 || length > 8) throw machine.wrong(`the pickle has a number of ${length >>> 0} bytes`);
  const view = machine.take(length);
  let value = 0n;
  for (let i = 0; i < length; i++) value |= BigInt(view.getUint8(i)) << BigInt(8 * i);
  return Number(BigInt.asIntN(Math.max(1, 8 * length), value));
}

function append(machine: PickleMachine, values: readonly PickleValue[]): void {
  const list = machine.top();
  if (!isKind(list, 'list')) throw machine.wrong('the pickle appends to what is no list');
  for (const value of values) list.items.push(value);
}

function setItems(machine: PickleMachine, values: PickleValue[]): void {
  const dict = machine.top();
  if (!isKind(dict, 'dict')) throw machine.wrong('the pickle sets items of what is no dict');
  for (const value of inPairs(machine, values)) dict.items.push(value);
}

function inPairs(machine: PickleMachine, values: PickleValue[]): PickleValue[] {
  if (values.length % 2 !== 0) throw machine.wrong('the pickle has a dict with a key and no value');
  return values;
}

function stackGlobal(machine: PickleMachine): void {
  const [module, name] = machine.popMany(2);
  if (typeof module !== 'string' || typeof name !== 'string')
    throw machine.wrong('the pickle calls what is no name');
  machine.push(findGlobal(module, name, machine.file));
}

function reduce(machine: PickleMachine): void {
  const [called, args] = machine.popMany(2);
  if (!isKind(args, 'tuple')) throw machine.wrong('the pickle calls something without arguments');
  machine.push(callGlobal(called, args, machine.file));
}

/**
 * A module's state_dict() is an OrderedDict with an attribute, the versions of its layers: passed over, nothing is made.
 */
function build(machine: PickleMachine): void {
  const [attributes, target] = [machine.pop(), machine.top()];
  if (isKind(target, 'dict') && isKind(attributes, 'dict')) return;
  throw machine.wrong(
    'the pickle uses BUILD on something other than a dict, which tensors do not need: never run',
  );
}
