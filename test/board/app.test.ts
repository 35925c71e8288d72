import { describe, expect, it } from 'vitest';
import fc from '../rig/fast-check.ts';
import { ORIGIN, RUN, TestBoard } from './rig.ts';

const PATHS = [
  ...['/', '/logout', '/nothing', '/runs', `/runs/${RUN}`, '/runs/../runs', '/runs/%2e%2e'],
  ...[`/runs/${RUN}/events`, `/runs/${RUN}/answers`, `/runs/${RUN}/links`, `/runs/${RUN}/x`, '/enter/x/y'],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];

describe('the guard of the board', () => {
  it('lets nobody in who has no session, whatever is asked for and how, and tells nothing', async () => {
    const board = new TestBoard();
    for (const path of PATHS)
      for (const method of METHODS)
        for (const origin of [undefined, ORIGIN, 'http://evil.example']) {
          const headers = origin === undefined ? undefined : { origin };
          const answer = await board.ask(path, { method, ...(headers && { headers }) });
          const text = await answer.text();
          expect([401, 403, 429], `${method} ${path}`).toContain(answer.status);
          expect(text).not.toMatch(/database|db-7|k3fq|ada/);
        }
  });

  it('takes no cookie that it did not give', async () => {
    const board = new TestBoard();
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[\w-]{0,60}$/), async (secret) => {
        const answer = await board.get('/', `drillbook_7420=${secret}`);
        expect([401, 429]).toContain(answer.status);
      }),
      { numRuns: 50 },
    );
  });

  it('is no board under a name that is not its own', async () => {
    const board = new TestBoard();
    const cookie = await board.enter();
    const answer = await board.ask('http://evil.example:7420/', { headers: { cookie } });
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain(RUN);
  });

  it('takes forms of its own pages and of the same session only', async () => {
    const board = new TestBoard();
    const cookie = await board.enter();
    const form = await board.form(cookie);
    const said = { form, gate: 'switch#1', answer: 'pause', reason: 'lunch' };
    const send = (headers: Record<string, string>, body: Readonly<Record<string, string>>) =>
      board.ask(`/runs/${RUN}/answers`, {
        method: 'POST',
        headers: { cookie, ...headers },
        body: new URLSearchParams(body),
      });
    expect((await send({}, said)).status).toBe(403);
    expect((await send({ origin: 'null' }, said)).status).toBe(403);
    expect((await send({ origin: 'http://127.0.0.1:9999' }, said)).status).toBe(403);
    expect((await send({ origin: ORIGIN }, { ...said, form: 'x' })).status).toBe(403);
    expect(board.runs.said).toEqual([]);
    expect((await send({ origin: ORIGIN }, said)).status).toBe(303);
    expect(board.runs.said).toHaveLength(1);
  });

  it('ends a session after twelve hours, and refuses what comes too often', async () => {
    const board = new TestBoard();
    const cookie = await board.enter();
    expect((await board.get('/', cookie)).status).toBe(200);
    for (let tries = 0; tries < 30; tries += 1) await board.post('/enter', { link: 'guess' });
    expect((await board.post('/enter', { link: 'guess' })).status).toBe(429);
    board.clock.pass(12 * 3_600_000);
    expect((await board.get('/', cookie)).status).toBe(401);
  });
});

describe('coming in', () => {
  it('takes a link once: looking at it does not use it up', async () => {
    const board = new TestBoard();
    const link = board.loginLink();
    expect((await board.get(`/enter/${link}`)).status).toBe(200);
    expect((await board.get(`/enter/${link}`)).status).toBe(200);
    const entered = await board.post('/enter', { link });
    expect(entered.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await board.post('/enter', { link })).status).toBe(403);
    expect((await board.get(`/enter/${link}`)).status).toBe(403);
  });

  it('ends with logging out', async () => {
    const board = new TestBoard();
    const cookie = await board.enter();
    await board.post('/logout', {}, cookie);
    expect((await board.get('/', cookie)).status).toBe(401);
  });
});

describe('who only watches', () => {
  it('sees one run, without targets, outputs, notes and reasons, and answers nothing', async () => {
    const board = new TestBoard();
    const cookie = await board.enter();
    const form = await board.form(cookie);
    const watching = await board.enter(await board.watchLink(cookie));
    const page = await (await board.get(`/runs/${RUN}`, watching)).text();
    expect(page).toContain('Restore the &lt;b&gt;database&lt;/b&gt;');
    expect(page).not.toMatch(/db-7|OUTPUT|password|<form/);
    expect((await board.get('/', watching)).status).toBe(403);
    expect((await board.get(`/runs/${RUN}x`, watching)).status).toBe(403);
    const answered = await board.post(
      `/runs/${RUN}/answers`,
      { form, gate: 'switch#1', answer: 'go' },
      watching,
    );
    expect(answered.status).toBe(403);
    expect((await board.post(`/runs/${RUN}/links`, { form }, watching)).status).toBe(403);
    expect(board.runs.said).toEqual([]);
  });
});

describe('an answer', () => {
  const sent = async (board: TestBoard, said: Readonly<Record<string, string>>): Promise<number> => {
    const cookie = await board.enter();
    const form = await board.form(cookie);
    return (await board.post(`/runs/${RUN}/answers`, { form, gate: 'switch#1', ...said }, cookie)).status;
  };

  it('goes into the inbox of the run, as the person of the log-in', async () => {
    const board = new TestBoard();
    expect(await sent(board, { answer: 'go', typed: 'production' })).toBe(303);
    const body = {
      type: 'answer',
      run: RUN,
      by: 'ada',
      gate: 'switch#1',
      answer: 'go',
      values: { typed: 'production' },
    };
    expect(board.runs.said).toEqual([{ run: RUN, body }]);
    expect(board.told).toEqual([`ada answers go to "switch" of ${RUN}.`]);
  });

  it.each([
    ['to a question that is asked no more', { gate: 'switch#0', answer: 'go' }, 409],
    ['that is not offered', { answer: 'retry' }, 422],
    ['that belongs to the run’s own terminal', { answer: 'correct' }, 422],
    ['without the reason that it needs', { answer: 'decline' }, 422],
  ])('is refused %s', async (_, said, status) => {
    const board = new TestBoard();
    expect(await sent(board, said)).toBe(status);
    expect(board.runs.said).toEqual([]);
  });

  it('is refused of somebody whom the environment does not know, or whose signature it wants', async () => {
    for (const stands of ['unknown', 'signs'] as const) {
      const board = new TestBoard();
      board.runs.stands = stands;
      expect(await sent(board, { answer: 'pause', reason: 'lunch' })).toBe(403);
      const page = await (await board.get(`/runs/${RUN}`, await board.enter())).text();
      expect(page).toContain('class="warn"');
      expect(page).not.toContain('name="answer"');
    }
  });
});

describe('what is shown to whoever answers', () => {
  it('has all that the terminal shows of a gate, as text', async () => {
    const board = new TestBoard();
    const page = await (await board.get(`/runs/${RUN}`, await board.enter())).text();
    for (const words of [
      'Traffic goes to db-7.internal',
      'destructive',
      'rows: 120',
      'ada, brook',
      'cannot be undone',
    ])
      expect(page).toContain(words);
    expect(page).not.toContain('<script>traffic');
  });
});
