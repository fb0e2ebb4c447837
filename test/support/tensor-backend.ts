/**
 * Loads this machine's tensor backend, native or WebAssembly, before the tests of the importing file run.
 */
import { loadBackend } from '@bagfleet/worker/engine/backend';

await loadBackend();
