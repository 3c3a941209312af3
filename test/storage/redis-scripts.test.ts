import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { scripts } from '../../src/storage/redis/scripts.ts';

const folder = new URL('../../src/storage/redis/scripts/', import.meta.url);

describe('every Redis script', () => {
  it('is in use', () => {
    expect(readdirSync(folder).sort()).toEqual(scripts.map(({ file }) => file).sort());
  });

  describe.each(scripts)('$name', ({ name, file, lua, numberOfKeys }) => {
    const [header = '', body = ''] = lua.split(']]\n', 2);

    it('opens with its contract, in the file of its name', () => {
      expect(header).toMatch(new RegExp(`^--\\[\\[ ${name}: .+\\.\\n`));
      expect(header).toMatch(/\n {5}returns \S/);
      expect(header).toMatch(/\n {5}Why a script: /);
      expect(file).toBe(`${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.lua`);
    });

    it('uses the keys and arguments that it documents, all of them and no others', () => {
      expect(placesIn(body)).toEqual(placesIn(header));
    });

    it('is told as many keys as it documents', () => {
      expect(placesIn(header).filter((place) => place.startsWith('KEYS'))).toHaveLength(numberOfKeys);
    });

    it('fits on a screen', () => {
      expect(lua.split('\n').length).toBeLessThanOrEqual(60);
    });
  });
});

function placesIn(text: string): string[] {
  return [...new Set(text.match(/(?:KEYS|ARGV)\[\d+\]/g))].sort();
}
