# syntax=docker/dockerfile:1

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
# What npm brings along all the same: Node for other hosts (the image has it), tools that are somebody's optional peers, libraries of other systems.
WORKDIR /app/node_modules
RUN rm -rf .bin node-linux-* onnxruntime-node/bin/napi-v*/win32 onnxruntime-node/bin/napi-v*/darwin \
    prisma @prisma/dev @prisma/studio-core effect elkjs react react-dom typescript

FROM node:24-slim
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/tmp/node-compile-cache \
    HOST=0.0.0.0 \
    PORT=3001 \
    DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY prisma/migrations prisma/migrations
COPY schema schema
COPY src src
RUN install -d -o node -g node -m 700 /data
# node, by its number, so that an orchestrator can see that it is not root
USER 1000:1000
VOLUME /data
EXPOSE 3001
# A stopping server gives running answers 10 s, and closes everything within 40 s.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=8", "src/main.ts"]
