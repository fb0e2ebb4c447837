# The coordinator and the command line: Node and the built packages, without TensorFlow's library.
# In: a clone in which `npm run build` has run, as build context (`npm run images` does both).
# Out: an image whose processes are user 10001, run on a read-only root and write to /tmp only.
#
# BASE is a Debian or Ubuntu with Node 20 or 22 and npm. Pin it by digest: --build-arg BASE=…@sha256:…
ARG BASE=docker.io/library/node:20-bookworm-slim

FROM ${BASE} AS packages
# Only for those behind a proxy: --build-arg, with the certificates mounted at the same path.
ARG NODE_EXTRA_CA_CERTS
WORKDIR /opt/bagfleet
COPY package.json package-lock.json .npmrc ./
COPY proto/package.json proto/
COPY worker/package.json worker/
COPY orchestrator/package.json orchestrator/
RUN npm ci --omit=dev --no-audit --no-fund --loglevel=error
COPY scripts/images/keep-what-runs.mjs scripts/images/
RUN node scripts/images/keep-what-runs.mjs

FROM ${BASE} AS runtime
ENV NODE_ENV=production HOME=/tmp
WORKDIR /opt/bagfleet
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
CMD ["/opt/bagfleet/bin/bagfleet.js"]
