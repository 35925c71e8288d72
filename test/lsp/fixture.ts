/** A playbook with something of everything that an editor asks about. */
export const SHOP = `version: 1
id: shop
title: The shop is down
summary: An example.
needs: [databases.main]
inputs:
  since: { prompt: Since when?, type: time }
let:
  early: "\${{ inputs.since - duration('1h') }}"
rehearsals:
  none:
    fault: none
    answers: { since: "2026-01-01T00:00:00Z", count: go }
steps:
  - id: count
    title: Count the orders
    uses: sql.query
    with: { database: "\${{ env.databases.main }}", sql: select 1 }
    assert: [{ that: size(output.rows) > 0 }]
  - id: tell
    uses: part
    with: { part: announce }
    when: steps.count.output.count > 0
  - id: last
    uses: shell
    effect: none
    with:
      script: echo
      env: { ROWS: "\${{ steps.count.output.count }}", EARLY: "\${{ vars.early }}" }
outputs:
  rows: "\${{ steps.count.output.rows }}"
parts:
  announce:
    steps:
      - id: count
        uses: wait
        with: { for: 1s }
`;

/** The same where no answer of a rehearsal can mean two steps. */
export const CLEAR = SHOP.replace(', count: go', '');

export const STAGING = `version: 1
name: staging
kind: staging
databases:
  main: { url: { env: STAGING_URL } }
buckets:
  photos: { name: photos }
`;

/** The text with a mark before, behind or within the first place of a pattern. */
export const at = (text: string, place: string, shift = 0): string => {
  const offset = text.indexOf(place) + shift;
  return `${text.slice(0, offset)}|${text.slice(offset)}`;
};
