# A worker on NVIDIA GPUs: as worker-cpu, on CUDA 12 and cuDNN 9, with the library of TensorFlow's GPU wheel.
# In: a clone in which `npm run build` has run, as build context (`npm run images` does both).
# Out: an image whose processes are user 10001, run on a read-only root and write to /tmp only.
#
# NODE is where Node 20 or 22 and npm are taken from, CUDA what the library finds its own libraries in.
# Pin both by digest: --build-arg NODE=…@sha256:… --build-arg CUDA=…@sha256:…
ARG NODE=docker.io/library/node:20-bookworm-slim
ARG CUDA=docker.io/nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04

FROM ${NODE} AS node

FROM ${CUDA} AS packages
# Only for those behind a proxy: --build-arg, with the certificates mounted at the same path.
ARG NODE_EXTRA_CA_CERTS
ARG PIP_CERT
ARG PIP_INDEX_URL
WORKDIR /opt/bagfleet
# The binding is compiled here, not in NODE: it has to fit this system's C++ library.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends g++ python3-pip \
  && rm -rf /var/lib/apt/lists/*
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -sf ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
COPY package.json package-lock.json .npmrc ./
COPY proto/package.json proto/
COPY worker/package.json worker/
COPY orchestrator/package.json orchestrator/
RUN npm ci --no-audit --no-fund --loglevel=error
COPY scripts/setup scripts/setup
COPY scripts/images/install-tensorflow.mjs scripts/images/
ENV BAGFLEET_CACHE=/opt/bagfleet/cache
# The binding looks for the library at the path where it was when it was compiled: the same as in the image.
RUN node scripts/images/install-tensorflow.mjs gpu
COPY scripts/images/keep-what-runs.mjs scripts/images/
RUN npm prune --omit=dev --no-audit --no-fund && node scripts/images/keep-what-runs.mjs

FROM ${CUDA} AS runtime
ENV NODE_ENV=production BAGFLEET_CACHE=/opt/bagfleet/cache HOME=/tmp TF_CPP_MIN_LOG_LEVEL=1
WORKDIR /opt/bagfleet
COPY --from=node /usr/local/bin/node /usr/local/bin/node
RUN ln -s /opt/bagfleet/bin/bagfleet.js /usr/local/bin/bagfleet
COPY --from=packages /opt/bagfleet ./

# Last what changes with every line of code; the tests build this stage alone.
FROM runtime
COPY bin bin
COPY proto/dist proto/dist
COPY worker/dist worker/dist
COPY orchestrator/dist orchestrator/dist
USER 10001:10001
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["/opt/bagfleet/worker/dist/worker-main.js"]
