import type { StepContext } from '../../../model/kind.ts';
import type { Postgres } from './resources.ts';

/** A database that a step created, for whatever takes one. Its connection string is asked of Render when it is used. */
export const databaseHandle = (context: Pick<StepContext, 'step'>, database: Postgres) => ({
  $ref: 'render.postgres',
  id: database.id,
  name: database.name,
  created: context.step,
  region: database.region,
});
