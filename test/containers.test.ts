import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CATALOGUE } from '../examples/mcp-server/catalogue.ts';
import { loadConfig } from '../src/config/index.ts';

/** No container engine builds these files here; what can be known without one is held by this test. */
const dockerfile = readFileSync('Dockerfile', 'utf8');
const compose = readFileSync('docker-compose.yml', 'utf8');
const service = (name: string) => new RegExp(`^  ${name}:\\n((?:    .*\\n|\\n)*)`, 'm').exec(compose)?.[1] ?? '';

function environmentOf(name: string): Record<string, string> {
  const block = /^ {4}environment:\n((?: {6}.*\n)*)/m.exec(service(name))?.[1] ?? '';
  const lines = block.split('\n').filter((line) => /^ {6}\w/.test(line));
  return Object.fromEntries(
    lines.map((line) => {
      const [variable = '', value = ''] = line.trim().split(/: (.*)/s);
      return [variable, value.replace(/^"(.*)"$/, '$1').replace(/^\$\{\w+:-(.*)\}$/, '$1')];
    }),
  );
}

describe('the Dockerfile', () => {
  it('copies only what exists', () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    expect(sources.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('has the gateway kit wherever its packages are installed or run: node_modules holds a link to it', () => {
    const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(workspaces).toEqual(['gateway']);
    const stages = dockerfile.split(/^FROM /m).slice(1);
    for (const stage of stages.filter((text) => text.includes('npm ci'))) {
      expect(stage.slice(0, stage.indexOf('npm ci'))).toContain('COPY gateway/package.json ./gateway/');
    }
    for (const stage of stages.filter((text) => /^CMD /m.test(text))) expect(stage).toContain('COPY gateway ./gateway');
  });

  it('runs every stage that is started as an ordinary user, on the Node that the project names, with a health check', () => {
    for (const stage of dockerfile.split(/^FROM /m).filter((text) => /^CMD /m.test(text))) {
      expect(stage).toMatch(/^node:24-slim AS \w+/);
      expect(stage).toMatch(/^USER node$/m);
      expect(stage).toMatch(/^HEALTHCHECK /m);
    }
  });

  it('starts the server as `npm start`, the installed command and the benchmark do', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const flags = /^node (.+) src\/main\.ts$/.exec(scripts.start)?.[1] ?? 'none';
    const command = `CMD ${JSON.stringify(['node', ...flags.split(' '), 'src/main.ts'])}`;
    expect(dockerfile.replaceAll('", "', '","')).toContain(command);
    expect(readFileSync('src/main.ts', 'utf8')).toMatch(`#!/usr/bin/env -S node ${flags}\n`);
    const subject = readFileSync('bench/subject.ts', 'utf8');
    for (const flag of flags.split(' ')) expect(subject).toContain(`'${flag}'`);
  });

  it('leaves development dependencies out of the server', () => {
    expect(dockerfile).toMatch(/AS dependencies\n[\s\S]*?RUN npm ci --omit=dev/);
    expect(dockerfile.slice(dockerfile.indexOf('AS server'))).toContain('COPY --from=dependencies');
  });
});

describe('docker-compose.yml', () => {
  it('mounts only files that exist', () => {
    const mounted = [...compose.matchAll(/^ {6}- (\.\/[^:]+):/gm)].map(([, path = '']) => path);
    expect(mounted.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('configures a server that starts, on Redis, for the gateway beside it', () => {
    const config = loadConfig({ ...environmentOf('server'), CONFIG_FILE: 'examples/mcp-server/auth.json' });
    expect(config.store).toMatchObject({ kind: 'redis', connection: { url: 'redis://redis:6379' } });
    expect(config.policy.resources[0]?.uri).toBe(environmentOf('gateway').RESOURCE);
    expect(config.issuer).toBe(environmentOf('gateway').ISSUER);
  });

  it('offers what the gateway publishes, and so does the shipped policy, under which it is mounted in development', () => {
    for (const CONFIG_FILE of ['examples/mcp-server/auth.json', 'config/auth.json']) {
      const [resource] = loadConfig({ CONFIG_FILE }).policy.resources;
      expect(resource?.scopes.map(({ name }) => name)).toEqual(CATALOGUE);
    }
  });

  it('waits for what a service needs to be healthy', () => {
    expect(service('server')).toMatch(/redis:\n\s+condition: service_healthy/);
    expect(service('gateway')).toMatch(/server:\n\s+condition: service_healthy/);
  });

  it('keeps Redis on disk and lets it forget nothing', () => {
    const redis = readFileSync('config/redis.conf', 'utf8');
    expect(redis).toMatch(/^appendonly yes$/m);
    expect(redis).toMatch(/^maxmemory-policy noeviction$/m);
  });
});
