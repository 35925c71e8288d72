import { renderId } from './ids.ts';

/** A name of one's own that leads to a service, once its DNS record does. */
export interface CustomDomain {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  verified: boolean;
}

export const customDomain = (name: string, verified: boolean): CustomDomain => ({
  id: renderId('cdm'),
  name,
  createdAt: new Date(),
  verified,
});
