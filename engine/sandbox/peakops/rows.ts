/** How much a database in use holds when a world begins. */
export const ROWS = { users: 50, inspections: 5000, videos: 500 };

/** One every 20 minutes, so that the newest row of a quiet database is not from last year. */
export const INSPECTIONS_AN_HOUR = 3;

/** When the inspection n was made, of those that end where the world begins ($1). */
export const MADE = `$1::timestamptz - (${String(ROWS.inspections)} - n + 1) * interval '20 minutes'`;

/** When the video n was uploaded: ten minutes after the inspection that it belongs to, which is every tenth. */
export const UPLOADED = `$1::timestamptz - (${String(ROWS.inspections)} - 10 * n) * interval '20 minutes' - interval '10 minutes'`;

/** The inspections from the $2nd to the $3rd. */
export const INSPECTIONS = 'from generate_series($2::bigint, $3::bigint) n';

/** The videos of those. */
export const VIDEOS = 'from generate_series(($2::bigint + 9) / 10, $3::bigint / 10) n';

/** What the inspection n says. */
export const NOTES = `'Inspection ' || n || ': ' || repeat(md5(n::text) || ' ', 12)`;

/** Where the bytes of the video n are. */
export const KEY = `'uploads/' || n * 10 || '/' || md5('video' || n) || '.mp4'`;
