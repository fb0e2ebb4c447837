/**
 * The version of everything that bagfleet's parts say to each other and leave in the store.
 * It is in every message and file; a part that meets another version refuses it by name.
 */
export const SCHEMA_VERSION = 1;
