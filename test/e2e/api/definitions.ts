/** Agent definitions as requests; what agents make of them is in agent-definitions.test.ts. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';

export function definitionsApi(api: () => DescribedApi, workspace: () => string): void {
  const textOf = (name: string, more = '') =>
    `---\nname: ${name}\ndescription: Is ${name}.\n${more}---\n\nBe ${name}.\n`;
  const put = (name: string, more = '', headers: Record<string, string> = {}) =>
    api().request('PUT', `/api/definitions/${name}`, { text: textOf(name, more) }, headers);
  const agentOf = (definition: string | null, more: object = {}) =>
    api().request('POST', '/api/agents', {
      name: `defined ${randomUUID()}`,
      kind: 'claude',
      workspace: { path: workspace() },
      ...(definition === null ? {} : { definition }),
      ...more,
    });

  test('a definition is written, read, listed, changed and removed', async () => {
    const written = await put('plain', 'tools: Read, Grep\ncolor: blue\n');
    expect(written).toMatchObject({
      status: 200,
      body: {
        name: 'plain',
        file: 'plain.md',
        description: 'Is plain.',
        tools: ['Read', 'Grep'],
        instructions: 'Be plain.',
        problems: [],
        agents: [],
      },
    });
    const read = await api().request('GET', '/api/definitions/plain');
    expect(read.body).toEqual(written.body);
    expect(read.headers.get('etag')).toBe(`"${read.body.version}"`);
    const listed = (await api().request('GET', '/api/definitions')).body;
    const { text: _text, instructions: _instructions, ...entry } = read.body;
    expect(listed).toContainEqual(entry);
    const changed = await api().request('PATCH', '/api/definitions/plain', { instructions: 'Be short.', tools: null });
    expect(changed.body).toMatchObject({ instructions: 'Be short.', description: 'Is plain.' });
    expect(changed.body.text).toBe('---\nname: plain\ndescription: Is plain.\ncolor: blue\n---\n\nBe short.\n');
    expect(changed.body).not.toHaveProperty('tools');
    expect((await api().request('DELETE', '/api/definitions/plain')).status).toBe(204);
    for (const [method, body] of [['GET'], ['DELETE'], ['PATCH', {}]] as const)
      expect(await api().request(method, '/api/definitions/plain', body)).toMatchObject({
        status: 404,
        body: { code: 'DEFINITION_NOT_FOUND' },
      });
  });

  test('it is changed only from the version that was read, and one of many writers wins', async () => {
    const { body: first } = await put('contested');
    const from = { 'if-match': `"${first.version}"` };
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_unused, index) =>
        api().request('PATCH', '/api/definitions/contested', { instructions: `Be ${index}.` }, from),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412, 412, 412]);
    const won = answers.find(({ status }) => status === 200);
    expect((await api().request('GET', '/api/definitions/contested')).body).toEqual(won?.body);
    for (const answer of [
      await put('contested', '', from),
      await api().request('DELETE', '/api/definitions/contested', undefined, from),
      await put('not yet there', '', from),
    ])
      expect(answer).toMatchObject({ status: 412, body: { code: 'VERSION_CONFLICT' } });
    expect((await put('contested', '', { 'if-match': `"${won?.body.version}"` })).body).toEqual(first);
    await api().request('DELETE', '/api/definitions/contested');
  });

  test('what is not valid is refused with line and field, and nothing is changed', async () => {
    const { body: before } = await put('kept');
    const broken = '---\nname: kept\ncolor: red\npermissionMode: root\n---\n';
    const refused = await api().request('PUT', '/api/definitions/kept', { text: broken });
    expect(refused).toMatchObject({ status: 422, body: { code: 'DEFINITION_INVALID' } });
    expect(refused.body.problems).toMatchObject([
      { path: '/text/description', code: 'REQUIRED', line: 2 },
      { path: '/text/permissionMode', line: 4 },
    ]);
    expect(
      (await api().request('PUT', '/api/definitions/kept', { text: textOf('renamed') })).body.problems,
    ).toMatchObject([{ path: '/text/name' }]);
    expect(
      (await api().request('PATCH', '/api/definitions/kept', { instructions: 'a\u0000b' })).body.problems,
    ).toMatchObject([{ path: '', line: 6 }]);
    for (const body of [{ name: 'other' }, { permissionMode: 'root' }, { description: '' }])
      expect((await api().request('PATCH', '/api/definitions/kept', body)).body, JSON.stringify(body)).toMatchObject({
        code: 'INVALID_REQUEST',
      });
    expect((await api().request('GET', '/api/definitions/kept')).body).toEqual(before);
    await api().request('DELETE', '/api/definitions/kept');
  });

  test.each(['..', '%2e%2e%2fkeys', '.hidden', 'a%2fb', 'a%00b', 'a'.repeat(61)])(
    'the name %s is none',
    async (name) => {
      const { status } = await api().server.request('PUT', `/api/definitions/${name}`, { text: textOf('x') });
      expect(status).toBe(404);
    },
  );

  test('files are taken over all or none, and overwrite only when told to', async () => {
    const files = (...names: string[]) => names.map((name) => ({ file: `${name}.md`, text: textOf(name) }));
    const take = (body: object) => api().request('POST', '/api/definitions', body);
    const refused = await take({ files: [...files('one'), { file: 'two.md', text: '---\nname: two\n---\n' }] });
    expect(refused.body).toMatchObject({
      code: 'DEFINITION_INVALID',
      problems: [{ path: '/files/1/text/description', line: 2, message: expect.stringContaining('two.md: ') }],
    });
    expect((await take({ files: files('one', 'one') })).body.problems).toMatchObject([{ path: '/files/1/text/name' }]);
    expect((await api().request('GET', '/api/definitions/one')).status).toBe(404);
    expect((await take({ files: files('one', 'two') })).body).toEqual([
      { name: 'one', outcome: 'created' },
      { name: 'two', outcome: 'created' },
    ]);
    await put('two', 'color: red\n');
    expect(await take({ files: files('one', 'two', 'three') })).toMatchObject({
      status: 409,
      body: { code: 'DEFINITION_EXISTS', detail: expect.stringContaining('two') },
    });
    expect((await api().request('GET', '/api/definitions/three')).status).toBe(404);
    expect((await take({ files: files('one', 'two'), replace: true })).body).toEqual([
      { name: 'one', outcome: 'unchanged' },
      { name: 'two', outcome: 'changed' },
    ]);
    expect((await take({ files: [] })).status).toBe(422);
    for (const name of ['one', 'two']) await api().request('DELETE', `/api/definitions/${name}`);
  });

  test('an agent takes it over, follows it, and leaves it', async () => {
    await put('followed', 'model: opus\npermissionMode: plan\n');
    const { body: agent } = await agentOf('followed');
    expect(agent).toMatchObject({
      definition: 'followed',
      instructions: 'Be followed.',
      model: 'opus',
      permissionMode: 'plan',
    });
    const address = `/api/agents/${agent.id}`;
    expect((await api().request('GET', '/api/definitions/followed')).body.agents).toEqual([agent.name]);
    expect(await api().request('DELETE', '/api/definitions/followed')).toMatchObject({
      status: 409,
      body: { code: 'DEFINITION_IN_USE', detail: expect.stringContaining(agent.name) },
    });
    await api().request('PATCH', '/api/definitions/followed', { instructions: 'Be quick.', model: null });
    const followed = (await api().request('GET', address)).body;
    expect(followed).toMatchObject({ instructions: 'Be quick.', permissionMode: 'plan' });
    expect(followed).not.toHaveProperty('model');
    expect((await api().request('PATCH', address, { permissionMode: 'manual' })).body.permissionMode).toBe('manual');
    expect((await api().request('PATCH', address, { instructions: 'Mine.' })).body.problems).toMatchObject([
      { path: '/instructions', message: expect.stringContaining('“followed”') },
    ]);
    const left = (await api().request('PATCH', address, { definition: null, instructions: 'Mine.' })).body;
    expect(left).toMatchObject({ instructions: 'Mine.' });
    expect(left).not.toHaveProperty('definition');
    expect((await api().request('PATCH', address, { definition: 'followed' })).body).toMatchObject({
      definition: 'followed',
      instructions: 'Be quick.',
    });
    await api().request('DELETE', address);
    expect((await api().request('DELETE', '/api/definitions/followed')).status).toBe(204);
  });

  test('a definition that is not there, or instructions beside one, make no agent', async () => {
    await put('near');
    expect((await agentOf('naer')).body).toMatchObject({
      status: 422,
      problems: [{ path: '/definition', message: expect.stringContaining('Did you mean near?') }],
    });
    expect((await agentOf('near', { instructions: 'x' })).body.problems).toMatchObject([{ path: '/instructions' }]);
    await api().request('DELETE', '/api/definitions/near');
  });
}
