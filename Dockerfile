# drillbook with the programs that its steps and worlds start.
#
#   docker build -t drillbook .
#   docker run --rm -it -v "$PWD:/recovery" drillbook drill my-disaster
#
# Runs are kept below /recovery/.drillbook, which has to be outside of the container to outlive it.
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci --no-audit --no-fund && npm pack --silent --pack-destination /tmp

FROM node:22-bookworm-slim
# What steps start; PostgreSQL's server and Redis are for worlds of the version that Debian has.
RUN apt-get update -qq \
  && apt-get install -y -qq --no-install-recommends \
    bash ca-certificates curl git jq openssh-client postgresql postgresql-client procps python3 redis-server \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /tmp/drillbook-*.tgz /tmp/
# Install scripts link the libraries of the PostgreSQL that npm brings.
RUN npm install --global --no-audit --no-fund /tmp/drillbook-*.tgz && rm /tmp/drillbook-*.tgz
WORKDIR /recovery
# A database server refuses to run as root.
USER node
ENTRYPOINT ["drillbook"]
CMD ["--help"]
