import { expect, test } from 'vitest';
import { ownershipOf } from '../../../../engine/kinds/postgres/archive/ownership.ts';
import { parseScript } from '../../../../engine/kinds/postgres/archive/schema-script.ts';

const SCRIPT = String.raw`\restrict abc
--
-- Name: f(); Type: FUNCTION; Schema: public; Owner: writer
--

CREATE FUNCTION public.f() RETURNS void LANGUAGE sql AS $$
ALTER TABLE precious OWNER TO thief;
GRANT ALL ON precious TO thief;
$$;


ALTER FUNCTION public.f() OWNER TO writer;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: v; Type: VIEW; Schema: public; Owner: "Odd "" One"
--

CREATE VIEW public.v AS SELECT 1;


ALTER TABLE public.v OWNER TO "Odd "" One";

--
-- Name: TABLE users; Type: ACL; Schema: public; Owner: writer
--

REVOKE ALL ON TABLE public.users FROM PUBLIC;
GRANT SELECT(email),UPDATE ON TABLE public.users TO reader WITH GRANT OPTION;

--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: public; Owner: writer
--

ALTER DEFAULT PRIVILEGES FOR ROLE writer IN SCHEMA public GRANT SELECT ON TABLES TO reader;


--
-- Name: s; Type: SCHEMA; Schema: -; Owner: writer
--

CREATE SCHEMA s;


ALTER SCHEMA s OWNER TO writer;

--
-- PostgreSQL database dump complete
--

\unrestrict abc
`;

test('owners and grants are taken out, with each role replaced, and nothing of a body', () => {
  expect(ownershipOf(parseScript(SCRIPT), { writer: 'app', reader: 'Read Only', thief: 'x' })).toEqual({
    statements: [
      'ALTER FUNCTION public.f() OWNER TO "app";',
      'ALTER TABLE public.v OWNER TO "Odd "" One";',
      'REVOKE ALL ON TABLE public.users FROM PUBLIC;',
      'GRANT SELECT(email),UPDATE ON TABLE public.users TO "Read Only" WITH GRANT OPTION;',
      'ALTER DEFAULT PRIVILEGES FOR ROLE "app" IN SCHEMA public GRANT SELECT ON TABLES TO "Read Only";',
      'ALTER SCHEMA s OWNER TO "app";',
    ],
    roles: ['app', 'Odd " One', 'Read Only'],
    owners: ['app', 'Odd " One'],
  });
});
