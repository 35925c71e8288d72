import type { JsonObject } from '../base/json.ts';
import { isValueMap } from '../base/value.ts';
import type { Environment } from './environment.ts';

/** A message of what happened, as CloudEvents 1.0 has it: for programs that drillbook knows nothing of. */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** With the source it names one thing that happened: what comes twice is the same. */
  readonly id: string;
  /** `/drillbook/<environment>` */
  readonly source: string;
  /** `dev.drillbook.run.started` */
  readonly type: string;
  /** The run, or the alert. */
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** An attribute of drillbook's own: an exercise must not call anybody out of bed. */
  readonly drillbookmode?: string;
  readonly data: JsonObject;
}

/** Whose event it is: of which environment. */
export const sourceOfEvents = (environment: string): string =>
  `/drillbook/${encodeURIComponent(environment)}`;

/** What the names of all types begin with. */
export const EVENT_TYPE_PREFIX = 'dev.drillbook.';

/** Whether an environment names an address for events. */
export const tellsEvents = ({ data }: Environment): boolean => isValueMap(data['events']);
