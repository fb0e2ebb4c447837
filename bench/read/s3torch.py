"""Reads objects with s3torchconnector, as often as its standard input says, and times it.

In: arguments `bucket region threads`, AWS_ENDPOINT_URL in the environment, lines `prefix count`.
Out: a line of JSON for each: seconds, CPU seconds of this process, bytes.

Every object is read by `S3Reader.read()`, as a DataLoader's worker would, by several threads of one process that share a
client: its Rust core (AWS CRT) runs without the interpreter's lock.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from s3torchconnector._s3client import S3Client
from s3torchconnector._s3client.s3client_config import S3ClientConfig


def main() -> None:
    bucket, region, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    config = S3ClientConfig(force_path_style=True)
    client = S3Client(region, endpoint=os.environ["AWS_ENDPOINT_URL"], s3client_config=config)
    with ThreadPoolExecutor(threads) as pool:
        for line in sys.stdin:
            prefix, count = line.split()
            keys = [f"{prefix}/{index}" for index in range(int(count))]
            wall, cpu = time.perf_counter(), time.process_time()
            total = sum(pool.map(lambda key: len(client.get_object(bucket, key).read()), keys))
            row = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "bytes": total}
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
