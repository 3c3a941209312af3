# Three stages: what production needs, that and the example, and the image that runs.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY gateway/package.json ./gateway/
# `node` among the development dependencies is for machines whose own Node is older; the image brings its own.
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24-slim AS demonstration
WORKDIR /app
COPY package.json package-lock.json ./
COPY gateway/package.json ./gateway/
RUN npm ci --no-audit --no-fund
COPY examples/mcp-server ./examples/mcp-server
COPY gateway ./gateway
USER node
EXPOSE 3001
# The example answers its metadata without a token.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+(process.env.PORT||3001)+'/.well-known/oauth-protected-resource').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "examples/mcp-server/main.ts"]

FROM node:24-slim AS server
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY config ./config
COPY views ./views
COPY src ./src
# A workspace: node_modules has no more of it than a link.
COPY gateway ./gateway
# The embedded store, for those who run without Redis.
RUN mkdir data && chown node:node data
VOLUME /app/data
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/readyz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "--disable-warning=ExperimentalWarning", "src/main.ts"]
