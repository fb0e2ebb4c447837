/** A group of gRPC members in this process: real servers and streams on loopback. */
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import type { Collective } from '@bagfleet/worker/collective/collective';
import { connectGroup } from '@bagfleet/worker/collective/grpc-collective';
import { PeerServer } from '@bagfleet/worker/collective/peer-server';

export const TOKEN = 'token-of-this-test';

export interface LocalGroup {
  readonly servers: readonly PeerServer[];
  readonly members: readonly { readonly id: string; readonly address: string }[];
  connect(generation: number, deadlineMs: number): Promise<Collective[]>;
  /** Closes the servers, and with them every collective. */
  end(): Promise<void>;
}

const open = new Set<LocalGroup>();

/** For `afterEach`: ends what a test has left open, so that one that fails does not keep the process alive. */
export async function endLocalGroups(): Promise<void> {
  await Promise.all([...open].map((group) => group.end()));
}

export async function localServers(size: number, identity: RunIdentity | null = null): Promise<LocalGroup> {
  const servers = await Promise.all(
    Array.from({ length: size }, (_, rank) =>
      PeerServer.listen({ token: TOKEN, identity, workerId: `w${rank}` }),
    ),
  );
  const members = servers.map(({ workerId, address }) => ({ id: workerId, address }));
  const group: LocalGroup = {
    servers,
    members,
    connect: (generation, deadlineMs) =>
      Promise.all(
        servers.map((server, rank) =>
          connectGroup({ server, generation, rank, members, token: TOKEN, deadlineMs }),
        ),
      ),
    end: async () => {
      open.delete(group);
      await Promise.all(servers.map((server) => server.close()));
    },
  };
  open.add(group);
  return group;
}
