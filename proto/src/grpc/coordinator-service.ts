/**
 * The coordinator's gRPC service for grpc-js, made from the generated descriptors.
 * In: coordinator.proto. Out: a service definition and a client constructor with typed messages.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type ClientDuplexStream,
  type Metadata,
  makeGenericClientConstructor,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import {
  CoordinatorService,
  type SessionRequest,
  SessionRequestSchema,
  type SessionResponse,
  SessionResponseSchema,
} from '../gen/bagfleet/v1/coordinator_pb.js';
import { SCHEMA_VERSION } from '../schema-version.js';

export const coordinatorServiceDefinition = {
  session: {
    path: `/${CoordinatorService.typeName}/Session`,
    requestStream: true,
    responseStream: true,
    requestSerialize: (message: SessionRequest) => Buffer.from(toBinary(SessionRequestSchema, message)),
    requestDeserialize: (bytes: Buffer) => fromBinary(SessionRequestSchema, bytes),
    responseSerialize: (message: SessionResponse) => Buffer.from(toBinary(SessionResponseSchema, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(SessionResponseSchema, bytes),
  },
} satisfies ServiceDefinition;

export type SessionStream = ClientDuplexStream<SessionRequest, SessionResponse>;

export const CoordinatorClient = makeGenericClientConstructor(
  coordinatorServiceDefinition,
  CoordinatorService.typeName,
);

/** Opens a session; `metadata` carries the run's token. */
export function openSession(
  client: InstanceType<typeof CoordinatorClient>,
  metadata: Metadata,
): SessionStream {
  const method = client.session as unknown as (metadata: Metadata) => SessionStream;
  return method.call(client, metadata);
}

/** A message from a worker, with the schema version that the coordinator checks. */
export function sessionRequest(message: SessionRequest['message']): SessionRequest {
  return create(SessionRequestSchema, { schemaVersion: SCHEMA_VERSION, message });
}

/** A message from the coordinator, with the schema version that the worker checks. */
export function sessionResponse(message: SessionResponse['message']): SessionResponse {
  return create(SessionResponseSchema, { schemaVersion: SCHEMA_VERSION, message });
}
