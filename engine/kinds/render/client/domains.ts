import type { Value } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { RenderClient } from './client.ts';

export interface CustomDomain {
  readonly id: string;
  readonly name: string;
  /** Its DNS records lead to the service, and Render has seen that. */
  readonly verified: boolean;
}

export const domainsPath = (service: string): string =>
  `/services/${encodeURIComponent(service)}/custom-domains`;

export const domainPath = (service: string, name: string): string =>
  `${domainsPath(service)}/${encodeURIComponent(name)}`;

export async function readDomains(client: RenderClient, service: string): Promise<readonly CustomDomain[]> {
  const domains: CustomDomain[] = [];
  for await (const json of client.list(domainsPath(service), 'customDomain')) domains.push(toDomain(json));
  return domains;
}

/** Undefined when the service does not have it. */
export async function findDomain(
  client: RenderClient,
  service: string,
  name: string,
): Promise<CustomDomain | undefined> {
  const domains = await readDomains(client, service);
  return domains.find((domain) => domain.name.toLowerCase() === name.toLowerCase());
}

function toDomain(json: Value): CustomDomain {
  const { id, name, verificationStatus } = isValueMap(json) ? json : {};
  if (typeof id === 'string' && typeof name === 'string') {
    return { id, name, verified: verificationStatus === 'verified' };
  }
  throw new StepError('Render answered with something that is not a custom domain', { code: 'badAnswer' });
}
