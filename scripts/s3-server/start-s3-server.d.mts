export interface S3ServerRequest {
  /** SeaweedFS needs Python with pip; versitygw needs Go. */
  readonly server?: 'seaweedfs' | 'versitygw';
  readonly bucket: string;
  /** For its data, settings and log; it is not removed when the server stops. */
  readonly folder: string;
  /** Gets a line when something has to be downloaded; stderr if not given. */
  readonly say?: (line: string) => void;
}

export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  /** Environment variables of somebody who may do everything. */
  readonly env: Readonly<Record<string, string>>;
  /** Environment variables of somebody who may only read the bucket (SeaweedFS only). */
  readonly readerEnv: Readonly<Record<string, string>>;
  /** Of `coordinator` and `worker`: they may do what a bucket policy lets them (SeaweedFS only). */
  readonly guestEnvs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  stop(): Promise<void>;
}

export function startS3Server(request: S3ServerRequest): Promise<S3Server>;
