/** All that touches bags and tensors. */
export type { Collective, StepKey } from './collective/collective.js';
export type { Bag } from './data/bag.js';
export type { MilModel } from './models/model.js';
export type { ObjectStore } from './storage/object-store.js';
