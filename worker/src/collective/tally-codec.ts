/**
 * The tally as bytes: a few dozen per slot and one per block.
 * In: a Tally. Out: bytes, and back.
 *
 *   16 bytes digest of the plan | u32 blocks | u32 slots | blocks × i8 exponent | slots × slot
 *   slot: u32 slot | u32 bag | f64 loss | f64 weight | f32 compute ms | u8 finite | u8 outputs | outputs × f32
 */
import { BagfleetError } from '@bagfleet/proto';
import type { SlotTally, Tally } from './tally.js';

const DIGEST_BYTES = 16;
const HEAD_BYTES = DIGEST_BYTES + 8;
const SLOT_BYTES = 30;
const MOST_OUTPUTS = 255;

export function encodeTally(tally: Tally): Uint8Array {
  const bytes = new Uint8Array(tallyBytes(tally));
  const view = new DataView(bytes.buffer);
  bytes.set(digestToBytes(tally.plan), 0);
  view.setUint32(DIGEST_BYTES, tally.exponents.length, true);
  view.setUint32(DIGEST_BYTES + 4, tally.slots.length, true);
  bytes.set(
    new Uint8Array(tally.exponents.buffer, tally.exponents.byteOffset, tally.exponents.length),
    HEAD_BYTES,
  );
  let at = HEAD_BYTES + tally.exponents.length;
  for (const slot of tally.slots) at = writeSlot(view, at, slot);
  return bytes;
}

/** `from` names the sender. Errors: `peer-incompatible` for bytes that are no whole tally. */
export function decodeTally(bytes: Uint8Array, from: string): Tally {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const blocks = view.getUint32(DIGEST_BYTES, true);
    const count = view.getUint32(DIGEST_BYTES + 4, true);
    const exponents = new Int8Array(new Uint8Array(bytes.subarray(HEAD_BYTES, HEAD_BYTES + blocks)).buffer);
    const slots: SlotTally[] = [];
    let at = HEAD_BYTES + blocks;
    while (slots.length < count) {
      const slot = readSlot(view, at);
      slots.push(slot);
      at += slotBytes(slot);
    }
    if (at !== bytes.byteLength) throw new RangeError(`${bytes.byteLength - at} bytes too many`);
    return { plan: Buffer.from(bytes.subarray(0, DIGEST_BYTES)).toString('hex'), exponents, slots };
  } catch (cause) {
    throw new BagfleetError(
      'peer-incompatible',
      `sent a tally of ${bytes.byteLength} bytes that cannot be read`,
      {
        culprit: from,
        cause,
      },
    );
  }
}

function writeSlot(view: DataView, at: number, slot: SlotTally): number {
  view.setUint32(at, slot.slot, true);
  view.setUint32(at + 4, slot.bag, true);
  view.setFloat64(at + 8, slot.loss, true);
  view.setFloat64(at + 16, slot.weight, true);
  view.setFloat32(at + 24, slot.computeMs, true);
  view.setUint8(at + 28, slot.finite ? 1 : 0);
  view.setUint8(at + 29, slot.logits.length);
  for (const [i, logit] of slot.logits.entries()) view.setFloat32(at + SLOT_BYTES + 4 * i, logit, true);
  return at + slotBytes(slot);
}

function readSlot(view: DataView, at: number): SlotTally {
  const logits = new Float32Array(view.getUint8(at + 29));
  for (let i = 0; i < logits.length; i++) logits[i] = view.getFloat32(at + SLOT_BYTES + 4 * i, true);
  return {
    slot: view.getUint32(at, true),
    bag: view.getUint32(at + 4, true),
    loss: view.getFloat64(at + 8, true),
    weight: view.getFloat64(at + 16, true),
    computeMs: view.getFloat32(at + 24, true),
    finite: view.getUint8(at + 28) === 1,
    logits,
  };
}

function slotBytes(slot: SlotTally): number {
  if (slot.logits.length > MOST_OUTPUTS)
    throw new BagfleetError(
      'bug',
      `a slot has ${slot.logits.length} logits, at most ${MOST_OUTPUTS} fit a tally`,
    );
  return SLOT_BYTES + 4 * slot.logits.length;
}

function tallyBytes(tally: Tally): number {
  return HEAD_BYTES + tally.exponents.length + tally.slots.reduce((sum, slot) => sum + slotBytes(slot), 0);
}

function digestToBytes(digest: string): Uint8Array {
  const bytes = Buffer.from(digest, 'hex');
  if (bytes.length !== DIGEST_BYTES)
    throw new BagfleetError('bug', `${digest} is no digest of ${DIGEST_BYTES} bytes`);
  return bytes;
}
