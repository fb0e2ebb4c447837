/**
 * The objects of a bag's file under other keys: the file itself, and what lies beside it.
 * In: a part of a bag, a new key for each. Out: the part with them.
 */
import type { BagPart, ObjectEntry } from '@bagfleet/proto/dataset-manifest';

/** What an object of a part is. */
export type ObjectRole = 'file' | 'coords' | 'instanceLabels' | 'edges';

export function renameObjects<Part extends BagPart>(
  part: Part,
  rename: (key: string, role: ObjectRole) => string,
): Part {
  const renamed = <Entry extends ObjectEntry>(object: Entry, role: ObjectRole): Entry => ({
    ...object,
    key: rename(object.key, role),
  });
  const { coords, instanceLabels, edges } = part;
  return {
    ...renamed(part, 'file'),
    ...(coords && { coords: renamed(coords, 'coords') }),
    ...(instanceLabels && { instanceLabels: renamed(instanceLabels, 'instanceLabels') }),
    ...(edges && { edges: renamed(edges, 'edges') }),
  };
}
