/**
 * A file that appears only when it is complete: written beside its place, renamed at the end.
 */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { BagfleetError } from '@bagfleet/proto';

export class WholeFile {
  readonly #path: string;
  readonly #draft: string;
  #handle: FileHandle | null;

  private constructor(path: string, draft: string, handle: FileHandle) {
    this.#path = path;
    this.#draft = draft;
    this.#handle = handle;
  }

  static async open(path: string): Promise<WholeFile> {
    const draft = `${path}.${process.pid}.part`;
    try {
      return new WholeFile(path, draft, await open(draft, 'w'));
    } catch (cause) {
      throw new BagfleetError('usage', `can't be written (${(cause as NodeJS.ErrnoException).code})`, {
        culprit: path,
        hint: 'Give a file in a folder that is there and that you may write to.',
        cause,
      });
    }
  }

  async write(content: string | Uint8Array): Promise<void> {
    await this.#handle?.writeFile(content);
  }

  /** Puts the file in its place, over an older one. */
  async commit(): Promise<void> {
    await this.#close();
    await rename(this.#draft, this.#path);
  }

  /** Removes what was not committed; after a commit it does nothing. */
  async discard(): Promise<void> {
    await this.#close();
    await rm(this.#draft, { force: true });
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }
}
