/** What both sides must agree on. */
export * from './checkpoint-manifest.js';
export * from './counter-rng.js';
export * from './cron-files.js';
export * from './dataset-manifest.js';
export * from './epoch-order.js';
export * from './errors.js';
export * from './fault-order.js';
export * from './fleet-spec.js';
export * from './job-error.js';
export * from './job-fields.js';
export * from './job-spec.js';
export * from './log-line.js';
export * from './nearest-word.js';
export * from './run-files.js';
export * from './schema-version.js';
export * from './split-bags.js';
export * from './step-plan.js';
