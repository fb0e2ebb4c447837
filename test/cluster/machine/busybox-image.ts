/**
 * A small image with a shell, from the machine's own static busybox: it holds pods together and serves in tests.
 * In: the cache folder. Out: the path of an archive that containerd can import.
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildah } from '../../../scripts/images/buildah.mjs';
import { makeFolder } from '../../../scripts/setup/make-folder.mjs';
import { PAUSE_IMAGE } from './node-settings.js';
import { pathOf } from './path-of.js';

const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
CMD ["/bin/sleep", "1000000000"]
`;

export async function busyboxImage(cache: string): Promise<string> {
  const folder = join(cache, 'cluster', 'busybox-image');
  await makeFolder(folder, { dockerfile: DOCKERFILE, name: PAUSE_IMAGE }, async (unfinished) => {
    copyFileSync(pathOf('busybox') ?? 'busybox', join(unfinished, 'busybox'));
    writeFileSync(join(unfinished, 'Dockerfile'), DOCKERFILE);
    await buildah(['bud', '--isolation', 'chroot', '--tag', PAUSE_IMAGE, unfinished]);
    await buildah(['push', PAUSE_IMAGE, `docker-archive:${join(unfinished, 'image.tar')}:${PAUSE_IMAGE}`]);
  });
  return join(folder, 'image.tar');
}
