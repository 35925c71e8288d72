import type { Json } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';
import type { Reply } from '../ground/http.ts';
import { asText } from '../ground/text.ts';
import type { Call } from './call.ts';
import { activeServiceOf, mayResume, member, Refusal, serviceOf } from './call.ts';
import { deployDocument, serviceDocument } from './documents.ts';
import { DOMAIN_CALLS } from './domains.ts';
import { page } from './paging.ts';
import { POSTGRES_CALLS } from './postgres-calls.ts';
import type { Service } from './service.ts';

/** What the sandbox does for each operation of `render-api.json`. */
export const CALLS: Readonly<Record<string, (call: Call) => Reply | Promise<Reply>>> = {
  'list-services': ({ workspace, query }) => ({
    status: 200,
    body: page(
      Array.from(workspace.services.values(), (service) => serviceDocument(service, workspace)),
      'service',
      query,
    ),
  }),
  'retrieve-service': (call) => ({
    status: 200,
    body: serviceDocument(serviceOf(call), call.workspace),
  }),
  'update-service': (call) => {
    const service = serviceOf(call);
    const details = isJsonArray(call.body) ? undefined : call.body['serviceDetails'];
    const mode = isJsonObject(details) ? details['maintenanceMode'] : undefined;
    if (isJsonObject(mode)) {
      if (service.type !== 'web_service') throw new Refusal(400, 'only web services have a maintenance mode');
      service.setMaintenance({ enabled: mode['enabled'] === true, uri: asText(mode['uri']) ?? '' });
    }
    return { status: 200, body: serviceDocument(service, call.workspace) };
  },
  'suspend-service': (call) => {
    const service = serviceOf(call);
    if (call.workspace.outage.holds(service)) call.workspace.outage.keepDown(service);
    else if (!service.suspended) void service.suspend();
    return { status: 202 };
  },
  'resume-service': (call) => {
    const service = serviceOf(call);
    if (call.workspace.outage.letComeBack(service)) return { status: 202 };
    mayResume(call, service);
    if (service.suspended) service.resume();
    return { status: 202 };
  },
  'restart-service': (call) => {
    activeServiceOf(call, 400).restart();
    return { status: 200 };
  },
  'list-deploys': (call) => ({
    status: 200,
    body: page([...serviceOf(call).deploys].reverse().map(deployDocument), 'deploy', call.query),
  }),
  'create-deploy': (call) => {
    const mode = member(call.body, 'deployMode');
    if (mode === 'deploy_only' && member(call.body, 'commitId') !== undefined) {
      throw new Refusal(400, 'deployMode cannot be combined with commitId');
    }
    return {
      status: 201,
      body: deployDocument(activeServiceOf(call, 409).deploy('api', mode === 'deploy_only')),
    };
  },
  'retrieve-deploy': (call) => {
    const deploy = serviceOf(call).deploys.find(({ id }) => id === call.path['deployId']);
    if (deploy === undefined) throw new Refusal(404, 'deploy not found');
    return { status: 200, body: deployDocument(deploy) };
  },
  'get-env-vars-for-service': (call) => ({ status: 200, body: variablesPage(serviceOf(call), call.query) }),
  'update-env-vars-for-service': (call) => {
    const service = serviceOf(call);
    const inputs = (isJsonArray(call.body) ? call.body : []).filter(isJsonObject);
    service.replaceVariables(new Map());
    for (const input of inputs) service.setVariable(asText(input['key']) ?? '', asText(input['value']));
    return { status: 200, body: variablesPage(service, { limit: inputs.length }) };
  },
  'retrieve-env-var': (call) => {
    const key = call.path['envVarKey'] ?? '';
    const value = serviceOf(call).environment.get(key);
    if (value === undefined) throw new Refusal(404, 'environment variable not found');
    return { status: 200, body: { key, value } };
  },
  'update-env-var': (call) => {
    const key = call.path['envVarKey'] ?? '';
    return {
      status: 200,
      body: { key, value: serviceOf(call).setVariable(key, member(call.body, 'value')) },
    };
  },
  ...DOMAIN_CALLS,
  ...POSTGRES_CALLS,
};

function variablesPage(service: Service, query: Readonly<Record<string, Json>>): Json {
  const variables = Array.from(service.environment, ([key, value]) => ({ key, value }));
  return page(variables, 'envVar', query, ({ key }) => key);
}
