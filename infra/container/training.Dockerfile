# What a cluster's Jobs run in: the repository at one commit, with the packages that the pipeline imports. Data and results are in a
# remote, never in the image. Build from the repository's folder, without uncommitted changes, and name the commit:
#   docker build -f infra/container/training.Dockerfile -t ghcr.io/jen/pumpkins:$(git rev-parse HEAD) .
FROM node:24.21.0-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY serving/package.json serving/
RUN npm ci --omit=dev --ignore-scripts \
  # ONNX Runtime ships libraries for every platform; keep only those for Linux.
  && cd node_modules/onnxruntime-node/bin/napi-v6 && ls | grep -v linux | xargs -r rm -rf

FROM node:24.21.0-trixie-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY data.lock.json ./
COPY platform platform
COPY pipeline pipeline
# The only folder that is written to; Jobs mount one of their own there.
RUN mkdir .mainstem && chown node:node .mainstem
USER node
ENTRYPOINT ["node", "pipeline/cli/cli.ts"]
