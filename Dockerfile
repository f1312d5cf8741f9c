# The scheduler and every other command. Needs DATABASE_URL: the embedded Postgres is left out.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY packaging ./packaging
COPY src ./src
RUN npm run build

FROM node:22-bookworm-slim
LABEL org.opencontainers.image.title="exa-monitor-sync" \
      org.opencontainers.image.description="Syncs the runs of every Exa monitor into Postgres" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
ENV NODE_ENV=production HTTP_HOST=0.0.0.0
# All that it uses of other packages is inside.
COPY --from=build /app/dist ./dist
COPY migrations ./migrations
COPY package.json LICENSE ./
# By number: Kubernetes' runAsNonRoot cannot look a name up. It is the image's user "node".
USER 1000:1000
EXPOSE 9464
# Alive, not ready: an old success is a reason to look, not to restart. Without HTTP there is nothing to ask. Not by
# fetch: loading it costs three times the processor time of all the rest, and on a busy machine that is a timeout.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["node", "-e", "const port = process.env.HTTP_PORT || '9464'; if (port !== '0') require('http').get({ host: '127.0.0.1', port, path: '/healthz' }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
# No init process in between: the program handles the signals itself and starts no children.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["schedule"]
