/**
 * A small image with a shell, from the machine's own static busybox: it holds pods together and serves in tests.
 * In: nothing. Out: the image is in buildah's storage.
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildah, hasImage } from '../../../scripts/images/buildah.mjs';
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import { PAUSE_IMAGE } from './node-settings.js';
import { pathOf } from './path-of.js';

const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
CMD ["/bin/sleep", "1000000000"]
`;

export async function makeBusyboxImage(): Promise<void> {
  if (await hasImage(PAUSE_IMAGE)) return;
  const folder = makeTempFolder();
  try {
    copyFileSync(pathOf('busybox') ?? 'busybox', join(folder, 'busybox'));
    writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
    await buildah(['bud', '--isolation', 'chroot', '--tag', PAUSE_IMAGE, folder]);
  } finally {
    removeTempFolder(folder);
  }
}
