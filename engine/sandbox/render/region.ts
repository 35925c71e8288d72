/** Where everything is that does not say otherwise. */
export const REGION = 'oregon';

/** Where everything can be moved to. */
export const BACKUP_REGION = 'virginia';
