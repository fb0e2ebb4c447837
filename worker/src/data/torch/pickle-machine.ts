/**
 * The machine that a pickle drives: its bytes, a stack with marks, and a memo. All moves are checked.
 * Every opcode takes at least one byte and makes at most one value, and their number is bounded: so are time and
 * memory, whatever the bytes are.
 */
import type { BagFile } from '../bag-file.js';
import { pickleWrong } from './pickle-errors.js';
import type { PickleValue } from './pickle-values.js';

export class PickleMachine {
  readonly file: BagFile;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack at the marks that are open. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, file: BagFile) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
  }

  /** The next `length` bytes, as a view. */
  take(length: number): DataView {
    const start = this.at;
    if (length > this.bytes.length - start) throw this.wrong('the pickle ends in the middle of a value');
    this.at += length;
    return new DataView(this.view.buffer, this.view.byteOffset + start, length);
  }

  takeByte(): number {
    if (this.at >= this.bytes.length) throw this.wrong('the pickle has no end');
    return this.bytes[this.at++];
  }

  takeText(length: number): string {
    const { buffer, byteOffset } = this.take(length);
    return Buffer.from(buffer, byteOffset, length).toString('utf8');
  }

  takeLine(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.wrong('the pickle ends in the middle of a name');
    const line = this.takeText(end - this.at);
    this.at++;
    return line;
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.length > this.floor() ? this.stack.pop() : undefined;
    if (value === undefined) throw this.wrong('the pickle takes a value that is not there');
    return value;
  }

  top(): PickleValue {
    const value = this.stack.length > this.floor() ? this.stack.at(-1) : undefined;
    if (value === undefined) throw this.wrong('the pickle looks at a value that is not there');
    return value;
  }

  /** The `count` topmost values, in their order. */
  popMany(count: number): PickleValue[] {
    if (this.stack.length - count < this.floor())
      throw this.wrong('the pickle takes values that are not there');
    return this.stack.splice(this.stack.length - count);
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** What lies above the last mark, which is closed. */
  popToMark(): PickleValue[] {
    const height = this.marks.pop();
    if (height === undefined) throw this.wrong('the pickle closes a mark that it never set');
    return this.stack.splice(height);
  }

  remember(index: number | 'next'): void {
    this.memo.set(index === 'next' ? this.memo.size : index, this.top());
  }

  recall(index: number): PickleValue {
    const value = this.memo.get(index);
    if (value === undefined) throw this.wrong('the pickle recalls a value that it never remembered');
    return value;
  }

  wrong(message: string) {
    return pickleWrong(this.file, message);
  }

  private floor(): number {
    return this.marks.at(-1) ?? 0;
  }
}
