import type { Json, JsonObject } from '../base/json.ts';

/**
 * The version of each output for programs: it grows when a member changes its meaning, while new members may come at
 * any time. `schemas/output/` describes each.
 */
const VERSIONS = {
  audit: 1,
  check: 1,
  doctor: 1,
  findings: 1,
  history: 2,
  list: 1,
  monitor: 1,
  plan: 1,
  proofs: 1,
  queued: 1,
  report: 2,
  runs: 1,
  schedule: 1,
  store: 1,
  workers: 1,
} as const;

/** An output for programs: one object that says what it is. Members that are undefined are left out. */
export const output = (
  name: keyof typeof VERSIONS,
  members: Readonly<Record<string, Json | undefined>>,
): JsonObject => ({ format: `drillbook-${name}`, version: VERSIONS[name], ...defined(members) });

/** Without the members that are undefined, as JSON wants it. */
export function defined(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}
