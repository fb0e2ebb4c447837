/** Which messages of the session a fault may drop, by the names that orders use. */
import { DROPPABLE, type Droppable } from '@bagfleet/proto';
import type { SessionRequest, SessionResponse } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';

export function droppable(message: SessionRequest['message'] | SessionResponse['message']): Droppable | null {
  return DROPPABLE.find((name) => name === `session.${message.case}`) ?? null;
}
