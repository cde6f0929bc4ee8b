# The authorizer's image: one file on a Node without shell or package manager. Both bases are named by tag, for people,
# and by digest, for the build, which does not start without one:
#   docker build --build-arg BUILD_DIGEST=sha256:… --build-arg RUNTIME_DIGEST=sha256:… -t …/authorizer:0.1.0 .
ARG BUILD_DIGEST
ARG RUNTIME_DIGEST

FROM docker.io/library/node:24.21.0-bookworm-slim@${BUILD_DIGEST} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# No package's script runs: esbuild's binary is a package of its own.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY ci/bundle-authorizer.js ci/
COPY src src
RUN npm run bundle

FROM gcr.io/distroless/nodejs24-debian12:nonroot@${RUNTIME_DIGEST}
# The pod's command is `node …` (src/constructs/envoy/sidecar.ts); this base has it outside of PATH.
ENV PATH=/nodejs/bin
# What probes from within (src/verify/probes): the guards hold the probe's pods to this file.
COPY --from=build --chown=0:0 --chmod=0444 /src/dist-bundle/probe-program.js /app/probe-program.js
# What agents start behind (src/start-gate).
COPY --from=build --chown=0:0 --chmod=0444 /src/dist-bundle/start-gate.js /app/start-gate.js
COPY --from=build --chown=0:0 --chmod=0444 /src/dist-bundle/authorizer.js /app/authorizer.js
# In numbers, so that the kubelet can tell that it is not root.
USER 65532:65532
ENTRYPOINT ["node", "/app/authorizer.js"]
