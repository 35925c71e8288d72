import type { RunRecord } from '../measure/record.ts';

interface Titled {
  readonly key: string;
  readonly title: string;
}

/**
 * The titles of phases and the like by their keys. Where several have one name, each says which playbook it is of;
 * those that are still alike are numbered.
 */
export function toldApart(some: readonly Titled[], { scopes }: RunRecord): ReadonlyMap<string, string> {
  const all = [...new Map(some.map((each) => [each.key, each])).values()];
  const calls = new Map(scopes.filter(({ kind }) => kind === 'call').map(({ key, title }) => [key, title]));
  const around = (key: string): string | undefined => {
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) {
      const title = calls.get(key.slice(0, end));
      if (title !== undefined) return title;
    }
    return undefined;
  };
  const full = all.map(({ key, title }) => {
    const call = all.some((other) => other.key !== key && other.title === title) ? around(key) : undefined;
    return { key, title: call === undefined ? title : `${title} (${call})` };
  });
  return new Map(
    full.map(({ key, title }) => {
      const alike = full.filter((other) => other.title === title);
      const number = alike.findIndex((other) => other.key === key) + 1;
      return [key, alike.length > 1 ? `${title}, ${String(number)}` : title];
    }),
  );
}
