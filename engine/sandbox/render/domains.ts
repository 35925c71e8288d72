import { isJsonArray } from '../../base/json.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Reply } from '../ground/http.ts';
import type { Call } from './call.ts';
import { member, Refusal, serviceOf } from './call.ts';
import type { CustomDomain } from './custom-domain.ts';
import { customDomain } from './custom-domain.ts';
import { page } from './paging.ts';
import type { Service } from './service.ts';

/** What the sandbox does for each operation on custom domains. */
export const DOMAIN_CALLS: Readonly<Record<string, (call: Call) => Reply>> = {
  'list-custom-domains': (call) => {
    const service = serviceOf(call);
    const documents = [...service.domains.values()].map((domain) => domainDocument(domain, service));
    return { status: 200, body: page(documents, 'customDomain', call.query) };
  },
  'create-custom-domain': (call) => {
    const service = serviceOf(call);
    const name = (isJsonArray(call.body) ? undefined : member(call.body, 'name')) ?? '';
    if (service.type !== 'web_service') throw new Refusal(400, 'only web services have custom domains');
    const owner = [...call.workspace.services.values()].find(({ domains }) => domains.has(name));
    if (owner !== undefined) throw new Refusal(409, `${name} is in use by ${owner.name} already`);
    const domain = customDomain(name, false);
    service.domains.set(name, domain);
    return { status: 201, body: [domainDocument(domain, service)] };
  },
  'retrieve-custom-domain': (call) => ({
    status: 200,
    body: domainDocument(domainOf(call), serviceOf(call)),
  }),
  'delete-custom-domain': (call) => {
    serviceOf(call).domains.delete(domainOf(call).name);
    return { status: 204 };
  },
  'refresh-custom-domain': (call) => {
    const domain = domainOf(call);
    domain.verified = call.workspace.leads.get(domain.name)?.() === serviceOf(call).url;
    return { status: 202 };
  },
};

function domainOf(call: Call): CustomDomain {
  const wanted = call.path['customDomainIdOrName'];
  const found = [...serviceOf(call).domains.values()].find(
    ({ id, name }) => id === wanted || name === wanted,
  );
  if (found === undefined) throw new Refusal(404, 'custom domain not found');
  return found;
}

const domainDocument = ({ id, name, createdAt, verified }: CustomDomain, service: Service): JsonObject => ({
  id,
  name,
  domainType: name.split('.').length > 2 ? 'subdomain' : 'apex',
  publicSuffix: name.split('.').at(-1) ?? '',
  redirectForName: '',
  verificationStatus: verified ? 'verified' : 'unverified',
  createdAt: createdAt.toISOString(),
  server: { id: service.id, name: service.name },
});
