import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataScript } from '../../../engine/steps/postgres/data-script.ts';

const SCRIPT = String.raw`--
-- PostgreSQL database dump
--

\restrict abc

SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.users (id, email) FROM stdin;
1	a
2	COPY x FROM stdin;
3	\\.
4	-- Name: no entry
\.


--
-- Data for Name: none; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.none (id) FROM stdin;
\.


--
-- Name: users_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.users_id_seq', 4, true);


--
-- PostgreSQL database dump complete
--

\unrestrict abc

`;

function piecesOf(chunks: readonly Buffer[]): string[] {
  const script = new DataScript();
  const said: string[] = [];
  for (const chunk of chunks) {
    for (const piece of script.read(chunk)) {
      const text = piece.type === 'rows' ? piece.rows.toString() : piece.type === 'end' ? '' : piece.text;
      if (piece.type === 'rows') expect(text.endsWith('\n')).toBe(true);
      // Rows come in as many pieces as chunks.
      if (piece.type === 'rows' && said.at(-1)?.startsWith('rows ') === true)
        said.push((said.pop() ?? '') + text);
      else said.push(`${piece.type} ${text}`);
    }
  }
  return [...said, ...script.end().map((text) => `left ${text.trim()}`)];
}

const EXPECTED = [
  "settings SET client_encoding = 'UTF8';\nSELECT pg_catalog.set_config('search_path', '', false);",
  'copy COPY public.users (id, email) FROM stdin',
  'rows 1\ta\n2\tCOPY x FROM stdin;\n3\t\\\\.\n4\t-- Name: no entry\n',
  'end ',
  'copy COPY public.none (id) FROM stdin',
  'end ',
  "left SELECT pg_catalog.setval('public.users_id_seq', 4, true);",
];

test('settings, rows and sequences are told apart', () => {
  expect(piecesOf([Buffer.from(SCRIPT)])).toEqual(EXPECTED);
});

test('wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: SCRIPT.length }), { maxLength: 20 }), (cuts) => {
      const places = [...new Set([0, ...cuts, SCRIPT.length])].sort((a, b) => a - b);
      const chunks = places.slice(1).map((end, index) => Buffer.from(SCRIPT.slice(places[index] ?? 0, end)));
      expect(piecesOf(chunks)).toEqual(EXPECTED);
    }),
  );
  expect(piecesOf(Array.from(SCRIPT, (letter) => Buffer.from(letter)))).toEqual(EXPECTED);
});
