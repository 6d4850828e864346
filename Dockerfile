# An image of this repository that is a pod, a worker, or any other verb of the command:
#
#   docker build --tag meridian .
#   docker run --env-file production.env --publish 8080:8080 meridian serve generated/fraud --host 0.0.0.0
#
# For a project of your own, which depends on the package: the same without `npm run compile`. docs/deploy.md has it.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts && npm rebuild esbuild
COPY . .
RUN npm run compile && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# Nothing is written here: the user may not, and a read-only root file system does.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/meridian.config.ts ./
COPY --from=build /app/generated ./generated
USER node
EXPOSE 8080
# Of a pod. Whether to send requests is what /readyz says, to a load balancer.
HEALTHCHECK --interval=5s --timeout=2s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.MERIDIAN_PORT ?? 8080) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself is the first process: SIGTERM reaches it.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve", "generated/fraud", "--host", "0.0.0.0"]
