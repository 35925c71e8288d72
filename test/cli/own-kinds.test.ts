import { describe, expect, it } from 'vitest';
import type { Event } from '../../engine/model/event.ts';
import { drillbook } from '../rig/drillbook.ts';
import { COMPILED, PLAYBOOK, SCHEMA, digest, projectWithKind, staging } from '../rig/own-kind/project.ts';

const KIND = 'playbooks/kinds/own.set-flag.js';
const ENVIRONMENT = 'playbooks/environments/staging.yaml';
const TRUSTED = staging({ 'own.set-flag': digest(COMPILED) });
const ANSWERS = 'flags: flags.json\n';

const eventsIn = (stdout: string): readonly Event[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);

describe('a playbook with a kind of a user’s own', () => {
  it('is drilled as any other, and the run says which code it ran', async () => {
    const { cwd, read } = projectWithKind();
    const { exitCode, stdout } = await drillbook(['drill', 'maintenance', '--json'], { cwd });
    expect(exitCode).toBe(0);
    expect(read('flags.json')).toBe('{"readOnly":true}');
    const events = eventsIn(stdout);
    expect(events[0]).toMatchObject({
      type: 'run.started',
      ownKinds: [{ name: 'own.set-flag', sha256: digest(COMPILED), schema: SCHEMA }],
    });
    const done = events.find((event) => event.type === 'step.finished' && event.key === 'freeze');
    expect(done).toMatchObject({ outcome: 'succeeded', output: { was: false } });
  });

  it('fails as its StepError says, with what the kind thinks of it', async () => {
    const { cwd } = projectWithKind({ [ENVIRONMENT]: TRUSTED, 'answers.yaml': 'flags: missing.json\n' });
    const { exitCode, stdout } = await drillbook(
      ['drill', 'maintenance', '--env', 'staging', '--answers', 'answers.yaml', '--json'],
      { cwd },
    );
    expect(exitCode).toBe(3);
    const failed = eventsIn(stdout).find((event) => event.type === 'step.finished' && event.key === 'freeze');
    expect(failed).toMatchObject({
      outcome: 'failed',
      error: { code: 'noFlags', changed: 'nothing', hint: 'Is the application installed here?' },
    });
  });

  it('fails where the kind gives what its schema refuses', async () => {
    const wrong = COMPILED.replace('new Date().toISOString()', 'new Date()');
    expect(wrong).not.toBe(COMPILED);
    const { cwd } = projectWithKind({
      [KIND]: wrong,
      [ENVIRONMENT]: staging({ 'own.set-flag': digest(wrong) }),
      'answers.yaml': ANSWERS,
    });
    const { exitCode, stdout } = await drillbook(
      ['drill', 'maintenance', '--env', 'staging', '--answers', 'answers.yaml', '--json'],
      { cwd },
    );
    expect(exitCode).toBe(3);
    const failed = eventsIn(stdout).find((event) => event.type === 'step.finished' && event.key === 'freeze');
    expect(failed).toMatchObject({ outcome: 'failed', error: { code: 'badOutput', changed: 'maybe' } });
    expect(JSON.stringify(failed)).toContain('output.at: a Date');
  });
});

describe('the effect of a kind of a user’s own', () => {
  it.each([
    ['is unknown, whatever it says of itself', staging(), 'unknown'],
    ['is unknown where another file is trusted', staging({ 'own.set-flag': digest('') }), 'unknown'],
    ['is what it says where the policy names the digest of its file', TRUSTED, 'write'],
  ])('%s', async (_, environment, effect) => {
    const { cwd } = projectWithKind({ [ENVIRONMENT]: environment, 'answers.yaml': ANSWERS });
    const { exitCode, stdout } = await drillbook(
      ['plan', 'maintenance', '--env', 'staging', '--answers', 'answers.yaml', '--json'],
      { cwd },
    );
    expect(exitCode).toBe(0);
    const { steps } = JSON.parse(stdout) as { steps: readonly { effect: string; describe: string }[] };
    expect(steps[0]).toMatchObject({ effect, describe: 'Turn read-only mode on in flags.json' });
  });

  it('stops a drill outside of the sandbox, unless scripts are allowed or it is trusted', async () => {
    const args = ['drill', 'maintenance', '--env', 'staging', '--answers', 'answers.yaml', '--json'];
    const untrusted = projectWithKind({ [ENVIRONMENT]: staging(), 'answers.yaml': ANSWERS });
    const refused = await drillbook(args, untrusted);
    expect(refused.exitCode).toBe(3);
    expect(refused.stdout).toContain('nothing can be promised about what a script writes');
    expect(untrusted.read('flags.json')).toBe('{}');

    const trusted = projectWithKind({ [ENVIRONMENT]: TRUSTED, 'answers.yaml': ANSWERS });
    const passed = await drillbook(args, trusted);
    expect(passed.exitCode).toBe(0);
    expect(trusted.read('flags.json')).toBe('{"readOnly":true}');
  });

  it('opens a gate in a recovery: without a person nothing is done', async () => {
    const { cwd, read } = projectWithKind({ [ENVIRONMENT]: staging(), 'answers.yaml': ANSWERS });
    const { exitCode, stdout } = await drillbook(
      ['recover', 'maintenance', '--env', 'staging', '--answers', 'answers.yaml', '--json'],
      { cwd },
    );
    expect(exitCode).toBe(4);
    expect(eventsIn(stdout).some((event) => event.type === 'gate.opened' && event.key === 'freeze')).toBe(
      true,
    );
    expect(read('flags.json')).toBe('{}');
  });
});

describe('a run that is resumed', () => {
  const paused = async () => {
    const project = projectWithKind({
      [ENVIRONMENT]: TRUSTED,
      'answers.yaml': ANSWERS,
      'playbooks/maintenance.yaml': PLAYBOOK.replace(
        '    uses: own.set-flag\n',
        '    uses: own.set-flag\n    confirm: { message: Freeze it now? }\n',
      ),
    });
    const first = await drillbook(
      ['drill', 'maintenance', '--env', 'staging', '--answers', 'answers.yaml', '--json'],
      project,
    );
    expect(first.exitCode).toBe(4);
    return project;
  };

  it('goes on with the kind that it began with', async () => {
    const project = await paused();
    const { exitCode, stderr } = await drillbook(['resume', '--yes'], project);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(project.read('flags.json')).toBe('{"readOnly":true}');
  });

  it.each([
    ['was changed', (write: (path: string, text: string) => void) => write(KIND, `${COMPILED}// changed\n`)],
  ])('is refused when its code %s, and says what to put back', async (what, change) => {
    const project = await paused();
    change(project.write);
    const refused = await drillbook(['resume', '--yes'], project);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(`own.set-flag is not what it began with (${KIND} ${what})`);
    expect(refused.stderr).toContain(digest(COMPILED));
    expect(project.read('flags.json')).toBe('{}');
    // What happened can be read all the same.
    expect((await drillbook(['report'], project)).stdout).toContain('Maintenance');

    project.write(KIND, COMPILED);
    expect((await drillbook(['resume', '--yes'], project)).exitCode).toBe(0);
  });

  it('goes on with the schema that it began with', async () => {
    const project = await paused();
    project.write('playbooks/kinds/own.set-flag.schema.json', '{}');
    expect((await drillbook(['resume', '--yes'], project)).exitCode).toBe(0);
  });
});

describe('around it', () => {
  it('completion knows the kind, once drillbook schema has written the bundle', async () => {
    const project = projectWithKind();
    const { exitCode, stdout } = await drillbook(['schema'], project);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('playbooks/playbook.schema.json, with own.set-flag');
    expect(stdout).toContain('# yaml-language-server: $schema=playbook.schema.json');
    const bundle = JSON.parse(project.read('playbooks/playbook.schema.json')) as {
      $defs: Record<string, unknown>;
    };
    expect(JSON.stringify(bundle.$defs['step.own.set-flag'])).toContain(
      'Where the application reads its flags',
    );
    expect(JSON.stringify(bundle)).toContain(
      '{"const":"own.set-flag","description":"Turns read-only mode of the application on or off."}',
    );
    expect((await drillbook(['schema'], project)).exitCode).toBe(0);
    project.write('playbooks/playbook.schema.json', '{}');
    expect((await drillbook(['schema'], project)).stderr).toContain('Nothing was changed');
  });

  it('the pages tell what its step does, in the kind’s own words', async () => {
    const project = projectWithKind();
    expect((await drillbook(['docs'], project)).exitCode).toBe(0);
    expect(project.read('docs/playbooks/maintenance.md')).toContain('Turn read-only mode on');
  });

  it('check finds what a step gives it, and what is asked of its output', async () => {
    const project = projectWithKind({
      'playbooks/maintenance.yaml': PLAYBOOK.replace('on: true', 'off: true').replace(
        'output.was',
        'output.wsa',
      ),
    });
    const { exitCode, stdout } = await drillbook(['check'], project);
    expect(exitCode).toBe(2);
    expect(stdout).toContain('There is no key "off" here');
    expect(stdout).toContain('"on" is missing');
    expect(stdout).toMatch(/wsa[^]*Did you mean "was"/);
  });

  it('a misspelt name leads to it', async () => {
    const project = projectWithKind({
      'playbooks/maintenance.yaml': PLAYBOOK.replace('own.set-flag', 'own.set-flga'),
    });
    expect((await drillbook(['check'], project)).stdout).toContain('Did you mean "own.set-flag"?');
  });
});
