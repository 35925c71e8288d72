import { isIP } from 'node:net';
import type { Value } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { RenderClient } from './client.ts';

/** A range of addresses from which an instance can be reached. */
export interface AllowedRange {
  readonly cidrBlock: string;
  readonly description: string;
}

export async function readAllowList(client: RenderClient, id: string): Promise<readonly AllowedRange[]> {
  const postgres = await client.get(`/postgres/${encodeURIComponent(id)}`);
  const list = isValueMap(postgres) ? postgres['ipAllowList'] : undefined;
  if (list !== undefined && isValueList(list)) return rangesIn(list);
  throw new StepError('Render does not tell the allow list of this database', { code: 'badAnswer' });
}

export const rangesIn = (list: readonly Value[]): readonly AllowedRange[] =>
  list.filter(isValueMap).map(({ cidrBlock, description }) => ({
    cidrBlock: typeof cidrBlock === 'string' ? cidrBlock : '',
    description: typeof description === 'string' ? description : '',
  }));

/** `203.0.113.7` is that one address. Throws `StepError` for what is no address and no range. */
export function cidr(text: string): string {
  const [address = '', length, ...rest] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : undefined;
  const isRange = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (bits ?? 0));
  if (bits !== undefined && isRange && rest.length === 0) return `${address}/${length ?? bits}`;
  throw new StepError(`"${text}" is neither an IP address nor a range of them`, {
    code: 'usage',
    hint: 'Write 203.0.113.7 or 203.0.113.0/24.',
  });
}

export const isSameList = (left: readonly AllowedRange[], right: readonly AllowedRange[]): boolean =>
  left.length === right.length &&
  left.every(
    ({ cidrBlock, description }, index) =>
      right[index]?.cidrBlock === cidrBlock && right[index].description === description,
  );
