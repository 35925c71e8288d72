import type { JsonObject } from '../../base/json.ts';
import type { Database } from './database.ts';
import type { Export } from './exports.ts';
import type { Deploy, Service } from './service.ts';
import type { Workspace } from './workspace.ts';

/** Things of the workspace as the API shows them; `render-api.json` holds the shapes. */

export function serviceDocument(service: Service, workspace: Workspace): JsonObject {
  const common = {
    env: 'python',
    runtime: 'python',
    envSpecificDetails: {
      buildCommand: 'pip install -r requirements.txt',
      startCommand: service.startCommand,
    },
    numInstances: 1,
    plan: 'starter',
    region: service.region,
    buildPlan: 'starter',
  };
  const web = {
    healthCheckPath: '/api/health/',
    openPorts: [{ port: 10_000, protocol: 'TCP' }],
    url: service.url,
    maintenanceMode: { ...service.maintenance },
  };
  return {
    id: service.id,
    autoDeploy: 'no',
    autoDeployTrigger: 'off',
    branch: 'main',
    createdAt: service.createdAt.toISOString(),
    dashboardUrl: `https://dashboard.render.com/${service.type === 'web_service' ? 'web' : 'worker'}/${service.id}`,
    name: service.name,
    notifyOnFail: 'default',
    ownerId: workspace.id,
    rootDir: '',
    slug: service.name,
    suspended: service.suspended ? 'suspended' : 'not_suspended',
    suspenders: suspenders(service, workspace),
    type: service.type,
    updatedAt: service.updatedAt.toISOString(),
    serviceDetails: service.type === 'web_service' ? { ...common, ...web } : common,
  };
}

export function deployDocument(deploy: Deploy): JsonObject {
  return {
    id: deploy.id,
    status: deploy.status,
    trigger: deploy.trigger,
    commit: { id: deploy.commit, message: 'The newest release', createdAt: deploy.createdAt.toISOString() },
    createdAt: deploy.createdAt.toISOString(),
    updatedAt: deploy.updatedAt.toISOString(),
    ...(deploy.startedAt !== undefined && { startedAt: deploy.startedAt.toISOString() }),
    ...(deploy.finishedAt !== undefined && { finishedAt: deploy.finishedAt.toISOString() }),
  };
}

export function databaseDocument(database: Database, workspace: Workspace): JsonObject {
  const { settings } = database;
  return {
    id: database.id,
    ipAllowList: settings.allowList.map((range) => ({ ...range })),
    createdAt: database.createdAt.toISOString(),
    updatedAt: database.updatedAt.toISOString(),
    dashboardUrl: `https://dashboard.render.com/d/${database.id}`,
    databaseName: database.databaseName,
    databaseUser: database.role,
    ...(settings.environmentId !== undefined && { environmentId: settings.environmentId }),
    highAvailabilityEnabled: settings.highAvailability,
    name: database.name,
    owner: { id: workspace.id, name: workspace.name, email: 'ops@sandbox.test', type: 'team' },
    plan: settings.plan,
    diskSizeGB: settings.diskSizeGB,
    region: database.region,
    readReplicas: settings.readReplicas.map((replica) => ({ ...replica })),
    role: 'primary',
    status: database.status,
    version: String(database.server.installation.binaries.version),
    suspended: database.suspended ? 'suspended' : 'not_suspended',
    suspenders: suspenders(database, workspace),
    diskAutoscalingEnabled: settings.diskAutoscaling,
    connectionPool: settings.connectionPool,
    parameterOverrides: settings.parameters,
  };
}

/** Without TLS, which a loopback does not need. */
export function connectionDocument(database: Database): JsonObject {
  const { hostname, port } = new URL(database.externalUrl);
  return {
    password: database.password,
    internalConnectionString: database.url,
    externalConnectionString: database.externalUrl,
    psqlCommand: `PGPASSWORD=${database.password} psql -h ${hostname} -p ${port} -U ${database.role} ${database.databaseName}`,
  };
}

/** The address is there once the archive is. */
export const exportDocument = (made: Export, ownUrl: string): JsonObject => ({
  id: made.id,
  createdAt: made.createdAt.toISOString(),
  ...(made.file !== undefined && { url: `${ownUrl}/exports/${made.fileName}?token=${made.token}` }),
});

const suspenders = (thing: Service | Database, workspace: Workspace): readonly string[] => {
  if (!thing.suspended) return [];
  const { outage } = workspace;
  if (!outage.holds(thing)) return ['user'];
  return outage.isKeptDown(thing) ? ['admin', 'user'] : ['admin'];
};
