/**
 * How a worker's gRPC client reaches another worker: one channel, no retries, a wide window.
 */
import { channelTo } from '@bagfleet/proto/grpc/channel-to';
import { MAX_FRAME_BYTES } from '@bagfleet/proto/grpc/peer-service';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { type ChannelOptions, Client } from '@grpc/grpc-js';

/** What may be under way to us unread: HTTP/2's own 64 KiB would stop the sender after every few frames. */
const WINDOW_BYTES = 8 * 2 ** 20;

const CHANNEL: ChannelOptions = {
  'grpc.max_receive_message_length': MAX_FRAME_BYTES,
  'grpc-node.flow_control_window': WINDOW_BYTES,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
};

/** To whoever listens there, if it is a worker of this run. */
export function clientTo(address: string, identity: RunIdentity | null): Client {
  const channel = channelTo('worker', identity);
  return new Client(address, channel.credentials, { ...CHANNEL, ...channel.options });
}
