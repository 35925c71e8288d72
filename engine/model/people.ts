import type { Value, ValueMap } from '../base/value.ts';
import { isValueList, isValueMap } from '../base/value.ts';

/** Somebody whom an environment knows. */
export interface Person {
  /** What the environment's file calls them. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** The public keys with which they sign (base/ed25519.ts). */
  readonly keys: readonly string[];
}

/** Those whom an environment lists under `people`, in its order; none where it lists nobody. */
export function peopleOf(data: ValueMap): readonly Person[] {
  const { people } = data;
  if (!isValueMap(people)) return [];
  return Object.entries(people).map(([id, person]) => {
    const { name, roles, keys } = isValueMap(person) ? person : {};
    return {
      id,
      name: typeof name === 'string' ? name : id,
      roles: textsOf(roles),
      keys: textsOf(keys),
    };
  });
}

/** Whom an environment knows by that name or short name; `anybody` where it lists nobody. */
export function personIn(data: ValueMap, name: string): Person | 'anybody' | undefined {
  const people = peopleOf(data);
  return people.length === 0 ? 'anybody' : people.find((each) => each.id === name || each.name === name);
}

/** The names of those who have a role, by `people` and by `roles`; undefined where nobody is named. */
export function holdersOf(data: ValueMap, role: string): readonly string[] | undefined {
  const people = peopleOf(data);
  const { roles } = data;
  const given = isValueMap(roles) && Object.hasOwn(roles, role) ? textsOf(roles[role]) : [];
  const named = given.map((text) => people.find(({ id }) => id === text)?.name ?? text);
  const holders = people.filter((person) => person.roles.includes(role)).map(({ name }) => name);
  const all = [...new Set([...named, ...holders])];
  return all.length === 0 ? undefined : all;
}

/** Those who can sign as somebody who has one of these roles: they are listed, and have a key. */
export function approversIn(data: ValueMap, roles: readonly string[]): readonly Person[] {
  const names = new Set(roles.flatMap((role) => holdersOf(data, role) ?? []));
  return peopleOf(data).filter(({ name, keys }) => names.has(name) && keys.length > 0);
}

/** Every role that an environment knows, by whichever way. */
export function rolesOf(data: ValueMap): readonly string[] {
  const { roles } = data;
  const listed = isValueMap(roles) ? Object.keys(roles) : [];
  return [...new Set([...listed, ...peopleOf(data).flatMap((person) => person.roles)])];
}

/** Who answered, for people: a decision that only some may make is said to be theirs. */
export function saidBy({
  by,
  role,
}: {
  readonly by: string;
  readonly role?: { readonly name: string; readonly person: string };
}): string {
  if (role === undefined) return by;
  return role.person === by ? `${by} (${role.name})` : `${by} for ${role.person} (${role.name})`;
}

function textsOf(value: Value | undefined): readonly string[] {
  const list = isValueList(value) ? value : [value];
  return list.filter((text) => typeof text === 'string');
}
