/**
 * Reads a pickle of tensors, numbers and text, and nothing else: no code is ever run.
 * In: the bytes of data.pkl. Out: its value, or an error that says what in it is refused.
 */
import type { BagFile } from '../bag-file.js';
import { PickleMachine } from './pickle-machine.js';
import { nameOfOpcode, OPCODES, STOP } from './pickle-opcodes.js';
import type { PickleValue } from './pickle-values.js';

/** A bag's has some dozens; lists of names of tens of thousands of patches fit in, too. */
const MOST_OPCODES = 500_000;

/** @throws BagfleetError `bag-format` for every opcode and name that tensors do not need, and for broken pickles */
export function unpickle(bytes: Uint8Array, file: BagFile): PickleValue {
  const machine = new PickleMachine(bytes, file);
  for (let count = 0; count < MOST_OPCODES; count++) {
    const opcode = machine.takeByte();
    if (opcode === STOP) return machine.pop();
    const run = OPCODES.get(opcode);
    if (!run)
      throw machine.wrong(`the pickle uses ${nameOfOpcode(opcode)}, which tensors do not need: never run`);
    run(machine);
  }
  throw machine.wrong(`the pickle has more than ${MOST_OPCODES} steps`);
}
