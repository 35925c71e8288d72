import { readdir, readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { FAULT_KINDS } from '../../engine/sandbox/faults.ts';
import { Contract } from '../../engine/sandbox/render/contract.ts';

describe('Render’s API as render-api.json describes it', () => {
  let contract: Contract;
  beforeAll(async () => {
    contract = await Contract.load();
  });

  test('finds a call by method and path', () => {
    const operation = contract.find('PUT', '/services/srv-1/env-vars/A%20KEY');
    expect(operation).toMatchObject({
      id: 'update-env-var',
      rateLimit: 'writes',
      path: { serviceId: 'srv-1', envVarKey: 'A KEY' },
    });
    expect(contract.find('PUT', '/services/srv-1')).toBeUndefined();
    expect(contract.find('GET', '/services/srv-1/more/and/more')).toBeUndefined();
  });

  test('reads the parameters of a query as values', () => {
    const query = new URLSearchParams('limit=5&name=a,b&includePreviews=false&unknown=1');
    expect(contract.find('GET', '/services')?.readRequest(query, undefined)).toEqual({
      query: { limit: 5, name: ['a', 'b'], includePreviews: false },
      problems: [],
    });
    const repeated = new URLSearchParams('status=live&status=canceled');
    expect(contract.find('GET', '/services/srv-1/deploys')?.readRequest(repeated, undefined).query).toEqual({
      status: ['live', 'canceled'],
    });
  });

  test('finds what is wrong with an answer', () => {
    const read = contract.find('GET', '/postgres/dpg-1/recovery');
    expect(
      read?.checkResponse(200, { recoveryStatus: 'AVAILABLE', startsAt: '2025-11-01T12:00:00Z' }),
    ).toEqual([]);
    expect(read?.checkResponse(200, { recoveryStatus: 'FINE' })).not.toEqual([]);
    expect(read?.checkResponse(200, { recoveryStatus: 'AVAILABLE', startsAt: 'lately' })).not.toEqual([]);
    expect(read?.checkResponse(200, undefined)).not.toEqual([]);
    expect(read?.checkResponse(418, {})).not.toEqual([]);
    const suspend = contract.find('POST', '/services/srv-1/suspend');
    expect(suspend?.checkResponse(202, undefined)).toEqual([]);
    expect(suspend?.checkResponse(202, {})).not.toEqual([]);
  });
});

describe('the fault kinds', () => {
  const folder = new URL('../../schemas/faults/', import.meta.url);

  test('have a schema each, of the form that step kinds have', async () => {
    const files = (await readdir(folder)).map((name) => name.replace('.schema.json', ''));
    expect(files.sort()).toEqual([...FAULT_KINDS].sort());
    for (const kind of FAULT_KINDS) {
      const schema = JSON.parse(await readFile(new URL(`${kind}.schema.json`, folder), 'utf8')) as {
        $id: string;
        properties: object;
      };
      expect(schema.$id).toBe(`https://drillbook.dev/schemas/faults/${kind}.schema.json`);
      expect(Object.keys(schema.properties)).toEqual(['with', 'output']);
      expect(() => new Ajv2020({ strict: false }).compile(schema)).not.toThrow();
    }
  });
});
